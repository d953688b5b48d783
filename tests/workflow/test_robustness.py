"""Degraded recordings in a run: measured beside it, and trained on in a variant."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pandas as pd

from sersnake.io import Features
from sersnake.training.embeddings import Embeddings
from tests.workflow.conftest import Project

MEASURED = ("--configfile", "tiny.yaml", "--config", "robustness={conditions: [level, noise_10]}")
ALONE = "systems=[is09_svm,fcn_ce]"
COPIES = "training_copies=[noise_10]"


def test_robustness_makes_nothing_of_the_run_again(demo: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    subprocess.run(["cp", "-a", demo.folder, project.folder], check=True)
    planned = project.planned(*MEASURED)
    planned.pop("compile_paper", None)  # where there is LaTeX
    del planned["total"]
    assert planned == {
        "extract_degraded": planned["extract_degraded"],
        "pack_degraded": 4,
        "embed_degraded": 10,  # two phases of each stream, and the fused network's last
        "measure_robustness": 4,
        "collect": 1,
        **dict.fromkeys(("make_table", "draw_figure", "write_paper"), 1),
        **dict.fromkeys(("record_provenance", "all"), 1),
    }
    results = project.folder / "results" / "demo"
    made = ["results/demo/tables/robustness.txt", "results/demo/figures/robustness.png"]
    project.finish(*made, "--cores", 2, *MEASURED, ALONE)
    clean, quiet = (
        Features.load(results / "features" / f"is09{ending}.safetensors")
        for ending in ("", ".level")
    )
    assert quiet.utterances == clean.utterances and quiet.options["condition"] == "level"
    measured = pd.read_csv(results / "robustness.csv").set_index("system")
    tested = pd.read_csv(results / "folds.csv")["part"].eq("test").sum()
    for system in ("is09_svm", "fcn_ce"):
        counts = measured.loc[system].groupby("condition")[["tested", "correct"]].sum()
        told = dict.fromkeys(("clean", "level", "noise_10"), tested)
        assert counts["tested"].to_dict() == told
    assert Embeddings.load(results / "training/fcn/ce.level.safetensors").folds == ("0", "1")
    counts = measured.loc["is09_svm"].groupby("condition")[["tested", "correct"]]
    metrics = pd.read_csv(results / "metrics.csv").set_index(["system", "fold", "metric"])["value"]
    accuracy = counts.sum()["correct"]["clean"] / tested
    assert accuracy.round(8) == metrics["is09_svm", "pooled", "WA"].round(8)
    before = (results / "predictions/is09_svm.csv").read_bytes()
    copied = project.planned("results/demo/predictions/is09_svm.csv", *MEASURED, ALONE, COPIES)
    assert copied["classify"] == 1 and not {"extract_shard", "extract_degraded"} & set(copied)
    trained = project.planned("results/demo/predictions/fcn_ce.csv", *MEASURED, ALONE, COPIES)
    assert trained["train_phase_1"] == trained["train_on"] == trained["classify"] == 1
    assert not {"extract_shard", "extract_degraded"} & set(trained)
    project.finish("results/demo/predictions/is09_svm.csv", "--cores", 1, *MEASURED, ALONE, COPIES)
    assert (results / "predictions/is09_svm.csv").read_bytes() != before
