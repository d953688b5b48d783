"""Downloads that break, lie or turn hostile end in a whole corpus or in one clear line."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import shutil
import signal
import ssl
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.request import Request

import numpy as np
import pytest

from sersnake.corpora.fetch.install import install, is_installed
from sersnake.corpora.fetch.progress import ByteProgress
from sersnake.corpora.fetch.source import SOURCES, Limits, Source
from sersnake.corpora.fetch.web import _Redirects
from sersnake.errors import SersnakeError
from tests.web import Proxy, Site, serve

NOISE = np.random.default_rng(0)
RECORDINGS = {f"wav/03a0{i}Fa.wav": NOISE.bytes(20_000) for i in range(10)}
HASHES = {name: hashlib.sha256(content).hexdigest() for name, content in RECORDINGS.items()}
PATHS = {*RECORDINGS, "erkennung.txt"}


def pack(recordings: dict[str, bytes], **more: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in {**recordings, **more, "erkennung.txt": b"96,5"}.items():
            archive.writestr(name, content)
    return memory.getvalue()


NOTE = '{"url": "http://127.0.0.1/", "validator": "", "size": "large"}'
ARCHIVE = pack(RECORDINGS)
SIZE = f"{len(ARCHIVE) / 1000:.1f} kB"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(Site(ARCHIVE)) as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpora" / "emodb"


def fetch(site: Site, folder: Path, **changes: object) -> str:
    """Brings the small corpus; gives what was printed."""
    source = replace(Source(site.url, lambda: HASHES), **changes)
    stream = io.StringIO()
    install(source, folder, ByteProgress(stream), timeout=5, pause=0.001)
    return stream.getvalue()


def failure(site: Site, folder: Path, **changes: object) -> str:
    with pytest.raises(SersnakeError) as error:
        fetch(site, folder, **changes)
    assert "\n" not in str(error.value)
    return str(error.value)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def assert_complete(folder: Path) -> None:
    assert files(folder) == PATHS
    assert is_installed(folder, HASHES)
    assert names(folder.parent) == {"emodb"}


def asked(site: Site, header: str = "Range") -> list[str | None]:
    return [request.get(header) for request in site.requests]


def test_corpus_arrives_whole_and_leaves_nothing_else(site: Site, folder: Path) -> None:
    said = fetch(site, folder)
    assert_complete(folder)
    lines = said.splitlines()
    assert 3 <= len(lines) <= 12
    assert lines[-2].startswith(f"{SIZE} of {SIZE}, 100%, ")
    assert lines[-2].endswith("B/s, 0 s left")
    assert lines[-1] == "11 files unpacked; checking the recordings"


def test_archive_is_kept_on_demand(site: Site, folder: Path) -> None:
    install(
        Source(site.url, lambda: HASHES), folder, ByteProgress(io.StringIO()), keep_archive=True
    )
    assert names(folder.parent) == {"emodb", "emodb.zip"}
    assert folder.with_name("emodb.zip").read_bytes() == ARCHIVE


@pytest.mark.parametrize(
    ("mark", "sent"),
    [
        ({"ETag": '"first"'}, '"first"'),
        ({"Last-Modified": "Mon, 10 Jan 2005 10:00:00 GMT"}, "Mon, 10 Jan 2005 10:00:00 GMT"),
        ({"ETag": 'W/"weak"', "Last-Modified": "Mon, 10 Jan 2005 10:00:00 GMT"}, "Mon, 10 Jan"),
    ],
)
def test_broken_connection_is_resumed(
    site: Site, folder: Path, mark: dict[str, str], sent: str
) -> None:
    site.mark, site.cut = mark, [100_000, None]
    said = fetch(site, folder)
    assert_complete(folder)
    assert asked(site) == [None, "bytes=100000-"]
    assert (asked(site, "If-Range")[1] or "").startswith(sent)
    assert f"the connection ended after 100.0 kB of {SIZE}; trying again in" in said


def test_line_that_breaks_often_but_brings_something_is_enough(site: Site, folder: Path) -> None:
    site.cut = [12_000] * 12 + [None]
    fetch(site, folder)
    assert_complete(folder)
    assert len(site.requests) == 13


def test_five_attempts_in_vain_end_and_the_next_call_goes_on(site: Site, folder: Path) -> None:
    site.cut = [50_000, 0]
    said = failure(site, folder)
    assert "5 times in a row; repeat the call later, which goes on after 50.0 kB" in said
    assert len(site.requests) == 6 - 1
    assert names(folder.parent) == {"emodb.zip.part", "emodb.zip.part.json"}
    site.cut, site.requests = [None], []
    fetch(site, folder)
    assert_complete(folder)
    assert asked(site) == ["bytes=50000-"]


def test_whole_download_is_not_asked_for_again(site: Site, folder: Path) -> None:
    site.cut = [50_000, 0]
    failure(site, folder)
    folder.with_name("emodb.zip.part").write_bytes(ARCHIVE)  # killed before it was unpacked
    site.requests = []
    fetch(site, folder)
    assert_complete(folder)
    assert site.requests == []


@pytest.mark.parametrize(("ranges", "mark"), [(False, {"ETag": '"first"'}), (True, {})])
def test_server_that_cannot_resume_starts_over(
    site: Site, folder: Path, ranges: bool, mark: dict[str, str]
) -> None:
    site.ranges, site.mark, site.cut = ranges, mark, [100_000, None]
    fetch(site, folder)
    assert_complete(folder)
    assert len(site.requests) == 2


def test_file_that_changed_between_the_attempts_is_not_mixed(site: Site, folder: Path) -> None:
    site.content, site.cut = pack(dict.fromkeys(RECORDINGS, b"old" * 5000)), [100_000, 0]
    failure(site, folder)
    site.content, site.mark, site.cut = ARCHIVE, {"ETag": '"second"'}, [None]
    assert "the whole file again; starting over" in fetch(site, folder)
    assert_complete(folder)


def test_another_address_starts_over(site: Site, folder: Path) -> None:
    site.cut = [100_000, 0]
    failure(site, folder)
    with serve(Site(ARCHIVE)) as other:
        fetch(other, folder)
        assert asked(other) == [None]
    assert_complete(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 1}', NOTE])
def test_damaged_note_of_the_edition_starts_over(site: Site, folder: Path, content: str) -> None:
    folder.parent.mkdir()
    folder.with_name("emodb.zip.part").write_bytes(b"something else")
    folder.with_name("emodb.zip.part.json").write_text(content)
    fetch(site, folder)
    assert_complete(folder)


def test_answer_that_is_another_part_than_asked_for(site: Site, folder: Path) -> None:
    site.cut = [100_000, 0]
    failure(site, folder)
    part = folder.with_name("emodb.zip.part")
    part.write_bytes(part.read_bytes() + bytes(200_000))  # longer than the file on the server
    site.cut, site.requests = [None], []
    fetch(site, folder)
    assert_complete(folder)
    assert asked(site) == ["bytes=300000-", None]


def test_server_that_stays_silent_is_asked_again(site: Site, folder: Path) -> None:
    site.cut, site.stall = [100_000, None], True
    stream = io.StringIO()
    install(
        Source(site.url, lambda: HASHES), folder, ByteProgress(stream), timeout=0.1, pause=0.001
    )
    assert "no answer in time; trying again" in stream.getvalue()
    assert_complete(folder)


def test_busy_server_is_asked_again(site: Site, folder: Path) -> None:
    site.status = [503, 429, 200]
    assert "HTTP 503 Service Unavailable; trying again" in fetch(site, folder)
    assert_complete(folder)


def test_server_that_is_not_there(folder: Path) -> None:
    with serve(Site()) as gone:
        pass
    said = failure(gone, folder)
    assert "Connection refused, 5 times in a row; repeat the call later or give another" in said
    assert names(folder.parent) == set()


def test_missing_file_is_not_asked_for_twice(site: Site, folder: Path) -> None:
    site.status = [404]
    assert "HTTP 404 Not Found; look for the present address" in failure(site, folder)
    assert len(site.requests) == 1
    assert names(folder.parent) == set()


@pytest.mark.parametrize("ranges", [True, False])
def test_declared_length_that_is_too_large(site: Site, folder: Path, ranges: bool) -> None:
    site.length, site.ranges = len(ARCHIVE) + 1000, ranges
    assert f"the connection ended after {SIZE} of " in failure(site, folder)
    assert not folder.exists()


def test_declared_length_that_is_too_small(site: Site, folder: Path) -> None:
    site.length = len(ARCHIVE) - 1000
    assert "no sound zip archive" in failure(site, folder)
    assert names(folder.parent) == set()


def test_undeclared_length(site: Site, folder: Path) -> None:
    site.length = None
    fetch(site, folder)
    assert_complete(folder)


@pytest.mark.parametrize("length", [-1, None])
def test_endless_answer_is_cut_at_the_limit(site: Site, folder: Path, length: int | None) -> None:
    site.content, site.length = bytes(10**6), length
    said = failure(site, folder, limits=Limits(packed=300_000))
    assert "sends more than 300.0 kB, so it is not the archive" in said
    assert names(folder.parent) == set()


def test_disk_without_room_is_said_before_the_download(site: Site, folder: Path) -> None:
    site.length = 2**50
    assert "make room" in failure(site, folder, limits=Limits(packed=2**60))
    assert names(folder.parent) == set()


def test_file_that_cannot_grow_is_no_broken_connection(site: Site, folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            fetch(site, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(site.requests) == 1
    fetch(site, folder)
    assert_complete(folder)
    assert asked(site)[1:] == ["bytes=100000-"]


def test_redirection_is_followed_and_resumed(site: Site, folder: Path) -> None:
    site.status, site.location, site.cut = [302, 200] * 2, "/elsewhere.zip", [0, 100_000, 0, None]
    fetch(site, folder)
    assert_complete(folder)
    assert asked(site, "path") == ["/download.zip", "/elsewhere.zip"] * 2
    assert asked(site) == [None, None, "bytes=100000-", "bytes=100000-"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/a.zip", "data:,x"])
def test_redirection_to_another_protocol_is_refused(
    site: Site, folder: Path, location: str
) -> None:
    site.status, site.location = [302], location
    assert "HTTP 302" in (said := failure(site, folder)) or "not as safe" in said
    assert names(folder.parent) == set()


def test_endless_redirection(site: Site, folder: Path) -> None:
    site.status, site.location = [302], site.url
    assert "infinite loop" in failure(site, folder)
    assert len(site.requests) < 12


def test_redirection_from_https_to_http_is_refused() -> None:
    with pytest.raises(SersnakeError, match="not as safe"):
        _Redirects().redirect_request(
            Request("https://example.org/a.zip"), None, 302, "", {}, "http://example.org/a.zip"
        )


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a.zip",
        "download.zip",
        "http://",
        "http://[::1/a.zip",
        "http://example.org:99999/a.zip",
        "http://user:secret@example.org/a.zip",
        "http://example.org/a b.zip",
        "http://exämple.org/a.zip",
        "http://example.org/\r\nHost: evil",
    ],
)
def test_what_is_no_web_address(folder: Path, url: str) -> None:
    assert "is no address as in https://" in failure(Site(url=url), folder)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a server that only this test knows."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of the test's https server")
    made = tmp_path_factory.mktemp("certificate") / "server.pem"
    kind = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    name = ("-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run(
        ["openssl", "req", *kind.split(), *name, "-keyout", made, "-out", made.with_suffix(".crt")],
        check=True,
        capture_output=True,
    )
    made.write_text(made.read_text() + made.with_suffix(".crt").read_text())
    return made


def test_https_needs_a_certificate_that_is_trusted(
    certificate: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(Site(ARCHIVE), tls=context) as site:
        said = failure(site, folder)
        assert "certificate is not accepted (self-signed certificate)" in said
        assert site.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
        fetch(site, folder)
    assert_complete(folder)


def test_sha256_of_the_archive(site: Site, folder: Path) -> None:
    right = hashlib.sha256(ARCHIVE).hexdigest()
    said = failure(site, folder, sha256="0" * 64)
    assert f"it has the sha256 {right}, not the {'0' * 64} demanded" in said
    assert names(folder.parent) == set()
    fetch(site, folder, sha256=right)
    assert_complete(folder)


def test_altered_recording_is_named_and_nothing_is_left(site: Site, folder: Path) -> None:
    site.content = pack({**RECORDINGS, "wav/03a04Fa.wav": b"altered"})
    said = failure(site, folder)
    assert "1 of 10 recordings are not as published (wav/03a04Fa.wav)" in said
    assert "the download has been removed" in said
    assert names(folder.parent) == set()


def test_missing_recordings_are_named(site: Site, folder: Path) -> None:
    site.content = pack(dict(list(RECORDINGS.items())[4:]))
    said = failure(site, folder)
    assert (
        "4 of 10 recordings are missing (wav/03a00Fa.wav, wav/03a01Fa.wav, wav/03a02Fa.wav, …)"
        in said
    )


def test_hostile_archive_leaves_nothing(site: Site, folder: Path) -> None:
    site.content = pack(RECORDINGS, **{"../../evil": "x"})
    assert "entry '../../evil' has an empty part, . or .." in failure(site, folder)
    assert names(folder.parent) == set()
    assert names(folder.parent.parent) == {"corpora"}


def test_login_page_instead_of_the_archive(site: Site, folder: Path) -> None:
    site.content = b"<!DOCTYPE html><title>Log in to this network</title>"
    assert "it is no sound zip archive" in failure(site, folder)
    assert names(folder.parent) == set()


def test_remains_of_a_killed_call_do_not_matter(site: Site, folder: Path) -> None:
    stale = folder.with_name(".emodb.unpacked") / "wav"
    stale.mkdir(parents=True)
    (stale / "03a01Fa.wav").write_text("half")
    (stale / "unknown.wav").write_text("?")
    folder.mkdir()
    fetch(site, folder)
    assert_complete(folder)


@contextmanager
def calling(site: Site, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The verb in a process of its own, once the server has sent all that it will send."""
    command = [sys.executable, "-m", "sersnake", "fetch", "emodb", "--url", site.url]
    part = folder.with_name("emodb.zip.part")
    with subprocess.Popen(
        [*command, "--to", folder.parent],
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background would hand down that interrupts are ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            while not part.exists() or part.stat().st_size != site.cut[0]:
                assert process.poll() is None
                time.sleep(0.01)
            yield process
        finally:
            process.kill()


def test_two_calls_at_once(site: Site, folder: Path) -> None:
    site.cut, site.stall = [100_000], True
    with calling(site, folder):
        assert "another sersnake fetch is at work" in failure(site, folder)


def test_files_of_the_user_are_not_touched(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(SersnakeError, match=r"10 of 10 recordings are missing .*; move it away"):
        is_installed(folder, HASHES)
    assert files(folder) == {"notes.txt"}


def test_terminal_gets_one_line_that_is_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sersnake.corpora.fetch.progress.SECONDS_BETWEEN_UPDATES", 0)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    progress = ByteProgress(stream)
    progress.start(0, 1000)
    for have in range(0, 1001, 10):
        progress.show(have)
    progress.note("done")
    assert stream.getvalue().count("\r") == 101
    assert stream.getvalue().count("\n") == 2
    assert stream.getvalue().startswith("\r0 B, 0 B/s\x1b[K\r10 B of 1.0 kB, 1%, ")
    assert stream.getvalue().endswith(" 0 s left\x1b[K\ndone\n")


def test_published_address_is_one_that_can_be_asked() -> None:
    assert SOURCES["emodb"].url.startswith("http")
    assert len(SOURCES["emodb"].hashes()) == 535


def test_killed_download_is_resumed(site: Site, folder: Path) -> None:
    site.cut, site.stall = [100_000, None], True
    with calling(site, folder):
        pass
    fetch(site, folder)
    assert_complete(folder)
    assert asked(site) == [None, "bytes=100000-"]


def test_interrupt_leaves_the_part_and_says_so(site: Site, folder: Path) -> None:
    site.cut, site.stall = [100_000], True
    with calling(site, folder) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "sersnake fetch: interrupted; the same call goes on later"
    assert names(folder.parent) == {"emodb.zip.part", "emodb.zip.part.json"}


def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sersnake", "fetch", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_proxy_of_the_environment_is_used(tmp_path: Path) -> None:
    with serve(Site(b"not the corpus"), Proxy) as proxy:
        address = proxy.url.removesuffix("/download.zip")
        url = "http://emodb.invalid/download.zip"
        run = call("emodb", "--url", url, "--to", tmp_path, http_proxy=address)
    assert [request["path"] for request in proxy.requests] == [url]
    assert proxy.requests[0]["Host"] == "emodb.invalid"
    assert run.returncode == 2
    assert "no sound zip archive" in run.stderr


def test_no_proxy_is_honoured(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    fetch(site, folder)
    assert_complete(folder)


def test_proxy_that_is_not_there_is_mentioned(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://user:secret@127.0.0.1:9")
    said = failure(site, folder)
    assert "(http_proxy is set)" in said
    assert "secret" not in said


@pytest.mark.parametrize("name", ["iemocap", "casia", "ravdess", "emovo"])
def test_other_corpora_say_where_they_are(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sersnake.cli import main

    assert main(["fetch", name, "--to", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    start = f"sersnake fetch: error: sersnake does not download {name}; put it below {tmp_path} as "
    assert line.startswith(f"{start}{name}/")
    assert "http" in line.split()[-1]
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["emodbb"], "'emodbb' is none of"),
        (["emodb", "--sha256", "abc"], "64 hexadecimal digits"),
        (["emodb", "--timeout", "0"], "--timeout 0"),
        (["emodb", "--timeout", "nan"], "--timeout nan"),
    ],
)
def test_mistakes_of_the_user(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sersnake.cli import main

    try:
        code = main(["fetch", *arguments, "--to", str(tmp_path)])
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert names(tmp_path) == set()
