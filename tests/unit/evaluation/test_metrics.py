"""Metrics against sums done by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import confusion_counts, score, summarise
from sersnake.evaluation.published import contradictions, published_value, published_values

EMOTIONS = ["anger", "fear", "sadness"]


def predictions(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Rows of system, fold, emotion, predicted; the utterances are numbered within a fold."""
    frame = pd.DataFrame(rows, columns=["system", "fold", "emotion", "predicted"])
    count = frame.groupby(["system", "fold"]).cumcount()
    return frame.assign(utterance=[f"u{number}" for number in count])


def value(metrics: pd.DataFrame, system: str, fold: str, metric: str) -> float:
    row = metrics[
        (metrics["system"] == system) & (metrics["fold"] == fold) & (metrics["metric"] == metric)
    ]
    assert len(row) == 1
    return float(row["value"].iloc[0])


TWO_FOLDS = predictions(
    ("ce", "0", "anger", "anger"),
    ("ce", "0", "anger", "anger"),
    ("ce", "0", "anger", "anger"),
    ("ce", "0", "fear", "anger"),
    ("ce", "1", "fear", "fear"),
    ("ce", "1", "sadness", "sadness"),
    ("svm", "0", "anger", "fear"),
)


def test_accuracy_and_mean_recall_differ_on_unequal_classes() -> None:
    metrics = score(TWO_FOLDS, EMOTIONS)
    assert value(metrics, "ce", "0", "WA") == 0.75
    assert value(metrics, "ce", "0", "UA") == 0.5
    assert value(metrics, "ce", "0", "recall_anger") == 1.0
    assert value(metrics, "ce", "0", "recall_fear") == 0.0


def test_a_class_missing_from_the_test_part_has_no_recall_and_no_weight() -> None:
    metrics = score(TWO_FOLDS, EMOTIONS)
    assert math.isnan(value(metrics, "ce", "0", "recall_sadness"))
    assert value(metrics, "ce", "1", "UA") == 1.0


def test_a_class_that_was_only_predicted_does_not_lower_ua() -> None:
    metrics = score(
        predictions(("ce", "0", "anger", "anger"), ("ce", "0", "anger", "fear")), EMOTIONS
    )
    assert value(metrics, "ce", "0", "UA") == 0.5
    assert math.isnan(value(metrics, "ce", "0", "recall_fear"))


def test_pooled_takes_the_predictions_of_all_folds_together() -> None:
    metrics = score(TWO_FOLDS, EMOTIONS)
    assert value(metrics, "ce", "pooled", "WA") == pytest.approx(5 / 6)
    assert value(metrics, "ce", "pooled", "UA") == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert value(metrics, "svm", "pooled", "WA") == 0.0


def test_each_system_has_its_folds_and_one_pooled_value() -> None:
    metrics = score(TWO_FOLDS, EMOTIONS)
    assert list(metrics.columns) == ["system", "fold", "metric", "value"]
    accuracies = metrics[metrics["metric"] == "WA"]
    assert list(zip(accuracies["system"], accuracies["fold"], strict=True)) == [
        ("ce", "0"),
        ("ce", "1"),
        ("ce", "pooled"),
        ("svm", "0"),
        ("svm", "pooled"),
    ]


def test_summary_has_sample_deviation_and_keeps_pooled_out_of_the_mean() -> None:
    summary = summarise(score(TWO_FOLDS, EMOTIONS)).set_index(["system", "metric"])
    assert list(summary.columns) == ["mean", "std", "pooled"]
    assert summary.loc[("ce", "WA"), "mean"] == pytest.approx(0.875)
    assert summary.loc[("ce", "WA"), "std"] == pytest.approx(0.25 / math.sqrt(2))
    assert summary.loc[("ce", "WA"), "pooled"] == pytest.approx(5 / 6)


def test_one_fold_has_no_spread() -> None:
    summary = summarise(score(TWO_FOLDS, EMOTIONS)).set_index(["system", "metric"])
    assert math.isnan(summary.loc[("svm", "WA"), "std"])


def test_confusion_counts_truth_in_rows_and_keep_absent_classes() -> None:
    counts = confusion_counts(TWO_FOLDS[TWO_FOLDS["system"] == "ce"], EMOTIONS)
    assert counts.tolist() == [[3, 0, 0], [1, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("column", ["emotion", "predicted"])
def test_an_unknown_class_is_refused_by_name(column: str) -> None:
    frame = TWO_FOLDS.copy()
    frame.loc[0, column] = "bliss"
    with pytest.raises(SersnakeError, match=f"'bliss' in column {column}"):
        score(frame, EMOTIONS)


def test_no_predictions_are_refused() -> None:
    with pytest.raises(SersnakeError, match="no predictions"):
        score(TWO_FOLDS.iloc[:0], EMOTIONS)


def test_an_utterance_predicted_twice_is_refused_by_name() -> None:
    with pytest.raises(SersnakeError, match="'u0' appears twice in system svm, fold 0"):
        score(pd.concat([TWO_FOLDS, TWO_FOLDS.tail(1)]), EMOTIONS)


def test_published_values_of_the_systems() -> None:
    assert published_value("emodb", "fused_ce", "UA") == 77.48
    assert published_value("emodb", "independent_ce", "UA") == 82.81
    assert published_value("emodb", "independent_he", "WA") == 85.76
    assert published_value("iemocap", "independent_he", "UA") == 68.83
    assert math.isnan(published_value("emodb", "is09_svm", "WA"))
    assert math.isnan(published_value("demo", "fused_ce", "WA"))


def test_the_published_numbers_of_the_paper_agree_with_each_other() -> None:
    """Table 4's shares sum to 100, and Tables 5 and 7 report the same hard-example results."""
    frame = published_values()
    shares = frame[frame["table"] == 4].groupby("method")["value"].sum()
    assert shares.to_numpy() == pytest.approx([100, 100], abs=0.02)
    for corpus in ("iemocap", "emodb", "casia"):
        assert contradictions(corpus, "independent_he") == []


def test_the_slip_of_the_paper_is_told() -> None:
    assert contradictions("emodb", "independent_ce") == [
        "the paper gives UA as 82.81 in its Table 3 and 82.88 in its Table 5."
    ]
    assert contradictions("casia", "independent_ce") == []


def test_predictions_without_their_labels_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    TWO_FOLDS.drop(columns="emotion").to_csv(tmp_path / "predictions.csv", index=False)
    files = ["--manifest", str(tmp_path / "m.csv"), "--output", str(tmp_path / "metrics.csv")]
    assert main(["score", str(tmp_path / "predictions.csv"), *files]) == 2
    assert "predictions.csv: has no column emotion" in capsys.readouterr().err
