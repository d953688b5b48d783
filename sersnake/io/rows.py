"""Chosen rows of many CSV files in one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

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
        SersnakeError: A source is missing, has another header than the first, or lacks the column.
    """
    with atomic_path(target) as joined:
        join_csv(sources, joined)
        frame = pd.read_csv(joined, dtype=str, keep_default_na=False)
        if column not in frame.columns:
            raise SersnakeError(f"{sources[0]}: has no column {column}")
        chosen = frame[frame[column].isin(values)]
        chosen.to_csv(joined, index=False, lineterminator="\n")
