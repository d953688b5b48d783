"""The workflow's first stages on a copy of the real EMODB recordings."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from sersnake.io import Features
from tests.workflow.conftest import Project, copy_project

pytestmark = pytest.mark.real
MFCC = "results/emodb/features/mfcc.safetensors"
EMODB = ["--cores", 2, "--configfile", "config/emodb.yaml"]


@pytest.fixture(scope="module")
def corpora(emodb_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the recordings that a test may touch."""
    folder = tmp_path_factory.mktemp("corpora")
    shutil.copytree(emodb_dir / "wav", folder / "emodb" / "wav")
    return folder


@pytest.fixture(scope="module")
def project(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with the MFCCs of all recordings extracted."""
    made = copy_project(tmp_path_factory.mktemp("project"))
    made.finish(MFCC, *EMODB, SERSNAKE_CORPORA=str(corpora))
    return made


def test_all_utterances_are_packed(project: Project) -> None:
    features = Features.load(project.folder / MFCC)
    assert len(features.utterances) == 535
    frames = features.offsets[1:] - features.offsets[:-1]
    assert frames.max() == 748
    assert round(frames.mean()) == 231


def test_touching_one_recording_extracts_its_shard_and_no_other(
    project: Project, corpora: Path
) -> None:
    environment = {"SERSNAKE_CORPORA": str(corpora)}
    shards = sorted((project.folder / "results/emodb/features/mfcc/shards").iterdir())
    before = {path.name: path.stat().st_mtime_ns for path in shards}
    assert len(before) == 9
    time.sleep(0.05)
    os.utime(corpora / "emodb" / "wav" / "09a05Wb.wav")
    project.finish(MFCC, *EMODB, **environment)
    changed = [path.name for path in shards if path.stat().st_mtime_ns != before[path.name]]
    assert changed == [p.name for p in shards if "09a05Wb" in Features.load(p).utterances]
    assert len(changed) == 1
    assert "Nothing to be done" in project.finish(MFCC, *EMODB, **environment)


@pytest.mark.parametrize("fault", ["missing", "renamed"])
def test_a_corpus_that_is_not_whole_stops_before_any_job(
    project: Project, corpora: Path, tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "emodb" / "wav"
    folder.mkdir(parents=True)
    for path in (corpora / "emodb" / "wav").iterdir():
        (folder / path.name).symlink_to(path)
    victim = folder / "03a01Fa.wav"
    if fault == "missing":
        victim.unlink()
    else:
        victim.rename(folder / 'Fröhlich \'n "gut".wav')
    run = project.run(MFCC, *EMODB, SERSNAKE_CORPORA=str(tmp_path))
    printed = run.stdout + run.stderr
    assert run.returncode != 0
    assert "Traceback" not in printed
    if fault == "missing":
        assert "534 of 535 utterances: 03a01Fa is missing (happiness, speaker 03)" in printed
        assert "allow_partial" in printed
    else:
        assert 'Fröhlich \'n "gut".wav' in printed
