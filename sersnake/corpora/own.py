"""The reader `csv`: a table of one's own with a line a recording.

The columns path, emotion and speaker have to be there; utterance, sex, session, sentence and
language may be; all others are left alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import COLUMNS, Corpus, Options
from sersnake.corpora.listing import Listing, below, require_source
from sersnake.errors import SersnakeError

REQUIRED = ("path", "emotion", "speaker")
KNOWN = tuple(column for column in COLUMNS if column != "corpus")
SEPARATORS = (",", ";", "\t")
# What other toolkits call the required columns.
ALIASES = {
    "path": ("file", "filename", "file_name", "filepath", "file_path", "wav", "audio"),
    "emotion": ("label", "emo", "class", "category", "target"),
    "speaker": ("spk", "speaker_id", "spk_id", "actor", "subject", "talker"),
}
UTF8 = "save it as UTF-8 (in a spreadsheet: Save as, CSV UTF-8)"


def read(root: Path, options: Options) -> pd.DataFrame:
    """Reads the manifest; paths in it are relative to its own folder.

    Raises:
        SersnakeError: The manifest is missing or a line of it is wrong; names the line.
    """
    source = require_source(root, options["manifest"], "manifest")
    listing = _parse(source, _decode(source))
    listing.require(REQUIRED)
    listing.require_one_spelling(("emotion", "speaker"))
    listing.rows["path"] = below(source.parent, listing.rows["path"])
    return listing.frame()


def _decode(source: Path) -> str:
    data = source.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:1000]:
        raise SersnakeError(f"{source}: line 1: is UTF-16, not UTF-8; {UTF8}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SersnakeError(f"{source}: line {line}: is not UTF-8 (Latin-1?); {UTF8}") from error


def _parse(source: Path, text: str) -> Listing:
    """The known columns; lines without any content are left out."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows, places = [], []
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        _check_header(source, header)
        for row in lines:
            if any(map(str.strip, row)):
                rows.append(row)
                places.append(f"line {lines.line_num}")
    except csv.Error as error:
        raise SersnakeError(
            f"{source}: line {lines.line_num}: is not CSV ({error}); close or double the quotes"
        ) from error
    _check_lengths(source, header, rows, places)
    columns = zip(header, zip(*rows, strict=True) if rows else [()] * len(header), strict=True)
    known = {name: pd.Series(v, dtype=object).str.strip() for name, v in columns if name in KNOWN}
    return Listing(source, pd.DataFrame(known), places)


def _separator(text: str) -> str:
    """The separator under which the header has most columns that we know, or most columns."""
    header = text.splitlines()[0] if text else ""

    def columns(separator: str) -> tuple[int, int]:
        names = [name.strip(' "').lower() for name in header.split(separator)]
        return len(set(names) & set(KNOWN)), len(names)

    return max(SEPARATORS, key=columns)


def _check_header(source: Path, header: Sequence[str]) -> None:
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        found = ", ".join(header) or "none"
        hints = [hint for column in missing if (hint := _hint(column, header))]
        remedy = f"rename {', '.join(hints)}" if hints else "add what is missing to the first line"
        raise SersnakeError(
            f"{source}: line 1: has no column {', '.join(missing)} (it has {found}); {remedy}"
        )
    twice = [column for column in KNOWN if header.count(column) > 1]
    if twice:
        raise SersnakeError(f"{source}: line 1: has the column {twice[0]} twice; remove one")


def _hint(column: str, header: Sequence[str]) -> str:
    """Which column may be meant, as in "label to emotion"."""
    others = [name for name in header if name not in KNOWN]
    meant = [name for name in ALIASES[column] if name in others]
    meant += get_close_matches(column, others, n=1, cutoff=0.7)
    return f"{meant[0]} to {column}" if meant else ""


def _check_lengths(
    source: Path, header: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[str]
) -> None:
    for row, place in zip(rows, places, strict=True):
        if len(row) != len(header):
            raise SersnakeError(
                f"{source}: {place}: has {len(row)} fields, the first line {len(header)}; put a "
                "field that holds the separator into double quotes"
            )


CORPUS = Corpus(
    name="csv",
    read=read,
    layout="<corpus>/manifest.csv with the columns path, emotion, speaker",
    source="A corpus of your own; config/own-corpus.md shows how.",
    options={"manifest": "manifest.csv"},
)
