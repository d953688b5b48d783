"""Accuracy of systems on degraded test recordings, from counts."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.paired_points import COLUMNS, interval_rows, points_of
from sersnake.fusion.robustness import CELL, CLEAN


def robustness_intervals(counts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """WA and UA of each system under each condition, and the difference from clean recordings.

    Args:
        counts: Rows of :func:`sersnake.fusion.robustness.count_conditions` for all folds, with a
            column system.
        seed: Of the draws of speakers, the same ones for every condition.

    Returns:
        Columns system, condition, metric, value, low, high, gain, gain_low, gain_high: fractions,
        clean first. The intervals of 95 % are percentiles of a bootstrap over speakers, paired for
        the gain; with one speaker they are NaN.
    """
    rows = []
    for system, of_system in counts.groupby("system", sort=False):
        scored = of_system.assign(scored=of_system["tested"])  # the same under every condition
        points = points_of(scored, ["condition"], CELL)
        for name, point in points.items():
            of_point = interval_rows(point, points[CLEAN,], seed)
            rows += [(system, *name, *row) for row in of_point]
    return pd.DataFrame(rows, columns=["system", "condition", *COLUMNS])
