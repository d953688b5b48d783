"""The forms in which answers are given: CSV, lines of JSON, an audformat database."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_folder, require_replaceable
from sersnake.io.names import written
from sersnake.model.prediction.rows import Row

DIGITS = 4
DATABASE = "db.yaml"  # which every audformat database has


def header(labels: Sequence[str], probabilities: bool) -> list[str]:
    """The columns of a row, with scores or probabilities."""
    scores = [f"{'probability' if probabilities else 'score'}_{label}" for label in labels]
    return ["file", "start", "end", "emotion", *scores, "moment", "distance", "unusual"]


def cells(row: Row, probabilities: bool) -> list[Any]:
    """The values of a row, rounded, the name without what is no text; None where there is none."""
    chances = row.probabilities if probabilities else row.scores
    numbers = [row.start, row.end, *chances, row.moment, row.distance]
    start, end, *scores, moment, distance = (_rounded(number) for number in numbers)
    return [written(row.file), start, end, row.emotion, *scores, moment, distance, int(row.unusual)]


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, DIGITS)


class CsvRows:
    """Writes rows as CSV under one header."""

    def __init__(self, stream: TextIO, labels: Sequence[str], probabilities: bool) -> None:
        """Writes the header."""
        self._stream, self._writer = stream, csv.writer(stream, lineterminator="\n")
        self._probabilities = probabilities
        self._writer.writerow(header(labels, probabilities))

    def __call__(self, rows: Iterable[Row]) -> None:
        """Writes some rows at once."""
        self._writer.writerows(cells(row, self._probabilities) for row in rows)
        self._stream.flush()


class JsonRows:
    """Writes every row as one line of JSON."""

    def __init__(self, stream: TextIO, labels: Sequence[str], probabilities: bool) -> None:
        """Takes the labels for the names of the scores."""
        self._stream, self._names = stream, header(labels, probabilities)
        self._probabilities = probabilities

    def __call__(self, rows: Iterable[Row]) -> None:
        """Writes some rows at once."""
        for row in rows:
            named = dict(zip(self._names, cells(row, self._probabilities), strict=True))
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


def write_audformat(
    folder: str | Path,
    rows: Sequence[Row],
    labels: Sequence[str],
    model: str,
    probabilities: bool,
) -> None:
    """Writes a database with a segmented table ``emotion``.

    Args:
        folder: Folder to write; it does not exist yet, or is a database to replace.
        rows: All rows.
        labels: The model's emotions.
        model: The model's name, which becomes the rater's.
        probabilities: Whether they are written in place of scores.

    Raises:
        SersnakeError: The folder holds something else than a database.
    """
    import audformat
    import pandas as pd

    database = audformat.Database(model, usage="unrestricted", description="Made by sersnake")
    database.raters["sersnake"] = audformat.Rater("machine", description=model)
    names = [*labels, *{row.emotion for row in rows}.difference(labels)]  # silence, where it is
    database.schemes["emotion"] = audformat.Scheme("str", labels=names)
    database.schemes["number"] = audformat.Scheme("float")
    database.schemes["unusual"] = audformat.Scheme("bool")
    index = audformat.segmented_index(
        [written(row.file) for row in rows],
        [pd.Timedelta(seconds=row.start) for row in rows],
        [pd.Timedelta(seconds=row.end) for row in rows],
    )
    table = database["emotion"] = audformat.Table(index)
    columns = header(labels, probabilities)
    of_rows = [cells(row, probabilities) for row in rows]
    values = list(zip(*of_rows, strict=True)) or [()] * len(columns)
    for name, column in list(zip(columns, values, strict=True))[3:]:
        scheme = name if name in ("emotion", "unusual") else "number"
        table[name] = audformat.Column(scheme_id=scheme, rater_id="sersnake")
        table[name].set([bool(v) for v in column] if name == "unusual" else list(column))
    with atomic_folder(Path(folder), DATABASE) as temporary:
        database.save(str(temporary))
