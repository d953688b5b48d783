"""A job an utterance and a job a shard lead to the same bytes, on a corpus in CASIA's layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.workflow.conftest import Project

SPEAKERS = ["liuchanhg", "ZhaoZuoxiang"]
EMOTIONS = ["angry"]


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two noises of half a second, in a folder whose name needs quoting."""
    folder = tmp_path_factory.mktemp("corpora") / 'Mein Körper\'s "Korpus"'
    rng = np.random.default_rng(0)
    for speaker in SPEAKERS:
        for emotion in EMOTIONS:
            path = folder / "casia" / speaker / emotion / "201.wav"
            path.parent.mkdir(parents=True)
            soundfile.write(path, rng.normal(0, 0.1, 8000), 16000)
    return folder


TARGETS = [f"results/casia/features/{name}.safetensors" for name in ("mfcc", "is09")]


def extract(project: Project, corpora: Path, granularity: str) -> None:
    """Makes the packs."""
    settings = project.folder / "granularity.yaml"
    settings.write_text(
        f"allow_partial: true\nextraction: {{granularity: {granularity}, shard_size: 1}}\n"
    )
    project.finish(
        *("--cores", 2, *TARGETS, "--configfile", "config/casia.yaml", settings),
        SERSNAKE_CORPORA=str(corpora),
    )


def packs(project: Project) -> list[bytes]:
    return [(project.folder / path).read_bytes() for path in TARGETS]


def test_both_granularities_give_the_same_bytes(project: Project, corpora: Path) -> None:
    extract(project, corpora, "shard")
    by_shard = packs(project)
    features = project.folder / "results" / "casia" / "features"
    assert len(list((features / "mfcc" / "shards").iterdir())) == 2
    for pack in features.glob("*.safetensors"):
        pack.unlink()
    extract(project, corpora, "utterance")
    assert len(list((features / "mfcc" / "utterances").iterdir())) == 2
    assert by_shard == packs(project)


def test_missing_corpus_is_one_clear_message(project: Project, tmp_path: Path) -> None:
    run = project.run(
        *("--dry-run", "--cores", 1, "--configfile", "config/iemocap.yaml"),
        *("--config", f"corpora_dir={tmp_path}"),
    )
    printed = run.stdout + run.stderr
    assert run.returncode != 0
    assert str(tmp_path / "iemocap") in printed
    assert "SERSNAKE_CORPORA" in printed
    assert "Traceback" not in printed
