"""The reader `csv`: a user's table with a line per recording or segment.

The columns path, emotion and speaker are required, under these names or those that the option
``columns`` gives; the others of a corpus' frame are optional; all further ones are ignored.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import SEGMENT, UNKNOWN, Corpus, Options, choose
from sersnake.corpora.headings import KNOWN, as_heading, find_columns, find_times, read_option
from sersnake.corpora.listing import Listing, below, require_source
from sersnake.corpora.segments import fit
from sersnake.errors import SersnakeError
from sersnake.io.text_table import SEPARATORS, first_line, read_text, told_separator

REQUIRED = ("path", "emotion", "speaker")
# What the name of an utterance does not contain, even a malformed one.
SENTENCE = re.compile(r"[\s'\"?!,;]|[^\x00-\x7f]|[.:]$")
NO_VALUE = ("", "nat", "nan", "none", "null", "n/a")
NO_TIME = (*NO_VALUE, "na", "<na>", "-")
NO_SPEAKER = (*NO_VALUE, UNKNOWN, "?")
UNKNOWN_SPEAKERS = f", or set corpus_options: speaker: {UNKNOWN} if the speakers are not known"


def read(root: Path, options: Options) -> pd.DataFrame:
    """Reads the manifest; paths in it are relative to its own folder.

    Raises:
        SersnakeError: The manifest is missing, or an option or a line is wrong; the message names
            the line.
    """
    source = require_source(root, options["manifest"], "manifest")
    mapping = read_option(options["columns"])
    known = choose("speaker", options["speaker"], ("", UNKNOWN)) != UNKNOWN
    required = REQUIRED if known else REQUIRED[:-1]
    listing = _parse(source, read_text(source), mapping, required)
    rows = listing.rows
    rows["emotion"] = rows["emotion"].mask(rows["emotion"].str.casefold() == "nan", "")
    listing.require(("path", "emotion"))
    _settle_speakers(listing, known)
    listing.require_one_spelling(("emotion", "speaker"))
    if "utterance" in rows and "utterance" not in mapping and _is_transcript(rows["utterance"]):
        del rows["utterance"]
    _read_times(listing)
    rows["path"] = below(source.parent, rows["path"])
    _settle_guess(listing)
    return listing.frame()


def _settle_speakers(listing: Listing, known: bool) -> None:
    """Empties unknown speakers, which are an error unless the option ``speaker`` allows them."""
    speakers = listing.rows.get("speaker", pd.Series("", index=listing.rows.index))
    listing.rows["speaker"] = speakers.mask(speakers.str.casefold().isin(NO_SPEAKER), "")
    if known:
        listing.require(("speaker",), UNKNOWN_SPEAKERS)


def _parse(source: Path, text: str, mapping: Mapping[str, str], required: Sequence[str]) -> Listing:
    """The known columns; lines without any content are left out."""
    told = told_separator(text)
    separator = told or _separator(text, {*KNOWN, *mapping.values()})
    lines = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    rows, places = [], []
    try:
        if told:
            next(lines)
        header = [as_heading(name) for name in next(filter(_is_filled, lines), [])]
        columns = find_columns(source, header, mapping, required)
        guesses = find_times(header, mapping)
        columns.update({f"{column}?": at for column, at in guesses.items()})
        for row in lines:
            if _is_filled(row):
                rows.append(row)
                places.append(f"line {lines.line_num}")
    except csv.Error as error:
        raise SersnakeError(
            f"{source}: line {lines.line_num}: is not CSV ({error}); close or double the quotes"
        ) from error
    _check_lengths(source, header, rows, places)
    fields = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    known = pd.DataFrame({name: fields[at] for name, at in columns.items()}, dtype=object)
    for column in known:
        known[column] = known[column].map(str.strip if column == "path" else _as_text)
    return Listing(source, known, places)


def _is_filled(row: Sequence[str]) -> bool:
    return any(map(str.strip, row))


def _as_text(text: str) -> str:
    """A cell in Unicode's composed form, so that an accent does not make two speakers of one."""
    return unicodedata.normalize("NFC", text).strip()


def _separator(text: str, known: set[str]) -> str:
    """The separator that gives the header most known columns, on a tie most columns."""
    header = first_line(text)

    def columns(separator: str) -> tuple[int, int]:
        names = [as_heading(name.strip(' "')) for name in header.split(separator)]
        return len(set(names) & known), len(names)

    return max(SEPARATORS, key=columns)


def _is_transcript(utterances: pd.Series) -> bool:
    """Whether a column utterance holds transcripts: sentences, or repeated words."""
    given = utterances[utterances != ""]
    return bool(given.duplicated().any() or given.str.contains(SENTENCE).any())


def _read_times(listing: Listing) -> None:
    """Turns start and end into numbers; a start with a duration gives a missing end."""
    rows = listing.rows
    if not {"start", "end"} & set(rows):
        return
    for column in ("start", "end"):
        rows[column] = _times(listing, column) if column in rows else float("nan")
    if "duration" in rows and rows["end"].isna().any():
        rows["end"] = rows["end"].fillna(rows["start"] + _times(listing, "duration"))


def _settle_guess(listing: Listing) -> None:
    """Decides whether columns that may be start and end are those of segments.

    They are if they fit into the recordings, or if recordings are listed several times. Otherwise
    they say where whole recordings were taken from, such as a film.
    """
    rows = listing.rows
    if "start?" not in rows:
        return
    guesses = {column: rows.pop(f"{column}?") for column in SEGMENT}
    times = pd.DataFrame({column: texts.map(_seconds) for column, texts in guesses.items()})
    if rows["path"].duplicated().any() or fit(rows["path"], times["start"], times["end"]):
        rows[list(SEGMENT)] = times


def _times(listing: Listing, column: str) -> pd.Series:
    texts = listing.rows[column]
    times = texts.map(_seconds)
    wrong = times.isna() & ~texts.str.casefold().isin(NO_TIME)
    if wrong.any():
        raise listing.error(
            wrong,
            f"{column} {texts[wrong].iloc[0]!r} is not a time",
            "write seconds, such as 1.5, or 0 days 00:00:01.5",
        )
    return times


def _seconds(text: str) -> float:
    """A time in s, from a number or a time difference as pandas writes it; NaN for none."""
    number = text.replace(",", ".")
    try:
        seconds = float(number)
    except ValueError:
        delta = pd.to_timedelta(number, errors="coerce") if number else pd.NaT
        seconds = float("nan") if pd.isna(delta) else delta.total_seconds()
    return seconds if abs(seconds) < float("inf") else float("nan")


def _check_lengths(
    source: Path, header: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[str]
) -> None:
    for row, place in zip(rows, places, strict=True):
        if len(row) != len(header):
            raise SersnakeError(
                f"{source}: {place}: has {len(row)} fields, the first line {len(header)}; put "
                "fields with the separator into double quotes"
            )


CORPUS = Corpus(
    name="csv",
    read=read,
    layout="<corpus>/manifest.csv with the columns path, emotion, speaker",
    source="A corpus of your own; docs/tutorial/own-corpus.md shows how.",
    options={"manifest": "manifest.csv", "columns": "", "speaker": ""},
)
