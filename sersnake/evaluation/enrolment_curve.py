"""Accuracy of systems by number of enrolled utterances, from counts."""

from __future__ import annotations

import pandas as pd

from sersnake.evaluation.paired_points import COLUMNS, interval_rows, points_of
from sersnake.fusion.enrolment_curve import CELL, POINT, RANDOM

NONE = (RANDOM, "0")


def curve_intervals(counts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """WA and UA of every point, and its gain over no enrolment, with 95 % intervals.

    Every test utterance has the same weight at all points: for each speaker and emotion, the recall
    is that of the scored utterances and the weight is the number of utterances in the test set.

    Args:
        counts: Rows of :func:`sersnake.fusion.enrolment_curve.count_fold` for all folds, with a
            column system; each system without enrolment too.
        seed: Of the draws of speakers, the same ones for every point.

    Returns:
        Columns system, condition, enrolled, metric, value, low, high, gain, gain_low, gain_high:
        fractions. The intervals are percentiles of a bootstrap over speakers, paired for the gain;
        with one speaker they are NaN.
    """
    rows = []
    for system, of_system in counts.groupby("system", sort=False):
        points = points_of(of_system, POINT, CELL)
        for name in sorted(points, key=lambda name: name[0] != RANDOM):  # failures last
            of_point = interval_rows(points[name], points[NONE], seed)
            rows += [(system, *name, *row) for row in of_point]
    return pd.DataFrame(rows, columns=["system", *POINT, *COLUMNS])
