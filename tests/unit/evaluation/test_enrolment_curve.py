"""Accuracies and intervals of the enrolment curve, from counts."""

from __future__ import annotations

import pandas as pd
import pytest

from sersnake.evaluation.enrolment_curve import curve_intervals

COLUMNS = [
    *("system", "condition", "enrolled", "speaker", "emotion"),
    *("tested", "scored", "correct"),
]


def counts_of(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame([("mine", *row) for row in rows], columns=COLUMNS)


def point_of(
    counts: pd.DataFrame, metric: str, enrolled: str, condition: str = "random"
) -> pd.Series:
    points = curve_intervals(counts, 0).set_index(["condition", "enrolled", "metric"])
    row: pd.Series = points.loc[(condition, enrolled, metric)]
    return row


TWO_SPEAKERS = counts_of(
    ("random", 0, "a", "sad", 10, 10, 5),
    ("random", 0, "a", "glad", 30, 30, 30),
    ("random", 0, "b", "sad", 10, 10, 5),
    ("one_emotion", 10, "a", "sad", 10, 20, 10),
    ("one_emotion", 10, "a", "glad", 30, 60, 0),
    ("one_emotion", 10, "b", "sad", 10, 20, 10),
    ("random", 5, "a", "sad", 10, 50, 30),
    ("random", 5, "a", "glad", 30, 30, 30),  # few of these were scored
    ("random", 5, "b", "sad", 10, 90, 54),
)


def test_a_tested_utterance_counts_as_much_at_every_point() -> None:
    assert point_of(TWO_SPEAKERS, "WA", "0")["value"] == pytest.approx(0.8)
    assert point_of(TWO_SPEAKERS, "UA", "0")["value"] == pytest.approx(0.75)
    assert point_of(TWO_SPEAKERS, "WA", "5")["value"] == pytest.approx((6 + 30 + 6) / 50)
    assert point_of(TWO_SPEAKERS, "UA", "5")["value"] == pytest.approx(0.8)


def test_a_gain_that_all_speakers_share_is_certain() -> None:
    row = point_of(TWO_SPEAKERS, "UA", "5")
    assert row["gain"] == pytest.approx(0.05)
    assert row["low"] < 0.7 and row["high"] > 0.79
    counts = TWO_SPEAKERS[TWO_SPEAKERS["emotion"] == "sad"]
    row = point_of(counts, "WA", "5")
    assert [row["gain"], row["gain_low"], row["gain_high"]] == pytest.approx([0.1] * 3)


def test_failures_come_last() -> None:
    points = curve_intervals(TWO_SPEAKERS, 0)[["condition", "enrolled"]].drop_duplicates()
    assert points.to_numpy().tolist() == [["random", "0"], ["random", "5"], ["one_emotion", "10"]]


def test_what_was_never_scored_has_no_weight() -> None:
    counts = TWO_SPEAKERS[~((TWO_SPEAKERS["enrolled"] == 5) & (TWO_SPEAKERS["emotion"] == "glad"))]
    row = point_of(counts, "WA", "5")
    assert row["value"] == pytest.approx(0.6)
    assert row["gain"] == pytest.approx(0.1)  # over the same utterances


def test_one_speaker_has_no_interval() -> None:
    row = point_of(TWO_SPEAKERS[TWO_SPEAKERS["speaker"] == "b"], "WA", "5")
    assert row["value"] == pytest.approx(0.6)
    assert row[["low", "high", "gain_low", "gain_high"]].isna().all()
