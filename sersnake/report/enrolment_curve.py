"""The enrolment curve: accuracy by number of enrolled recordings per test speaker."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sersnake.evaluation.enrolment_curve import curve_intervals
from sersnake.report.paired_columns import paired_cells, paired_columns
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table

FAILURES = {"one_emotion": "one emotion", "wrong_speaker": "wrong speaker"}
NOTES = (
    "Each point: one classifier per fold, fitted as for a run with this number of enrolled "
    "recordings and tested with ten random draws of unlabelled recordings, at most half per "
    "speaker; the rest are scored. None: without enrolment. All: the scored recordings set the "
    "scale themselves (speaker normalisation, transductive). Each recording of the test set has "
    "the same weight at every point.",
    "Failures: up to 10 recordings of one emotion, each emotion in turn (a stress test that reads "
    "labels of the test set), and 10 of another speaker from training or test set.",
    "Gain: over none, in percentage points. Intervals: percentiles of a bootstrap over speakers, "
    "with the same draws for every point.",
)


def enrolment_table(enrolment_curve: pd.DataFrame, context: RunContext) -> Table:
    """One row per system and point: WA and UA, and their gain over none, with intervals.

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
        f"Weighted (WA) and unweighted accuracy (UA) on {context.corpus_name} by the number of "
        "recordings per test speaker that set the scale of this speaker's features in the "
        f"classifiers, in percent, pooled over all test predictions. {setting_of_curve(context)}",
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
    """The setting of the run without its own enrolment, which the curve does not use."""
    return replace(context, enrolment={}).setting
