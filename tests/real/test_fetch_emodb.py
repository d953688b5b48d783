"""The genuine recordings, packed as they are published and served on loopback."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from sersnake.cli import main
from tests.web import Site, serve

pytestmark = pytest.mark.real


def test_complete_certified_corpus_comes_out(
    emodb_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    # All files of the corpus, not only the recordings: the layout of the published archive.
    published = {path.relative_to(emodb_dir) for path in emodb_dir.rglob("*")}
    with ZipFile(tmp_path / "emodb.zip", "w", ZIP_DEFLATED, compresslevel=1) as packed:
        for path in sorted(published):
            packed.write(emodb_dir / path, path)
    root = tmp_path / "corpora"
    with serve(Site((tmp_path / "emodb.zip").read_bytes())) as site:
        command = ["fetch", "emodb", "--url", site.url, "--to", str(root)]
        assert main(command) == 0
        printed = capsys.readouterr()
        assert printed.out.splitlines() == [
            f"{root / 'emodb'} is complete: 535 utterances of 10 speakers, each recording as "
            "published",
            f"Next: SERSNAKE_CORPORA={root.resolve()} snakemake --cores 8 --configfile "
            "config/emodb.yaml",
        ]
        assert [path.name for path in root.iterdir()] == ["emodb"]
        assert {path.relative_to(root / "emodb") for path in root.rglob("*/*")} == published

        assert main(command) == 0
        again = capsys.readouterr()
        assert "already there and complete" in again.err
        assert again.out == printed.out

        (root / "emodb" / "wav" / "03a01Wa.wav").unlink()
        assert main(command) == 2
        remedy = "1 of 535 recordings are missing (wav/03a01Wa.wav); move it away"
        assert remedy in capsys.readouterr().err
    assert site.requests == 1
