"""Each training job of one machine has a card of its own; the cards are pretended."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock

from tests.workflow.conftest import Project

TINY = """
corpus: mine
reader: csv
folds: {repeats: 4}
training:
  fold_batching: {fcn: 1}
  networks: {fcn: {phase_1: {epochs: 2, decay_epochs: 2}}}
"""
FOLDS = range(4)
CARDS = {"CUDA_VISIBLE_DEVICES": "0,1"}


def test_each_job_takes_the_first_free_card(
    other_project: Project, corpora: Path, tmp_path: Path
) -> None:
    """One job at a time finds card 0 free, or card 1 where another process has that."""
    folder = other_project.folder
    (folder / "tiny.yaml").write_text(f"{TINY}corpora_dir: '{corpora}'\n")
    targets = [f"results/mine/training/fcn/phase_1/{fold}.weights.safetensors" for fold in FOLDS]
    logs = folder / "results/mine/logs/train_phase_1"

    def cards() -> set[str]:
        options = ["--cores", 2, "--profile", "profiles/gpus", "--resources", "gpu=1"]
        options += ["--configfile", "tiny.yaml"]
        other_project.finish(*targets, *options, **CARDS, TMPDIR=str(tmp_path))
        printed = [path.read_text().splitlines() for path in logs.glob("fcn-*.log")]
        for target in targets:
            (folder / target).unlink()
        lines = [line for log in printed for line in log if line.startswith("card ")]
        assert len(lines) == len(FOLDS)
        return set(lines)

    assert cards() == {"card 0 of this machine"}
    with FileLock(tmp_path / f"sersnake-cards-{os.getuid()}" / "0.lock"):
        assert cards() == {"card 1 of this machine"}
