"""How certain the accuracy of a system is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.evaluation.intervals import speaker_bootstrap
from sersnake.evaluation.system_intervals import system_intervals
from sersnake.io import read_csv, write_csv
from sersnake.report.run_context import RunContext
from sersnake.report.tables.intervals import interval_table

EMOTIONS = ("anger", "sadness")
UTTERANCES = [f"{speaker}{number}" for speaker in "pqr" for number in range(8)]
MANIFEST = pd.DataFrame(
    {
        "utterance": UTTERANCES,
        "speaker": [name[0] for name in UTTERANCES],
        "emotion": [EMOTIONS[int(name[1]) % 2] for name in UTTERANCES],
        "corpus": "emodb",
        "synthetic": "false",
    }
)


def run_of(folds: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions of two systems, wrong here and there, and the folds that they are of."""
    rng = np.random.default_rng(4)
    parts, rows = [], []
    for fold in range(folds):
        test = rng.permutation(24)[:8]
        part = np.where(np.isin(np.arange(24), test), "test", "train")
        parts.append(pd.DataFrame({"fold": fold, "utterance": UTTERANCES, "part": part}))
        for system in ("is09_svm", "independent_he"):
            rows += [(system, fold, *MANIFEST.loc[i, ["utterance", "emotion"]]) for i in test]
    predictions = pd.DataFrame(rows, columns=["system", "fold", "utterance", "emotion"])
    wrong = rng.random(len(predictions)) < 0.3
    other = predictions["emotion"].map(dict(zip(EMOTIONS, reversed(EMOTIONS), strict=True)))
    return predictions.assign(predicted=predictions["emotion"].mask(wrong, other)), pd.concat(parts)


def test_folds_have_students_t_of_their_accuracies_and_speakers_the_bootstrap() -> None:
    predictions, folds = run_of(3)
    intervals = system_intervals(predictions, folds, MANIFEST, EMOTIONS, seed=7)
    assert len(intervals) == 2 * 2 * 2
    of = intervals.set_index(["system", "metric", "over"]).loc["independent_he"]
    ours = predictions[predictions["system"] == "independent_he"]
    right = ours["predicted"] == ours["emotion"]
    accuracies = right.groupby(ours["fold"]).mean()
    half = 4.30265273 * np.sqrt((1 / 3 + 8 / 16) * accuracies.var(ddof=1))  # t of 2, 97.5 %
    expected = [accuracies.mean(), accuracies.mean() - half, accuracies.mean() + half]
    assert of.loc[("WA", "folds")].tolist() == pytest.approx(expected)
    recalls = right.groupby(ours["emotion"]).mean()
    bounds = speaker_bootstrap(ours, MANIFEST.set_index("utterance")["speaker"], seed=7)
    assert of.loc[("UA", "speakers")].tolist() == pytest.approx([recalls.mean(), *bounds["UA"]])
    assert bounds["UA"][0] < recalls.mean() < bounds["UA"][1]


@pytest.mark.parametrize("unknown", ["one fold", "a speaker"])
def test_what_cannot_be_known_has_no_bounds(unknown: str) -> None:
    predictions, folds = run_of(1 if unknown == "one fold" else 3)
    manifest = MANIFEST.copy()
    if unknown == "a speaker":
        manifest.loc[manifest["utterance"] == predictions["utterance"].iloc[0], "speaker"] = ""
    intervals = system_intervals(predictions, folds, manifest, EMOTIONS, seed=0).set_index("over")
    over = "folds" if unknown == "one fold" else "speakers"
    assert intervals["value"].notna().all()
    assert intervals.loc[over, ["low", "high"]].isna().all(axis=None)
    assert intervals.drop(over)[["low", "high"]].notna().all(axis=None)
    context = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick")
    assert "\N{EN DASH}" in interval_table(intervals.reset_index(), context).text()


def test_the_verb_writes_intervals_and_their_table(tmp_path: Path) -> None:
    predictions, folds = run_of(3)
    tables = {"predictions": predictions, "folds": folds, "manifest": MANIFEST}
    for name, table in tables.items():
        write_csv(tmp_path / f"{name}.csv", table)
    files = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    words = [*files, "--output", str(tmp_path / "intervals.csv")]
    assert main(["intervals", str(tmp_path / "predictions.csv"), *words]) == 0
    RunContext("emodb", 3, "stratified random 80/20 split", True, "quick").save(
        tmp_path / "context.json"
    )
    words = [f"--context={tmp_path / 'context.json'}", f"--output={tmp_path / 'made'}"]
    source = f"intervals={tmp_path / 'intervals.csv'}"
    assert main(["table", "intervals", *words, "--source", source]) == 0
    intervals = read_csv(
        tmp_path / "intervals.csv", ["system", "metric", "over", "value", "low", "high"]
    )
    text = (tmp_path / "made.txt").read_text(encoding="utf-8")
    first = intervals.iloc[0]
    shown = " ".join(f"{100 * first[name]:.2f}" for name in ("value", "low", "high"))
    assert f"IS09 + linear SVM (baseline): WA {shown}" in " ".join(text.split())
    for kind in ("tex", "html", "csv"):
        assert (tmp_path / f"made.{kind}").stat().st_size > 300
