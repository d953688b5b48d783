"""The prediction at each moment, for programs whose intervals must not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from sersnake.model.prediction.output import DIGITS, Columns
from sersnake.model.prediction.rows import Row


class Interval(NamedTuple):
    """A part of a recording.

    Attributes:
        start: In s.
        end: In s.
        row: Its prediction.
    """

    start: float
    end: float
    row: Row


class Label(NamedTuple):
    """A text for a part of a recording.

    Attributes:
        start: In s.
        end: In s.
        text: Its text; not empty.
    """

    start: float
    end: float
    text: str


def timeline(rows: Sequence[Row]) -> list[Interval]:
    """Each moment once, by the row whose middle is nearest among those that cover it.

    Args:
        rows: Of one recording, in any order; they may overlap, and leave gaps.
    """
    ordered = sorted(rows, key=lambda row: (row.start, row.end))
    middles = [(_middle(first) + _middle(second)) / 2 for first, second in pairwise(ordered)]
    cuts = sorted({*middles, *(time for row in ordered for time in (row.start, row.end))})
    intervals: list[Interval] = []
    waiting, current = iter([*ordered, None]), list[Row]()
    coming = next(waiting)
    for start, end in pairwise(cuts):
        current = [row for row in current if row.end > start]
        while coming is not None and coming.start <= start:
            current.append(coming)
            coming = next(waiting)
        if not current:
            continue
        nearest = min(current, key=lambda row: abs(_middle(row) - (start + end) / 2))
        if intervals and intervals[-1].row is nearest and intervals[-1].end == start:
            start = intervals.pop().start
        intervals.append(Interval(start, end, nearest))
    return intervals


def tiers(rows: Sequence[Row], columns: Columns) -> dict[str, list[Label]]:
    """The labels of one recording by tier; silence has none.

    Args:
        rows: Of one recording.
        columns: With probabilities, the one of the emotion has a tier too.
    """
    heard = [interval for interval in timeline(rows) if not interval.row.silent]
    labels = {
        "emotion": [Label(start, end, row.emotion) for start, end, row in heard],
        "unusual": [Label(start, end, "unusual") for start, end, row in heard if row.unusual],
    }
    if columns.probabilities:
        labels["probability"] = [
            Label(start, end, f"{max(row.probabilities):.{DIGITS}f}") for start, end, row in heard
        ]
    return labels


def _middle(row: Row) -> float:
    return (row.start + row.end) / 2
