"""The whole workflow on the demo corpus with next to no training: files, resuming, re-running."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.conftest import Project

TINY = """
corpus: demo
folds: {repeats: 2}
training:
  phase_1: {epochs: 3, decay_epochs: 3}
  retraining: {epochs: 1, decay_epochs: 1}
  phase_2: {epochs: 1, decay_epochs: 1}
  networks: {fcn: {phase_1: {epochs: 3, decay_epochs: 3}}}
"""
ARMS = {"independent_ce", "independent_he", "fused_ce", "is09_svm"}
EMOTIONS = ["angry", "happy", "neutral", "sad"]
REPEATABLE = ["predictions.csv", "hard_index.csv", "history.csv", "metrics.csv", "folds.csv"]


def tiny(project: Project) -> list[str]:
    (project.folder / "tiny.yaml").write_text(TINY)
    return ["--configfile", "tiny.yaml"]


@pytest.fixture(scope="module")
def results(project: Project) -> Path:
    """Results of an undisturbed run on two cores."""
    project.finish("--cores", 2, *tiny(project))
    return project.folder / "results" / "demo"


def test_every_promised_file_has_its_columns(results: Path) -> None:
    columns = {
        "manifest.csv": ["utterance", "path", "speaker", "emotion", "duration", "sample_rate"],
        "folds.csv": ["fold", "utterance", "part"],
        "history.csv": ["network", "arm", "fold", "phase", "epoch", "loss"],
        "hard_index.csv": [
            *("network", "fold", "utterance", "misclassified", "epochs", "hard_index", "hard")
        ],
        "predictions.csv": ["arm", "fold", "utterance", "emotion", "predicted"]
        + [f"score_{name}" for name in EMOTIONS],
        "metrics.csv": ["arm", "fold", "metric", "value"],
    }
    for name, expected in columns.items():
        assert set(expected) <= set(pd.read_csv(results / name, nrows=1).columns), name
    for number in (2, 3, 4):
        assert (results / f"figures/figure{number}.pdf").read_bytes().startswith(b"%PDF")
        assert (results / f"figures/figure{number}.png").read_bytes().startswith(b"\x89PNG")


def test_every_arm_predicts_every_test_utterance_of_every_fold(results: Path) -> None:
    folds = pd.read_csv(results / "folds.csv")
    tested = set(map(tuple, folds.loc[folds["part"] == "test", ["fold", "utterance"]].to_numpy()))
    predictions = pd.read_csv(results / "predictions.csv")
    assert set(predictions["arm"]) == ARMS
    for _, of_arm in predictions.groupby("arm"):
        pairs = list(map(tuple, of_arm[["fold", "utterance"]].to_numpy()))
        assert len(pairs) == len(tested)
        assert set(pairs) == tested


def test_hard_index_is_of_the_training_part(results: Path) -> None:
    folds = pd.read_csv(results / "folds.csv")
    hard = pd.read_csv(results / "hard_index.csv")
    for (_, fold), rows in hard.groupby(["network", "fold"]):
        trained = folds[(folds["fold"] == fold) & (folds["part"] == "train")]
        assert set(rows["utterance"]) == set(trained["utterance"])
        assert set(rows["epochs"]) == {3}
    assert hard["hard_index"].between(0, 1).all()


def test_history_of_each_arm_runs_through_both_phases(results: Path) -> None:
    history = pd.read_csv(results / "history.csv")
    for _, rows in history.groupby(["network", "arm", "fold"]):
        assert rows["epoch"].tolist() == [1, 2, 3, 4]


def test_synthetic_data_is_called_synthetic(results: Path) -> None:
    assert pd.read_csv(results / "manifest.csv")["synthetic"].all()
    for kind in ("tex", "html", "txt"):
        assert "synthetic" in (results / f"tables/table3.{kind}").read_text()


def test_provenance_holds_the_schedules_and_the_time(results: Path) -> None:
    provenance = json.loads((results / "provenance.json").read_text())
    assert provenance["config"]["training"]["phase_1"]["epochs"] == 3
    assert provenance["config"]["training"]["phase_1"]["batch_size"] == 32
    assert provenance["seeds"] == {"seed": 0}
    assert provenance["versions"]["torch"]
    assert provenance["wall_time"]["train_phase_1"] > 0


def test_second_call_has_nothing_to_do(project: Project, results: Path) -> None:
    assert "Nothing to be done" in project.finish("--cores", 2, *tiny(project))


def test_library_edits_make_again_what_depends_on_them(project: Project, results: Path) -> None:
    module = project.folder / "sersnake" / "metrics.py"
    before = module.read_text()
    module.write_text(before + "\n# an edit\n")
    planned = project.planned(*tiny(project))
    module.write_text(before)
    assert planned["score_predictions"] == 1
    assert not {"classify", "train_phase_1", "extract_mfcc_shard"} & set(planned)


def test_kernel_edits_build_and_extract_again(project: Project, results: Path) -> None:
    source = next((project.folder / "csrc").glob("*.cc"))
    before = source.read_text()
    source.write_text(before + "\n// an edit\n")
    planned = project.planned("results/demo/features/mfcc.safetensors", *tiny(project))
    source.write_text(before)
    assert planned["build_extension"] == 1
    assert planned["extract_mfcc_shard"] == 4
    assert "extract_functionals_shard" not in planned


def test_killed_run_goes_on_to_the_same_bytes(other_project: Project, results: Path) -> None:
    """SIGKILL in the middle of training; then `sersnake resume`, which the next call has named."""
    call = ["--cores", 2, *tiny(other_project)]
    process = subprocess.Popen(
        other_project.command(*call),
        cwd=other_project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    logs = other_project.folder / "results" / "demo" / "logs" / "train_phase_1"
    deadline = time.monotonic() + 300
    while not any(path.stat().st_size for path in logs.glob("acln-*.log")):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    refused = other_project.run(*call)
    assert refused.returncode == 1
    assert f"(process {process.pid} of " in refused.stderr
    assert "was killed; `sersnake resume` removes its locks" in refused.stderr

    resume = [sys.executable, "-m", "sersnake", "resume", "--yes"]
    subprocess.run(resume, cwd=other_project.folder, check=True)
    resumed = other_project.folder / "results" / "demo"
    for name in REPEATABLE:
        assert (resumed / name).read_bytes() == (results / name).read_bytes(), name
    assert not list(resumed.rglob(".*.safetensors"))
    assert not list(resumed.rglob(".*.csv"))
    assert "Nothing to be done" in other_project.finish(*call)
