"""Each training job of one machine has a card of its own; the cards are pretended."""

from __future__ import annotations

from pathlib import Path

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


def test_jobs_at_once_have_different_cards_and_no_more_run_than_are_asked_for(
    other_project: Project, corpora: Path, tmp_path: Path
) -> None:
    folder = other_project.folder
    (folder / "tiny.yaml").write_text(f"{TINY}corpora_dir: '{corpora}'\n")
    targets = [f"results/mine/training/fcn/phase_1/{fold}.weights.safetensors" for fold in FOLDS]
    logs = folder / "results/mine/logs/train_phase_1"

    def cards(jobs: int) -> set[str]:
        options = ["--cores", 2, "--profile", "profiles/gpus", "--resources", f"gpu={jobs}"]
        options += ["--configfile", "tiny.yaml"]
        other_project.finish(*targets, *options, **CARDS, TMPDIR=str(tmp_path))
        printed = [path.read_text().splitlines() for path in logs.glob("fcn-*.log")]
        for target in targets:
            (folder / target).unlink()
        lines = [line for log in printed for line in log if line.startswith("card ")]
        assert len(lines) == len(FOLDS)
        return set(lines)

    assert cards(2) == {"card 0 of this machine", "card 1 of this machine"}
    assert cards(1) == {"card 0 of this machine"}
