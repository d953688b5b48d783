"""Readings: what each trains of its own, and what it takes from the run that it varies."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from sersnake.io import read_csv
from sersnake.protocols import outer_names
from tests.workflow.conftest import Project
from tests.workflow.test_arms import TINY

ARMS = "arms: [independent_he]\nfolds: {repeats: 2}\n"
READINGS = """
readings:
  nothing: {seeds: 1}
  classifier: {svm: {cost: 0.01}}
  schedule: {training: {networks: {fcn: {retraining: {learning_rate: 0.01}}}}}
  window: {mfcc: {n_fft: 512}}
  seeds: {seeds: 2}
  union: {mining: {union: true}}
  speakers: {folds: {protocol: speaker_disjoint}}
"""
# Jobs of a reading that the run itself has no use for: ACLN two jobs, FCN one.
OWN = {
    "nothing": {},
    "classifier": {},
    "schedule": {"retrain_on_hard_examples": 1},
    "window": {"train_phase_1": 2, "retrain_on_hard_examples": 2, "extract_mfcc_shard": 1},
    "seeds": {"train_phase_1": 3, "retrain_on_hard_examples": 3},
    "union": {"retrain_on_hard_examples": 3},
    "speakers": {"train_phase_1": 5, "retrain_on_hard_examples": 5},
}
# A job in the folder of a reading, as Snakemake prints it.
JOB = re.compile(r"rule (\w+):\n(?:    .*\n)*?    output: results/mine/readings/(\w+)/")
COUNTED = ("train_phase_1", "retrain_on_hard_examples", "extract_mfcc_shard")


def settings(project: Project, corpora: Path) -> list[str]:
    path = project.folder / "tiny.yaml"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{ARMS}{READINGS}")
    return ["--configfile", str(path)]


def metrics_of(reading: str) -> str:
    return f"results/mine/readings/{reading}/metrics.csv"


def test_readings_that_read_the_test_set_are_no_candidates(
    other_project: Project, corpora: Path
) -> None:
    path = other_project.folder / "tiny.yaml"
    readings = "{x: {training: {normalisation: speaker}}}\nbeyond: {readings: [x]}"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{ARMS}readings: {readings}\n")
    run = other_project.run("--dry-run", "--cores", 1, "--configfile", path)
    assert run.returncode == 1
    message = "beyond: readings: x scales by speaker, which reads the test part"
    assert message in " ".join((run.stdout + run.stderr).split())


def test_a_reading_trains_what_its_keys_reach(other_project: Project, corpora: Path) -> None:
    targets = ["results/mine/metrics.csv", *map(metrics_of, OWN)]
    words = [*targets, *settings(other_project, corpora), "--dry-run", "--cores", 1, "--verbose"]
    plan = other_project.finish(*words)
    counts = {reading: Counter[str]() for reading in OWN}
    for rule, reading in JOB.findall(plan):
        counts[reading][rule] += rule in COUNTED
    assert {reading: dict(+count) for reading, count in counts.items()} == OWN


def test_readings_run_side_by_side(other_project: Project, corpora: Path) -> None:
    targets = [f"readings/{name}/predictions.csv" for name in ("nothing", "seeds", "union")]
    targets = [f"results/mine/{name}" for name in ("predictions.csv", *targets)]
    options = settings(other_project, corpora)
    stacked = other_project.folder / "stacked.yaml"
    stacked.write_text("training: {fold_batching: {acln: all}}\n")
    options = [*options, stacked]
    other_project.finish(*targets, "--cores", 2, *options)
    results = other_project.folder / "results" / "mine"
    frames = {
        name: read_csv(results / "readings" / name / "predictions.csv", ["utterance"])
        for name in ("nothing", "seeds", "union")
    }
    own = read_csv(results / "predictions.csv", ["utterance"])
    pd.testing.assert_frame_equal(frames["nothing"], own)
    scores = [name for name in own if name.startswith("score_")]
    assert not frames["seeds"][scores].equals(own[scores])
    assert not frames["union"][scores].equals(own[scores])
    weights = [path.relative_to(results) for path in results.rglob("he/*.weights.safetensors")]
    assert {path.parts[0] for path in weights} == {"training", "readings"}
    assert len([path for path in weights if path.parts[0] == "training"]) == 2
    assert not list((results / "readings" / "nothing").rglob("*.safetensors"))


BEYOND = """
arms: [is09_svm]
folds: {protocol: speaker_disjoint}
readings:
  weak: {svm: {cost: 0.000000001}}
  nothing: {seeds: 1}
beyond: {arm: is09_svm, readings: [weak, nothing], INNER}
"""


@pytest.mark.parametrize(
    ("inner", "names"),
    [
        pytest.param("inner: 1", ["0-0", "1-0", "2-0", "3-0"], marks=pytest.mark.slow),
        ("inner: 2, shared: true", ["0+1", "0+2", "1+3", "2+3"]),
    ],
)
def test_each_fold_takes_the_reading_that_its_inner_folds_choose(
    inner: str, names: list[str], other_project: Project, corpora: Path
) -> None:
    manifest = corpora / "mine" / "manifest.csv"
    rows = pd.read_csv(manifest)  # emotions that nothing tells, or every reading is right
    rows.assign(emotion=rows["emotion"].sample(frac=1, random_state=0).to_numpy()).to_csv(
        manifest, index=False
    )
    path = other_project.folder / "tiny.yaml"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{BEYOND.replace('INNER', inner)}")
    other_project.finish("results/mine/metrics.csv", "--cores", 2, "--configfile", str(path))
    results = other_project.folder / "results" / "mine"
    chosen = read_csv(results / "choice.csv", ["fold", "reading"])
    assert chosen["fold"].tolist() == ["0", "1", "2", "3"]
    rows = read_csv(results / "predictions.csv", ["arm", "fold", "utterance"])
    readings = {
        name: read_csv(results / "readings" / name / "predictions.csv", ["fold"])
        for name in ("weak", "nothing")
    }
    assert not readings["weak"]["predicted"].equals(readings["nothing"]["predicted"])
    scores = chosen[["inner_ua_weak", "inner_ua_nothing"]].astype(float)
    assert (scores["inner_ua_weak"] != scores["inner_ua_nothing"]).any()
    best = scores.idxmax(axis=1).str.removeprefix("inner_ua_")
    assert chosen["reading"].tolist() == best.tolist()
    for fold, reading in chosen[["fold", "reading"]].itertuples(index=False):
        beyond = rows[(rows["arm"] == "beyond") & (rows["fold"] == fold)]
        expected = readings[reading][readings[reading]["fold"] == fold]
        assert beyond["predicted"].tolist() == expected["predicted"].tolist()
    folds = read_csv(results / "readings/weak/inner/folds.csv", ["fold"])
    assert list(folds["fold"].unique()) == names
    assert {name for fold in names for name in outer_names(fold)} == set(chosen["fold"])
    audit = json.loads((results / "readings/weak/inner/audit.json").read_text())
    assert audit["claims"]["nesting"]["status"] == "holds"
