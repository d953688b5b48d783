"""The intervals of the systems as a table."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.system_intervals import FOLDS, SPEAKERS
from sersnake.io.words import count
from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table

VALUES = {"value": "Value", "low": "from", "high": "to"}


def interval_table(intervals: pd.DataFrame, context: RunContext) -> Table:
    """One row per system and metric: the mean over folds, the pooled value, and the bounds of both.

    Args:
        intervals: What :func:`sersnake.evaluation.system_intervals` returns.
        context: The run.

    Returns:
        Percent.
    """
    rows = [
        _row(context.labels.system(str(system)), str(metric), cells.set_index("over"))
        for (system, metric), cells in intervals.groupby(["system", "metric"], sort=False)
    ]
    headings = {FOLDS: f"Mean over {count(context.folds, 'fold')}", SPEAKERS: "Pooled, by speakers"}
    columns = [
        Column(f"{over}_{name}", head, heading)
        for over, heading in headings.items()
        for name, head in VALUES.items()
    ]
    return Table(
        "Intervals",
        f"intervals-{context.corpus}",
        f"Weighted (WA) and unweighted accuracy (UA) of every system on {context.corpus_name} in "
        f"percent, with 95 % intervals. {context.setting}",
        (Column("system", "Method"), *columns),
        pd.DataFrame(rows),
        (
            "Mean over folds: corrected resampled t (Nadeau and Bengio 2003), which may exceed "
            "100. Pooled, by speakers: percentiles of a bootstrap over speakers, with the trained "
            "networks as given. Systems with overlapping intervals may still differ: see the "
            "comparisons.",
        ),
    )


def _row(system: str, metric: str, over: pd.DataFrame) -> dict[str, str | float]:
    cells = {
        f"{group}_{name}": 100 * float(over[name][group])
        for group in (FOLDS, SPEAKERS)
        for name in VALUES
    }
    return {"system": f"{system}: {metric}", **cells}
