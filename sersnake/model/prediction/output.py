"""The forms in which answers are given: CSV, lines of JSON, an audformat database."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_folder, require_replaceable
from sersnake.io.names import written
from sersnake.model.prediction.rows import Row

DIGITS = 4
DATABASE = "db.yaml"  # which every audformat database has


class Columns(NamedTuple):
    """What is written of each row.

    Attributes:
        labels: The model's emotions.
        probabilities: Whether each has its probability in place of its score.
        enrolled: Whether a row says how many utterances its speaker is known by.
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
        """The values of a row, rounded, its name without what is no text; None where none is."""
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


def require_output(form: str, path: Path) -> None:
    """Checks, before the work begins, that the answers can be written at a place.

    Args:
        form: csv, jsonl or audformat.
        path: The file, or with audformat the folder.

    Raises:
        SersnakeError: Something else is there.
    """
    if form == "audformat":
        require_replaceable(path, DATABASE)
    elif path.is_dir():
        raise SersnakeError(f"{path}: is a folder; name a file in it")


def write_audformat(folder: str | Path, rows: Sequence[Row], columns: Columns, model: str) -> None:
    """Writes a database with a segmented table ``emotion``.

    Args:
        folder: Folder to write; it does not exist yet, or is a database to replace.
        rows: All rows.
        columns: What is written of each.
        model: The model's name, which becomes the rater's.

    Raises:
        SersnakeError: The folder holds something else than a database.
    """
    import audformat
    import pandas as pd

    database = audformat.Database(model, usage="unrestricted", description="Made by sersnake")
    database.raters["sersnake"] = audformat.Rater("machine", description=model)
    silence = {row.emotion for row in rows}.difference(columns.labels)  # where it is
    names = [*columns.labels, *silence]
    database.schemes["emotion"] = audformat.Scheme("str", labels=names)
    database.schemes["number"] = audformat.Scheme("float")
    database.schemes["unusual"] = audformat.Scheme("bool")
    index = audformat.segmented_index(
        [written(row.file) for row in rows],
        [pd.Timedelta(seconds=row.start) for row in rows],
        [pd.Timedelta(seconds=row.end) for row in rows],
    )
    table = database["emotion"] = audformat.Table(index)
    values = list(zip(*map(columns.cells, rows), strict=True)) or [()] * len(columns.names)
    for name, column in list(zip(columns.names, values, strict=True))[3:]:
        scheme = name if name in ("emotion", "unusual") else "number"
        table[name] = audformat.Column(scheme_id=scheme, rater_id="sersnake")
        table[name].set([bool(v) for v in column] if name == "unusual" else list(column))
    with atomic_folder(Path(folder), DATABASE) as temporary:
        database.save(str(temporary))
