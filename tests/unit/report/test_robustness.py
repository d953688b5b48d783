"""Robustness as intervals, a table and a figure."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.evaluation.robustness import robustness_intervals
from sersnake.io import write_csv
from sersnake.report.figures.robustness import robustness_figure
from sersnake.report.robustness import robustness_table
from sersnake.report.run_context import RunContext

CONTEXT = RunContext(
    *("emodb", 2, "leave one speaker out", False, "quick"),
    emotions=("sad", "glad"),
    training_copies=("noise_10", "vtlp_90"),
)
CORRECT = {"clean": 9, "noise_10": 5, "mp3_32": 8}


def counts_of(*systems: str) -> pd.DataFrame:
    rows = [
        (system, condition, speaker, emotion, 10, correct)
        for system in systems
        for condition, correct in CORRECT.items()
        for speaker in "ab"
        for emotion in ("sad", "glad")
    ]
    columns = ["system", "condition", "speaker", "emotion", "tested", "correct"]
    return pd.DataFrame(rows, columns=columns)


def test_a_change_that_all_speakers_share_is_certain() -> None:
    counts = counts_of("is09_svm")
    counts.loc[counts["speaker"] == "b", "correct"] -= 2
    rows = robustness_intervals(counts, 0).set_index(["condition", "metric"])
    assert rows.loc[("clean", "WA"), "value"] == pytest.approx(0.8)
    assert rows.loc[("clean", "WA"), "low"] == pytest.approx(0.7)
    noisy = rows.loc[("noise_10", "UA")]
    assert noisy["value"] == pytest.approx(0.4)
    assert [noisy["gain"], noisy["gain_low"], noisy["gain_high"]] == pytest.approx([-0.4] * 3)
    assert rows.loc[("clean", "UA"), "gain"] == 0


def test_the_table_begins_with_clean_and_says_what_each_condition_is() -> None:
    table = robustness_table(counts_of("compare_svm", "is09_svm"), CONTEXT)
    assert table.frame["condition"].tolist() == ["clean", "noise 10 dB", "MP3 32 kbit/s"] * 2
    row = table.frame.iloc[1]
    assert (row["wa_value"], row["wa_gain"], row["ua_gain_low"]) == (50.0, -40.0, -40.0)
    printed = " ".join(table.text().split())
    assert "ComParE + linear SVM" in printed
    assert "noise 10 dB: White noise, 10 dB below" in printed


def test_captions_say_what_copies_were_trained_on() -> None:
    told = "fitted on the training recordings and on degraded copies of them (noise 10 dB, formants"
    assert told in robustness_table(counts_of("is09_svm"), CONTEXT).caption


def test_contexts_keep_their_copies_and_are_as_ever_without(tmp_path: Path) -> None:
    CONTEXT.save(tmp_path / "context.json")
    assert RunContext.load(tmp_path / "context.json").training_copies == ("noise_10", "vtlp_90")
    RunContext("emodb", 2, "random", False, "quick").save(tmp_path / "context.json")
    assert "training_copies" not in json.loads((tmp_path / "context.json").read_text())
    assert RunContext.load(tmp_path / "context.json").training_copies == ()


def test_the_figure_has_a_row_per_condition_and_a_line_for_clean() -> None:
    wa, ua = robustness_figure(counts_of("compare_svm", "is09_svm"), CONTEXT).axes
    assert len(wa.containers) == 2
    assert list(wa.containers[0].lines[0].get_xdata()) == pytest.approx([90, 50, 80])
    names = [label.get_text() for label in wa.get_yticklabels()]
    assert names == ["clean", "noise 10 dB", "MP3 32 kbit/s"]
    assert wa.get_ylim()[0] > wa.get_ylim()[1]  # clean on top
    assert [line.get_xdata()[0] for line in ua.lines if line.get_linestyle() == ":"] == [90, 90]


def test_the_figure_says_how_many_systems_only_the_table_has() -> None:
    figure = robustness_figure(counts_of(*(f"{name}_svm" for name in "abcdefgh")), CONTEXT)
    assert "2 more methods in the table" in figure.get_suptitle()


def test_both_are_made_of_the_file(tmp_path: Path) -> None:
    """And of a corpus with one speaker, which has no intervals."""
    counts = counts_of("is09_svm")
    write_csv(tmp_path / "robustness.csv", counts[counts["speaker"] == "a"])
    CONTEXT.save(tmp_path / "context.json")
    words = ["--context", str(tmp_path / "context.json"), "--output", str(tmp_path / "made")]
    source = f"robustness={tmp_path / 'robustness.csv'}"
    for kind in ("table", "figure"):
        assert main([kind, "robustness", *words, "--source", source]) == 0
    made = pd.read_csv(tmp_path / "made.csv")
    assert made["wa_value"].tolist() == [90.0, 50.0, 80.0]
    assert made["wa_low"].isna().all()
    assert (tmp_path / "made.png").stat().st_size > 1000
