"""Accuracies at several points, such as conditions, of one test set, and gains over one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.evaluation.intervals import accuracies_of_counts, bounds_of_counts
from sersnake.evaluation.metrics import METRICS

COUNTS = ["tested", "scored", "correct"]
COLUMNS = ["metric", "value", "low", "high", "gain", "gain_low", "gain_high"]

Point = tuple[NDArray[np.float64], NDArray[np.float64]]  # tested utterances and recalls, (S, C)
Row = tuple[str | float, ...]


def points_of(
    counts: pd.DataFrame, point: Sequence[str], cell: Sequence[str]
) -> dict[tuple[str, ...], Point]:
    """Tested utterances and recalls, ``(S, C)`` each, at the points of a system.

    Args:
        counts: Columns of :data:`COUNTS`, of each point and cell.
        point: Columns that identify a point.
        cell: Columns speaker and emotion.
    """
    names = [sorted(counts[column].unique()) for column in cell]
    every, points = pd.MultiIndex.from_product(names), {}
    for name, rows in counts.groupby(list(point), sort=False):
        cells = rows.set_index(list(cell))[COUNTS].reindex(every, fill_value=0)
        shape = (*map(len, names), len(COUNTS))
        tested, scored, correct = np.moveaxis(cells.to_numpy(float).reshape(shape), 2, 0)
        points[tuple(map(str, name))] = tested, correct / np.maximum(scored, 1)
    return points


def interval_rows(point: Point, against: Point, seed: int) -> Iterator[Row]:
    """WA and UA of a point and its gain over another, with 95 % intervals.

    Args:
        point: The point.
        against: The point to compare it with, of the same speakers.
        seed: Of the draws of speakers.

    Yields:
        Values of :data:`COLUMNS`, as fractions.
    """
    tested, recalls = point
    correct, more = tested * recalls, tested * (recalls - against[1])
    values, gains = (accuracies_of_counts(tested, of) for of in (correct, more))
    bounds, gained = (bounds_of_counts(tested, of, seed=seed) for of in (correct, more))
    for metric in METRICS:
        yield metric, values[metric], *bounds[metric], gains[metric], *gained[metric]
