"""Robustness: what classifiers recognise of degraded test recordings."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.paired_points import METRICS
from sersnake.evaluation.robustness import robustness_intervals
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table
from sersnake.settings.degradation import CONDITIONS

DECIMALS = 1
VALUES = {"value": "", "low": "from", "high": "to"}
GAINS = {"gain": "change", "gain_low": "from", "gain_high": "to"}
NOTES = (
    "Each classifier is fitted once per fold and asked with the test recordings as they are "
    "(clean) and under each condition. Where speakers are enrolled, their recordings are of the "
    "same condition. Systems with networks are not measured.",
    "Change: from clean, in points of percent. Intervals: percentiles of a bootstrap that draws "
    "speakers with replacement, the same ones for every condition.",
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
        _row(context.labels.short(str(system)), condition_name(str(condition)), cells)
        for (system, condition), cells in intervals.groupby(["system", "condition"], sort=False)
    ]
    columns = [
        Column(
            f"{metric.lower()}_{name}",
            head or metric,
            f"{metric}, 95 % intervals",
            decimals=DECIMALS,
        )
        for metric in METRICS
        for name, head in (VALUES | GAINS).items()
    ]
    named = [str(name) for name in intervals["condition"].unique() if name in CONDITIONS]
    told = tuple(f"{CONDITIONS[name].label}: {CONDITIONS[name].meaning}" for name in named)
    return Table(
        "Robustness",
        f"robustness-{context.corpus}",
        "Weighted (WA) and unweighted accuracy (UA) on degraded test recordings of "
        f"{context.corpus_name} in percent, pooled over all test predictions. {context.setting}",
        (Column("system", "Method"), Column("condition", "Condition", decimals=None), *columns),
        pd.DataFrame(rows),
        (*NOTES, *told),
        wide=True,
    )


def condition_name(condition: str) -> str:
    """A condition in words."""
    entry = CONDITIONS.get(condition)
    return entry.label if entry else condition


def _row(system: str, condition: str, cells: pd.DataFrame) -> dict[str, str | float]:
    of_metric = cells.set_index("metric")
    numbers = {
        # Rounded as it is printed, so that nothing is a negative zero.
        f"{metric.lower()}_{name}": round(100 * float(of_metric[name][metric]), DECIMALS) + 0.0
        for metric in METRICS
        for name in (*VALUES, *GAINS)
    }
    return {"system": system, "condition": condition, **numbers}
