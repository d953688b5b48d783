"""Tables that people wrote: comma, semicolon, tab or | between the fields, every field as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from sersnake.errors import SersnakeError

SEPARATORS = (",", ";", "\t", "|")
# A first line that tells spreadsheet programs which separator the file has.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
UTF8 = "save it as UTF-8 (in a spreadsheet: Save as, CSV UTF-8)"


def read_text(source: Path) -> str:
    """The text of a table in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        SersnakeError: It is in another encoding; the message names the line.
    """
    data = source.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, name = "utf-16", "UTF-16"
    elif b"\0" in data[:1000]:
        raise SersnakeError(f"{source}: line 1: is not UTF-8 (UTF-16 without a mark?); {UTF8}")
    else:
        encoding, name = "utf-8-sig", "UTF-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        guess = " (Latin-1?)" if name == "UTF-8" else ""
        raise SersnakeError(f"{source}: line {line}: is not {name}{guess}; {UTF8}") from error


def told_separator(text: str) -> str:
    """The separator that the first line tells a spreadsheet (``sep=;``); empty for none."""
    told = SEPARATOR_LINE.match(text)
    return told[1] if told else ""


def first_line(text: str) -> str:
    """The first line that is not empty."""
    return next((line for line in text.splitlines() if line.strip()), "")


def squeezed(heading: str) -> str:
    """A heading without what people write between its words: ``File Name`` and ``file_name``."""
    return re.sub(r"[\W_]+", "", heading.lower())


def first_heading(table: pd.DataFrame, names: Iterable[str]) -> str:
    """The heading of a table that is the first of some names, see :func:`squeezed`; empty for none.

    Args:
        table: Its headings are in lower case.
        names: The likeliest first.
    """
    headings = {squeezed(heading): heading for heading in reversed(list(table.columns))}
    return next((headings[key] for key in map(squeezed, names) if key in headings), "")


def read_text_table(path: Path, *, header: bool = True) -> pd.DataFrame:
    """Reads a table.

    Args:
        path: The file.
        header: Whether the first line names the columns; these names are put into lower case.

    Returns:
        A row for each filled line, all text, ``""`` where a field is empty.

    Raises:
        SersnakeError: The file is missing, is empty, is in an unknown encoding, or a line has more
            fields than the first.
    """
    if not path.is_file():
        raise SersnakeError(f"{path}: no such file; name another")
    separator, text, _ = _content(path)
    try:
        # Without a header of its own, pandas takes no column for an index and refuses long lines.
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
        ).fillna("")
    except pd.errors.EmptyDataError as error:
        raise SersnakeError(f"{path}: is empty; write a header and rows") from error
    except pd.errors.ParserError as error:
        remedy = "write the same number of fields in each line"
        raise SersnakeError(f"{path}: not a CSV file ({_last_line(error)}); {remedy}") from error
    if not header:
        return frame
    names = [str(name).strip().lower() for name in frame.iloc[0]]
    table = frame.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    return table.loc[:, ~table.columns.duplicated()]


def line_of(path: Path, row: int) -> int:
    """The line where a row of :func:`read_text_table` begins; the file is read again for it."""
    return next(line for number, line in enumerate(_filled_lines(path)) if number == row + 1)


def _filled_lines(path: Path) -> Iterator[int]:
    """Numbers of the lines where the header and the rows begin."""
    separator, text, skipped = _content(path)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    before = 0
    for fields in lines:
        if len(fields) > 1 or "".join(fields).strip():
            yield skipped + before + 1
        before = lines.line_num


def _content(path: Path) -> tuple[str, str, int]:
    """The separator, the text, and how many lines stand before it."""
    text = read_text(path)
    told = SEPARATOR_LINE.match(text)
    if told:
        return told[1], text[told.end() :], 1
    return max(SEPARATORS, key=first_line(text).count), text, 0


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1]
