"""Which folds a job trains, by the config. What it makes of them is for tests of the verbs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflow.conftest import Project

TINY = """
corpus: mine
reader: csv
folds: {repeats: 3}
systems: [fused_ce, independent_he]
training:
"""
TARGETS = ["results/mine/predictions.csv"]
# Jobs of phase 1, and of re-training, by the batching of the three folds.
BATCHINGS = {
    "acln: 1, fcn: all, fused: 1": (3 + 1 + 3, 3 + 1),
    "acln: 2, fcn: 1, fused: all": (2 + 3 + 1, 2 + 3),
}


def settings(project: Project, corpora: Path, batching: str) -> list[str]:
    path = project.folder / "tiny.yaml"
    path.write_text(f"{TINY}  fold_batching: {{{batching}}}\ncorpora_dir: '{corpora}'\n")
    return [*TARGETS, "--configfile", str(path)]


@pytest.mark.parametrize("batching", BATCHINGS)
def test_a_job_trains_as_many_folds_as_the_config_says(
    batching: str, other_project: Project, corpora: Path
) -> None:
    planned = other_project.planned(*settings(other_project, corpora, batching))
    jobs = planned["train_phase_1"], planned["retrain_on_hard_examples"]
    assert jobs == BATCHINGS[batching]
    assert planned["classify"] == 2  # of all folds, whichever job has trained them
