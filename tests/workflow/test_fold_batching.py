"""Jobs of one fold and of several lead to the same rows, on a corpus of tones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sersnake.embeddings import Embeddings
from tests.workflow.conftest import Project

TINY = """
corpus: mine
reader: csv
folds: {repeats: 2}
arms: [fused_ce, independent_he]
keep_weights: false
training:
  phase_1: {epochs: 3, decay_epochs: 3}
  retraining: {epochs: 1, decay_epochs: 1}
"""
KEYS = {
    "predictions.csv": ["arm", "fold", "utterance", "emotion"],
    "history.csv": ["network", "arm", "fold", "phase", "epoch"],
    "hard_index.csv": ["network", "fold", "utterance", "epochs"],
}
TARGETS = [f"results/mine/{name}" for name in KEYS]
# The jobs of each network, by the batching of the two folds.
BATCHINGS = {
    "acln: 1, fcn: all, fused: 1": {
        "acln/he": ["0", "1"],
        "fcn/he": ["0-to-1"],
        "fused/ce": ["0", "1"],
    },
    "acln: all, fcn: 1, fused: all": {
        "acln/he": ["0-to-1"],
        "fcn/he": ["0", "1"],
        "fused/ce": ["0-to-1"],
    },
}


def settings(project: Project, corpora: Path, batching: str) -> list[str]:
    path = project.folder / "tiny.yaml"
    path.write_text(f"{TINY}  fold_batching: {{{batching}}}\ncorpora_dir: '{corpora}'\n")
    return [*TARGETS, "--configfile", str(path)]


def test_every_batching_gives_the_same_rows(other_project: Project, corpora: Path) -> None:
    results = other_project.folder / "results" / "mine"
    rows: list[dict[str, pd.DataFrame]] = []
    for batching, jobs in BATCHINGS.items():
        call = settings(other_project, corpora, batching)
        other_project.finish("--cores", 2, *call)
        assert not list(results.rglob("*.weights.safetensors"))  # nothing needs them any more
        assert not other_project.planned(*call)
        for phase, groups in jobs.items():
            files = [results / "training" / phase / f"{group}.safetensors" for group in groups]
            assert sum((Embeddings.load(file).folds for file in files), ()) == ("0", "1")
        rows.append({name: pd.read_csv(results / name)[keys] for name, keys in KEYS.items()})
    for name in KEYS:
        pd.testing.assert_frame_equal(rows[0][name], rows[1][name])
        assert rows[0][name]["fold"].nunique() == 2


@pytest.mark.parametrize("batching", ["fcn: 0", "fcn: some", "fnc: 2"])
def test_an_impossible_batching_is_refused(
    batching: str, other_project: Project, corpora: Path
) -> None:
    run = other_project.run("-n", "--cores", 1, *settings(other_project, corpora, batching))
    assert run.returncode != 0
    assert "fold_batching" in run.stdout + run.stderr
