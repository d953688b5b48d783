"""The enrolment curve as a table and a figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import write_csv
from sersnake.report.enrolment_curve import enrolment_table
from sersnake.report.figures.enrolment_curve import enrolment_figure
from sersnake.report.run_context import RunContext

CONTEXT = RunContext(
    *("emodb", 2, "leave one speaker out", False, "quick"),
    emotions=("sad", "glad"),
    enrolment={"utterances": 10},
)
POINTS = [
    *(("random", "0"), ("random", "10"), ("one_emotion", "10")),
    *(("wrong_speaker", "10"), ("random", "all")),
]


def counts_of(*systems: str) -> pd.DataFrame:
    rows = [
        (system, *point, speaker, emotion, 10, 10, 5 + number)
        for system in systems
        for number, point in enumerate(POINTS)
        for speaker in "ab"
        for emotion in ("sad", "glad")
    ]
    columns = ["system", "condition", "enrolled", "speaker", "emotion"]
    return pd.DataFrame(rows, columns=[*columns, "tested", "scored", "correct"])


def test_the_table_has_the_failures_last_and_tells_what_gains() -> None:
    table = enrolment_table(counts_of("compare_svm", "is09_svm"), CONTEXT)
    assert table.frame["enrolled"].tolist()[:5] == [
        *("none", "10", "all", "10, one emotion", "10, wrong speaker")
    ]
    row = table.frame.iloc[2]
    assert (row["wa_value"], row["wa_gain"], row["ua_gain_low"]) == (90.0, 40.0, 40.0)
    printed = table.text()
    assert "ComParE + linear SVM" in printed
    assert "transductive" in printed and "stress test" in printed


def test_captions_leave_the_enrolment_of_the_run_itself_out() -> None:
    assert "drawn at random" in CONTEXT.setting
    caption = enrolment_table(counts_of("is09_svm"), CONTEXT).caption
    assert "utterances of each test speaker" not in caption
    assert "leave one speaker out" in caption


def test_the_figure_has_a_curve_of_each_system_and_marks_of_its_failures() -> None:
    figure = enrolment_figure(counts_of("compare_svm", "is09_svm"), CONTEXT)
    wa, ua = figure.axes
    assert len(wa.containers) == 2 * 2
    curve, failures = (bars.lines[0].get_ydata() for bars in wa.containers[:2])
    assert list(curve) == pytest.approx([50, 60, 90])
    assert list(failures) == pytest.approx([70, 80])
    ticks = [label.get_text() for label in ua.get_xticklabels()]
    assert ticks == ["none", "10", "all", "10\none\nemotion", "10\nwrong\nspeaker"]


def test_the_figure_says_how_many_systems_only_the_table_has() -> None:
    systems = [f"{name}_svm" for name in "abcdefgh"]
    assert (
        "2 more methods in the table"
        in enrolment_figure(counts_of(*systems), CONTEXT).get_suptitle()
    )


def test_both_are_made_of_a_file_with_numbers_alone(tmp_path: Path) -> None:
    """And of a corpus with one speaker, which has no intervals."""
    counts = counts_of("is09_svm").query("condition == 'random' and enrolled != 'all'")
    write_csv(tmp_path / "curve.csv", counts[counts["speaker"] == "a"])
    CONTEXT.save(tmp_path / "context.json")
    words = ["--context", str(tmp_path / "context.json"), "--output", str(tmp_path / "made")]
    source = f"enrolment_curve={tmp_path / 'curve.csv'}"
    for kind in ("table", "figure"):
        assert main([kind, "enrolment", *words, "--source", source]) == 0
    made = pd.read_csv(tmp_path / "made.csv")
    assert made["wa_value"].tolist() == [50.0, 60.0]
    assert made["wa_low"].isna().all()
    assert (tmp_path / "made.png").stat().st_size > 1000
