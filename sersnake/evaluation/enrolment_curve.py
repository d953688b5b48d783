"""How accurate systems are over the number of enrolled utterances, from what was counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.evaluation.intervals import accuracies_of_counts, bounds_of_counts
from sersnake.fusion.enrolment_curve import CELL, POINT, RANDOM

NONE = (RANDOM, "0")
COUNTS = ["tested", "scored", "correct"]
METRICS = ("WA", "UA")

Point = tuple[NDArray[np.float64], NDArray[np.float64]]  # tested utterances and recalls, (S, C)
Row = tuple[str | float, ...]


def curve_intervals(counts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """WA and UA of every point, and what it gains over no enrolment, with 95 % intervals.

    An utterance of the test set counts as much at every point: an emotion of a speaker has the
    recall of those of its utterances that were scored, and the weight of all that are tested.

    Args:
        counts: What :func:`sersnake.fusion.enrolment_curve.count_fold` counts, over all folds, of
            each system without enrolment too; and a column system.
        seed: Of the draws of speakers, the same ones for every point.

    Returns:
        Columns system, condition, enrolled, metric, value, low, high, gain, gain_low, gain_high:
        fractions. The intervals are percentiles of a bootstrap over speakers, paired for the gain;
        of one speaker they are NaN.
    """
    rows = []
    for system, of_system in counts.groupby("system", sort=False):
        points = _points(of_system)
        for name in sorted(points, key=lambda name: name[0] != RANDOM):  # failures last
            rows += [(system, *name, *row) for row in _rows(points[name], points[NONE], seed)]
    columns = ["metric", "value", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=["system", *POINT, *columns])


def _points(counts: pd.DataFrame) -> dict[tuple[str, str], Point]:
    """The points of a system's curve, by condition and number; all have the same cells."""
    names = [sorted(counts[column].unique()) for column in CELL]
    every, points = pd.MultiIndex.from_product(names), {}
    for (condition, enrolled), rows in counts.groupby(POINT, sort=False):
        cells = rows.set_index(CELL)[COUNTS].reindex(every, fill_value=0)
        shape = (*map(len, names), len(COUNTS))
        tested, scored, correct = np.moveaxis(cells.to_numpy(float).reshape(shape), 2, 0)
        points[str(condition), str(enrolled)] = tested, correct / np.maximum(scored, 1)
    return points


def _rows(point: Point, none: Point, seed: int) -> Iterator[Row]:
    tested, recalls = point
    correct, more = tested * recalls, tested * (recalls - none[1])
    values, gains = (accuracies_of_counts(tested, of) for of in (correct, more))
    bounds, gained = (bounds_of_counts(tested, of, seed=seed) for of in (correct, more))
    for metric in METRICS:
        yield metric, values[metric], *bounds[metric], gains[metric], *gained[metric]
