"""A download ends in a whole corpus, or in one clear line and nothing on the disk."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pytest

from sersnake.cli import main
from sersnake.corpora.fetch import fetch, is_whole
from sersnake.errors import SersnakeError
from tests.web import Site, serve

NOISE = np.random.default_rng(0)
RECORDINGS = {f"wav/03a0{i}Fa.wav": NOISE.bytes(20_000) for i in range(10)}
HASHES = {name: hashlib.sha256(content).hexdigest() for name, content in RECORDINGS.items()}
LINK = ZipInfo("evil")
LINK.external_attr = 0o120777 << 16


def pack(more: str | ZipInfo = "erkennung.txt", content: bytes = b"x", altered: str = "") -> bytes:
    """An archive of the recordings, one of them perhaps altered, and of one file more."""
    memory = io.BytesIO()
    with ZipFile(memory, "w", ZIP_DEFLATED) as archive:
        for name, recording in RECORDINGS.items():
            archive.writestr(name, recording[name == altered :])
        archive.writestr(more, content)
    return memory.getvalue()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpora" / "emodb"


def failure(url: str, folder: Path) -> str:
    """The message of a download that fails without a trace."""
    with pytest.raises(SersnakeError) as error:
        fetch(url, folder, HASHES)
    assert [*folder.parent.parent.rglob("*")] == [folder.parent]
    message = str(error.value)
    assert message.startswith(f"{url}: ")
    assert message.endswith("no file was kept; try again later or give another address with --url")
    assert "\n" not in message
    return message


def test_corpus_arrives_whole_and_leaves_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir(parents=True)
    assert not is_whole(folder, HASHES)
    with serve(Site(pack(content=NOISE.bytes(9_000_000)))) as site:
        fetch(site.url, folder, HASHES)
    assert is_whole(folder, HASHES)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {*RECORDINGS, "erkennung.txt"}
    assert [*folder.parent.iterdir()] == [folder]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == ["4 of 9 MB", "8 of 9 MB", "9 of 9 MB"]


def test_files_of_the_user_are_not_touched(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    remedy = r"10 of 10 recordings are missing \(wav/03a00Fa.wav, .*, …\); move it away and call"
    with pytest.raises(SersnakeError, match=remedy):
        is_whole(folder, HASHES)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Site(status=404), "HTTP 404 Not Found"),
        (Site(pack(), lacks=1000), "1000 more expected"),
        (Site(bytes(400_000)), "sends more than 0.3 MB"),
        (Site(pack(content=bytes(400_000))), "it unpacks to more than 0.3 MB"),
        (
            Site(b"<!DOCTYPE html><title>Log in"),
            "not an intact zip archive (File is not a zip file)",
        ),
        (Site(pack().replace(RECORDINGS["wav/03a00Fa.wav"][:9], b"disturbed")), "Bad CRC-32"),
        (Site(pack()[50_000:]), "its beginning is missing"),
        (Site(pack("../../evil")), "entry '../../evil' points out of the folder"),
        (Site(pack("/tmp/evil")), "entry '/tmp/evil' points out of the folder"),
        (Site(pack(LINK)), "entry 'evil' is a link"),
        (Site(pack(altered="wav/03a04Fa.wav")), "1 of 10 recordings are not as published (wav/03a"),
    ],
)
def test_answer_that_is_not_the_corpus(
    answer: Site, message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sersnake.corpora.fetch.LARGEST", 300_000)
    with serve(answer) as site:
        assert message in failure(site.url, folder)


def test_server_that_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(Site()) as gone:
        pass
    assert ": Connection refused;" in failure(gone.url, folder)
    monkeypatch.setenv("http_proxy", gone.url.replace("//", "//user:secret@"))
    message = failure("http://emodb.invalid/download.zip", folder)
    assert "the proxy: Connection refused" in message
    assert "secret" not in message


@pytest.mark.parametrize("url", ["file:///etc/passwd", "download.zip", "http://[::1/a", "http://"])
def test_what_is_no_web_address(url: str, folder: Path) -> None:
    failure(url, folder)


def test_interrupt_leaves_nothing(folder: Path) -> None:
    with serve(Site(pack(), lacks=1000, stalls=True)) as site:
        command = [sys.executable, "-m", "sersnake", "fetch", "emodb", "--url", site.url]
        with subprocess.Popen(
            [*command, "--to", folder.parent],
            stderr=subprocess.PIPE,
            text=True,
            # Tests that run in the background would hand down that interrupts are ignored.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        ) as process:
            while not site.requests:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, output = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output.splitlines()[1:] == ["sersnake fetch: interrupted; no file was kept"]
    assert [*folder.parent.iterdir()] == []


@pytest.mark.parametrize("name", ["iemocap", "casia", "ravdess", "emovo"])
def test_other_corpora_say_where_they_are(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", name, "--to", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    start = f"sersnake fetch: error: sersnake does not download {name}; put it below {tmp_path} as "
    assert line.startswith(f"{start}{name}/")
    assert "http" in line.split()[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["emodb", "--revision", "main"], "--revision is for models; leave it out"),
        (["casia", "--revision", "main"], "--revision is for models; leave it out"),
        (["model", "a/b", "--url", "http://127.0.0.1"], "--url is for emodb; leave it out"),
    ],
)
def test_an_option_of_something_else_is_refused(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", *words, "--to", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_unknown_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "emodbb"]) == 2
    assert "'emodbb' is not one of" in capsys.readouterr().err
