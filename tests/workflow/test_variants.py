"""Variants: what each trains of its own, and what it takes from the run that it varies."""

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
from tests.workflow.test_systems import TINY

SYSTEMS = "systems: [independent_he]\nfolds: {repeats: 2}\n"
VARIANTS = """
variants:
  nothing: {seeds: 1}
  classifier: {svm: {cost: 0.01}}
  schedule: {training: {networks: {fcn: {retraining: {learning_rate: 0.01}}}}}
  window: {features: {mfcc: {n_fft: 512}}}
  seeds: {seeds: 2}
  union: {mining: {union: true}}
  speakers: {folds: {protocol: speaker_disjoint}}
"""
# Jobs of a variant that the run itself has no use for: ACLN two jobs, FCN one.
OWN = {
    "nothing": {},
    "classifier": {},
    "schedule": {"retrain_on_hard_examples": 1},
    "window": {"train_phase_1": 2, "retrain_on_hard_examples": 2, "extract_shard": 1},
    "seeds": {"train_phase_1": 3, "retrain_on_hard_examples": 3},
    "union": {"retrain_on_hard_examples": 3},
    "speakers": {"train_phase_1": 5, "retrain_on_hard_examples": 5},
}
# A line of a job, as Snakemake prints it: its rule, or its output below the folder of a variant.
LINE = re.compile(r"^ *(?:rule (\w+):|output: results/mine/variants/(\w+)/)")
COUNTED = ("train_phase_1", "retrain_on_hard_examples", "extract_shard")


def settings(project: Project, corpora: Path) -> list[str]:
    path = project.folder / "tiny.yaml"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{SYSTEMS}{VARIANTS}")
    return ["--configfile", str(path)]


def metrics_of(variant: str) -> str:
    return f"results/mine/variants/{variant}/metrics.csv"


def test_variants_that_read_the_test_set_are_no_candidates(
    other_project: Project, corpora: Path
) -> None:
    path = other_project.folder / "tiny.yaml"
    variants = "{x: {training: {normalisation: speaker}}}\nmodel_selection: {variants: [x]}"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{SYSTEMS}variants: {variants}\n")
    run = other_project.run("--dry-run", "--cores", 1, "--configfile", path)
    assert run.returncode == 1
    message = "model_selection: variants: x scales by speaker, which reads the test set"
    assert message in " ".join((run.stdout + run.stderr).split())


def test_a_variant_trains_what_its_keys_reach(other_project: Project, corpora: Path) -> None:
    targets = ["results/mine/metrics.csv", *map(metrics_of, OWN)]
    words = [*targets, *settings(other_project, corpora), "--dry-run", "--cores", 1, "--verbose"]
    plan = other_project.finish(*words)
    counts = {variant: Counter[str]() for variant in OWN}
    rule = ""
    for line in filter(None, map(LINE.match, plan.splitlines())):
        if line[1]:
            rule = line[1]
        elif rule in COUNTED:
            counts[line[2]][rule] += 1
    assert {variant: dict(+count) for variant, count in counts.items()} == OWN


SELECTED = """
systems: [is09_svm]
folds: {protocol: speaker_disjoint}
variants:
  weak: {svm: {cost: 0.000000001}}
  nothing: {seeds: 1}
model_selection: {system: is09_svm, variants: [weak, nothing], INNER}
"""


@pytest.mark.parametrize(
    ("inner", "names"),
    [
        pytest.param("inner: 1", ["0-0", "1-0", "2-0", "3-0"], marks=pytest.mark.slow),
        ("inner: 2, shared: true", ["0+1", "0+2", "1+3", "2+3"]),
    ],
)
def test_each_fold_takes_the_variant_that_its_inner_folds_choose(
    inner: str, names: list[str], other_project: Project, corpora: Path
) -> None:
    manifest = corpora / "mine" / "manifest.csv"
    rows = pd.read_csv(manifest)  # emotions that nothing tells, or every variant is right
    rows.assign(emotion=rows["emotion"].sample(frac=1, random_state=0).to_numpy()).to_csv(
        manifest, index=False
    )
    path = other_project.folder / "tiny.yaml"
    path.write_text(f"{TINY}corpora_dir: '{corpora}'\n{SELECTED.replace('INNER', inner)}")
    other_project.finish("results/mine/metrics.csv", "--cores", 2, "--configfile", str(path))
    results = other_project.folder / "results" / "mine"
    chosen = read_csv(results / "model_selection.csv", ["fold", "variant"])
    assert chosen["fold"].tolist() == ["0", "1", "2", "3"]
    rows = read_csv(results / "predictions.csv", ["system", "fold", "utterance"])
    variants = {
        name: read_csv(results / "variants" / name / "predictions.csv", ["fold"])
        for name in ("weak", "nothing")
    }
    assert not variants["weak"]["predicted"].equals(variants["nothing"]["predicted"])
    scores = chosen[["inner_ua_weak", "inner_ua_nothing"]].astype(float)
    assert (scores["inner_ua_weak"] != scores["inner_ua_nothing"]).any()
    best = scores.idxmax(axis=1).str.removeprefix("inner_ua_")
    assert chosen["variant"].tolist() == best.tolist()
    for fold, variant in chosen[["fold", "variant"]].itertuples(index=False):
        beyond = rows[(rows["system"] == "selected") & (rows["fold"] == fold)]
        expected = variants[variant][variants[variant]["fold"] == fold]
        assert beyond["predicted"].tolist() == expected["predicted"].tolist()
    folds = read_csv(results / "variants/weak/inner/folds.csv", ["fold"])
    assert list(folds["fold"].unique()) == names
    assert {name for fold in names for name in outer_names(fold)} == set(chosen["fold"])
    audit = json.loads((results / "variants/weak/inner/audit.json").read_text())
    assert audit["claims"]["nesting"]["status"] == "holds"
