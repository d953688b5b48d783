"""The enrolment curve of a run: measured beside it, with nothing of the run made again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pandas as pd

from tests.workflow.conftest import Project

CURVE = ("--configfile", "tiny.yaml", "--config", "enrolment={curve: [2]}")
TINY = ("--configfile", "tiny.yaml")
KNOWN = """
systems: [fcn_ce]
model_selection: {system: fcn_ce}
training: {normalisation: enrolled}
enrolment: {utterances: 2}
"""
NOTHING = ("--config", "enrolment={utterances: 0}")
ALONE = "systems=[is09_svm]"


def test_a_curve_makes_nothing_of_the_run_again(demo: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    subprocess.run(["cp", "-a", demo.folder, project.folder], check=True)
    planned = project.planned(*CURVE)
    planned.pop("compile_paper", None)  # where there is LaTeX
    del planned["total"]
    assert planned == {
        "measure_enrolment": 4,
        "collect": 1,
        **dict.fromkeys(("make_table", "draw_figure", "write_paper"), 1),
        **dict.fromkeys(("record_provenance", "all"), 1),
    }
    results = project.folder / "results" / "demo"
    made = ["results/demo/tables/enrolment.txt", "results/demo/figures/enrolment.png"]
    project.finish(*made, "--cores", 2, *CURVE, ALONE)
    counts = pd.read_csv(results / "enrolment_curve.csv")
    assert counts["enrolled"].unique().tolist() == [0, 2]
    tested = pd.read_csv(results / "folds.csv")["part"].eq("test").sum()
    assert counts.groupby("enrolled")["tested"].sum().tolist() == [tested, tested]
    none = counts[counts["enrolled"] == 0]
    metrics = pd.read_csv(results / "metrics.csv").set_index(["system", "fold", "metric"])["value"]
    assert none["correct"].sum() / tested == metrics["is09_svm", "pooled", "WA"].round(8)
    assert "synthetic" in (results / "tables/enrolment.txt").read_text(encoding="utf-8")


def test_networks_know_speakers_by_what_is_not_scored(demo: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    subprocess.run(["cp", "-a", demo.folder, project.folder], check=True)
    (project.folder / "known.yaml").write_text(KNOWN)
    folder = project.folder / "results/demo/training/fcn/ce"
    before = {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
    predicted = "results/demo/predictions/fcn_ce.csv"
    project.finish(predicted, "--cores", 2, *TINY, "known.yaml")
    after = {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
    assert before and before.keys() == after.keys()
    assert all(after[name] != before[name] for name in before)
    folds = pd.read_csv(project.folder / "results/demo/folds.csv")
    tested = folds["part"].eq("test").sum()
    scored = len(pd.read_csv(project.folder / predicted))
    assert 0 < scored < tested
    run = project.run(predicted, "--dry-run", "--cores", 1, *TINY, "known.yaml", *NOTHING)
    assert run.returncode == 1
    assert "and enrolment has none; set enrolment" in run.stdout + run.stderr
