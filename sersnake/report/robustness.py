"""Robustness: accuracy of classifiers on degraded test recordings."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.robustness import robustness_intervals
from sersnake.report.paired_columns import paired_cells, paired_columns
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.settings.degradation import CONDITIONS

NOTES = (
    "Each system is trained once per fold and tested on clean test recordings and under each "
    "condition. Enrolled recordings have the same condition.",
    "Change: from clean, in percentage points. Intervals: percentiles of a bootstrap over "
    "speakers, with the same draws for every condition.",
)


def robustness_table(robustness: pd.DataFrame, context: RunContext) -> Table:
    """One row per system and condition: WA and UA, and their change from clean, with intervals.

    Args:
        robustness: Counts, as :func:`~sersnake.evaluation.robustness.robustness_intervals` takes
            them.
        context: The run.

    Returns:
        Percent.
    """
    intervals = robustness_intervals(robustness, context.seed)
    rows = [
        {
            "system": context.labels.short(str(system)),
            "condition": condition_name(str(condition)),
            **paired_cells(cells),
        }
        for (system, condition), cells in intervals.groupby(["system", "condition"], sort=False)
    ]
    named = [str(name) for name in intervals["condition"].unique() if name in CONDITIONS]
    told = tuple(f"{CONDITIONS[name].label}: {CONDITIONS[name].meaning}" for name in named)
    return Table(
        "Robustness",
        f"robustness-{context.corpus}",
        "Weighted (WA) and unweighted accuracy (UA) on degraded test recordings of "
        f"{context.corpus_name} in percent, pooled over all test predictions. {context.setting}",
        (
            Column("system", "Method"),
            Column("condition", "Condition", decimals=None),
            *paired_columns("change"),
        ),
        pd.DataFrame(rows),
        (*NOTES, *told),
        wide=True,
    )


def condition_name(condition: str) -> str:
    """A condition in words."""
    entry = CONDITIONS.get(condition)
    return entry.label if entry else condition
