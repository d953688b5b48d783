"""WA and UA of several points and their gain over one of them, as columns of a table."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.metrics import METRICS
from sersnake.evaluation.paired_points import COLUMNS
from sersnake.report.table_format import Column

DECIMALS = 1


def paired_columns(gain: str) -> tuple[Column, ...]:
    """The columns, with a separate heading for the gain."""
    _, *names = COLUMNS
    heads = dict(zip(names, ("", "from", "to", gain, "from", "to"), strict=True))
    return tuple(
        Column(
            f"{metric.lower()}_{name}",
            head or metric,
            f"{metric}, 95 % intervals",
            decimals=DECIMALS,
        )
        for metric in METRICS
        for name, head in heads.items()
    )


def paired_cells(of_point: pd.DataFrame) -> dict[str, float]:
    """Their values of a point, in percent.

    Args:
        of_point: A row per metric, of the columns that
            :data:`sersnake.evaluation.paired_points.COLUMNS` names.
    """
    metric_column, *names = COLUMNS
    of_metric = of_point.set_index(metric_column)
    # Rounded as it is printed, so that nothing is a negative zero.
    return {
        f"{metric.lower()}_{name}": round(100 * float(of_metric[name][metric]), DECIMALS) + 0.0
        for metric in METRICS
        for name in names
    }
