"""Tables that people wrote: comma, semicolon or tab between the fields, every field as text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sersnake.errors import SersnakeError

SEPARATORS = (",", ";", "\t")


def read_text_table(path: Path) -> pd.DataFrame:
    """Reads a table with a header, whose names are put into lower case.

    Returns:
        A row for each filled line, all text, ``""`` where a field is empty.

    Raises:
        SersnakeError: The file is missing, is empty, is not UTF-8, or a line has more fields than
            the header.
    """
    if not path.is_file():
        raise SersnakeError(f"{path}: no such file; name another")
    try:
        with path.open(encoding="utf-8-sig") as lines:
            separator = _separator(lines.readline())
        # Without a header of its own, pandas takes no column for an index and refuses long lines.
        frame = pd.read_csv(
            path,
            sep=separator,
            header=None,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            low_memory=False,
        ).fillna("")
    except pd.errors.EmptyDataError as error:
        raise SersnakeError(f"{path}: is empty; write a header and rows") from error
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        remedy = "save it as UTF-8 with as many fields in each line as in the first"
        raise SersnakeError(f"{path}: not a CSV file ({_first_line(error)}); {remedy}") from error
    names = [str(name).strip().lower() for name in frame.iloc[0]]
    table = frame.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    return table.loc[:, ~table.columns.duplicated()]


def line_of(path: Path, row: int) -> int:
    """The line where a row of :func:`read_text_table` begins; the file is read again for it."""
    return next(line for number, line in enumerate(_filled_lines(path)) if number == row + 1)


def _filled_lines(path: Path) -> Iterator[int]:
    """Numbers of the lines where the header and the rows begin."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        separator = _separator(text.readline())
        text.seek(0)
        lines, before = csv.reader(text, delimiter=separator), 0
        for fields in lines:
            if len(fields) > 1 or "".join(fields).strip():
                yield before + 1
            before = lines.line_num


def _separator(header: str) -> str:
    return max(SEPARATORS, key=header.count)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1]
