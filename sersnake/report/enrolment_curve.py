"""The enrolment curve: what a few recordings of each test speaker are worth."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sersnake.evaluation.enrolment_curve import curve_intervals
from sersnake.report.paired_columns import paired_cells, paired_columns
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table

FAILURES = {"one_emotion": "one emotion", "wrong_speaker": "wrong speaker"}
NOTES = (
    "A point: in each fold one classifier, fitted as for a run with so many enrolled recordings, "
    "is asked with ten random draws of them, without their labels, at most half of a speaker's; "
    "what is not enrolled is scored. None: without enrolment. All: the recordings that are scored "
    "set the scale themselves (speaker normalisation, transductive). Each recording of the test "
    "set counts as much at every point.",
    "Failures: up to 10 recordings of one emotion, each emotion in turn, which reads labels of the "
    "test set and is a stress test; and 10 of another speaker, of training or test set.",
    "Gain: over none, in points of percent. Intervals: percentiles of a bootstrap that draws "
    "speakers with replacement, the same ones for every point.",
)


def enrolment_table(enrolment_curve: pd.DataFrame, context: RunContext) -> Table:
    """One row per system and point: WA and UA, and what they gain over none, with intervals.

    Args:
        enrolment_curve: Counts, as :func:`~sersnake.evaluation.enrolment_curve.curve_intervals`
            takes them.
        context: The run.

    Returns:
        Percent.
    """
    intervals = curve_intervals(enrolment_curve, context.seed)
    rows = [
        {
            "system": context.labels.short(str(system)),
            "enrolled": point_name(condition, enrolled),
            **paired_cells(cells),
        }
        for (system, condition, enrolled), cells in intervals.groupby(
            ["system", "condition", "enrolled"], sort=False
        )
    ]
    return Table(
        "Enrolment curve",
        f"enrolment-{context.corpus}",
        "Weighted (WA) and unweighted accuracy (UA) over the number of recordings of each test "
        "speaker that set the scale of that speaker's features in the classifiers, on "
        f"{context.corpus_name} in percent, pooled over all test predictions. "
        f"{setting_of_curve(context)}",
        (
            Column("system", "Method"),
            Column("enrolled", "Enrolled", decimals=None),
            *paired_columns("gain"),
        ),
        pd.DataFrame(rows),
        NOTES,
        wide=True,
    )


def point_name(condition: object, enrolled: object) -> str:
    """A point of the curve in words."""
    if failure := FAILURES.get(str(condition)):
        return f"{enrolled}, {failure}"
    return "none" if enrolled == "0" else str(enrolled)


def setting_of_curve(context: RunContext) -> str:
    """The setting of the run but for its own enrolment, which the curve does not have."""
    return replace(context, enrolment={}).setting
