"""Predictions as rows: the columns, CSV and lines of JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from typing import Any, NamedTuple, TextIO

from sersnake.io.names import written
from sersnake.model.prediction.rows import Row

DIGITS = 4


class Columns(NamedTuple):
    """The columns to write.

    Attributes:
        labels: The model's emotions.
        probabilities: Whether probabilities replace scores.
        enrolled: Whether a row has the number of enrolled utterances of its speaker.
    """

    labels: tuple[str, ...]
    probabilities: bool = False
    enrolled: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        what = "probability" if self.probabilities else "score"
        scores = [f"{what}_{label}" for label in self.labels]
        columns = ["file", "start", "end", "emotion", *scores, "moment", "distance", "unusual"]
        return [*columns, "enrolled"] if self.enrolled else columns

    def cells(self, row: Row) -> list[Any]:
        """The values of a row, rounded, its name as valid text; None for missing values."""
        chances = row.probabilities if self.probabilities else row.scores
        numbers = [row.start, row.end, *chances, row.moment, row.distance]
        start, end, *scores, moment, distance = (_rounded(number) for number in numbers)
        cells = [written(row.file), start, end, row.emotion, *scores, moment, distance]
        return [*cells, int(row.unusual), *([row.enrolled] if self.enrolled else [])]


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, DIGITS)


class CsvRows:
    """Writes rows as CSV under one header."""

    def __init__(self, stream: TextIO, columns: Columns) -> None:
        """Writes the header."""
        self._stream, self._writer = stream, csv.writer(stream, lineterminator="\n")
        self._columns = columns
        self._writer.writerow(columns.names)

    def __call__(self, rows: Iterable[Row]) -> None:
        """Writes some rows at once."""
        self._writer.writerows(map(self._columns.cells, rows))
        self._stream.flush()


class JsonRows:
    """Writes every row as one line of JSON."""

    def __init__(self, stream: TextIO, columns: Columns) -> None:
        """Takes the columns, which are the keys."""
        self._stream, self._columns = stream, columns

    def __call__(self, rows: Iterable[Row]) -> None:
        """Writes some rows at once."""
        for row in rows:
            named = dict(zip(self._columns.names, self._columns.cells(row), strict=True))
            self._stream.write(json.dumps(named, ensure_ascii=False) + "\n")
        self._stream.flush()
