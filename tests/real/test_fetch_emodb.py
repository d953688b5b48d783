"""The genuine recordings, packed as they are published and served on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.web import Site, serve

pytestmark = pytest.mark.real


def fetch(site: Site, root: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    command = [sys.executable, "-m", "sersnake", "fetch", "emodb", "--url", site.url]
    return subprocess.run(
        [*command, "--to", root, *more], capture_output=True, text=True, env=environment
    )


@pytest.fixture(scope="module")
def archive(emodb_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """All files of the corpus, not only the recordings: the layout of the published archive."""
    made = tmp_path_factory.mktemp("archive") / "download.zip"
    with ZipFile(made, "w", ZIP_DEFLATED, compresslevel=1) as packed:
        for path in sorted(emodb_dir.rglob("*")):
            packed.write(path, path.relative_to(emodb_dir))
    content = made.read_bytes()
    made.unlink()
    return content


def test_complete_certified_corpus_comes_out(
    archive: bytes, emodb_dir: Path, tmp_path: Path
) -> None:
    with serve(Site(archive, cut=[10_000_000, None])) as site:
        run = fetch(site, tmp_path)
        assert run.returncode == 0, run.stderr
        assert [request.get("Range") for request in site.requests] == [None, "bytes=10000000-"]
        first, last = run.stdout.splitlines()
        assert first == (
            f"{tmp_path / 'emodb'} is complete: 535 utterances of 10 speakers, each recording as "
            "published"
        )
        command = "snakemake --cores 8 --configfile config/emodb.yaml"
        assert last == f"Next: SERSNAKE_CORPORA={tmp_path.resolve()} {command}"
        assert [path.name for path in tmp_path.iterdir()] == ["emodb"]
        published = {path.relative_to(emodb_dir) for path in emodb_dir.rglob("*")}
        assert {path.relative_to(tmp_path / "emodb") for path in tmp_path.rglob("*/*")} == published

        site.requests.clear()
        again = fetch(site, tmp_path)
        assert again.returncode == 0
        assert "already there and complete" in again.stderr
        assert again.stdout == run.stdout

        (tmp_path / "emodb" / "wav" / "03a01Wa.wav").unlink()
        spoilt = fetch(site, tmp_path)
        assert spoilt.returncode == 2
        assert "1 of 535 recordings are missing (wav/03a01Wa.wav); move it away" in spoilt.stderr
        assert site.requests == []


def test_archive_of_another_edition_is_refused(archive: bytes, tmp_path: Path) -> None:
    with serve(Site(archive)) as site:
        run = fetch(site, tmp_path, "--sha256", "0" * 64)
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].startswith("sersnake fetch: error: http://127.0.0.1:")
    assert "not the 0000" in run.stderr
    assert list(tmp_path.iterdir()) == []
