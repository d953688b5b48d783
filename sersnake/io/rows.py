"""Chosen rows of many CSV files in one."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_path, join_csv


def join_rows(sources: Sequence[Path], target: Path, column: str, values: Sequence[str]) -> None:
    """Writes the rows of all sources that hold one of some values, each field as it was.

    Args:
        sources: At least one CSV file.
        target: The file to write.
        column: Where the value stands.
        values: The values.

    Raises:
        SersnakeError: A source is missing, is empty, has another header than the first, or lacks
            the column.
    """
    with atomic_path(target) as joined:
        join_csv(sources, joined)
        with joined.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        if column not in header:
            raise SersnakeError(
                f"{sources[0]}: has no column {column}; name files that have it, or all rows"
            )
        place = header.index(column)
        with joined.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([header, *(row for row in rows if row[place] in values)])
