"""The manifest of an audit: that of a run, or anybody's table of recordings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sersnake.corpora.headings import ALIASES
from sersnake.errors import SersnakeError
from sersnake.io.text_table import first_heading, read_text_table
from sersnake.io.words import some
from sersnake.protocols.matching import path_words, segment_keys

NAMES = ("utterance", "utterance_id", "utt_id", "utt", "key", "id", "name")
UNKNOWN = frozenset(("unknown", "nan", "none"))  # speakers who are not known, as people write it


def read_manifest(path: Path) -> pd.DataFrame:
    """Reads a table of recordings for an audit.

    Raises:
        SersnakeError: It cannot be read, or as :func:`as_manifest`.
    """
    return as_manifest(read_text_table(path), f"{path}:1")


def as_manifest(frame: pd.DataFrame, source: str = "manifest") -> pd.DataFrame:
    """Finds the columns that an audit needs under the names that people give them.

    Args:
        frame: A row for each utterance: its name or the path of its recording, and its label;
            the speaker where it is known. Upper and lower case of the headings does not matter.
        source: What an error calls the table.

    Returns:
        The rows in their order, all text, with the columns utterance and emotion; path and speaker
        where the table has them; all other columns as they are.

    Raises:
        SersnakeError: Neither the utterance nor its recording is named, or no label is there.
    """
    table = frame.rename(columns=lambda name: str(name).strip().lower())
    table = table.loc[:, ~table.columns.duplicated()].astype(object).where(frame.notna().values, "")
    table = table.astype(str).apply(lambda column: column.str.strip()).reset_index(drop=True)
    for column, names in ALIASES.items():
        if column not in table and (alias := first_heading(table, names)):
            table = table.rename(columns={alias: column})
    if "emotion" not in table:
        raise SersnakeError(
            f"{source}: has no column emotion (it has {some(table.columns, 20)}); rename the "
            "column of the labels to emotion or label"
        )
    table["utterance"] = _utterances(table, source)
    if "speaker" in table:
        table["speaker"] = table["speaker"].mask(table["speaker"].str.lower().isin(UNKNOWN), "")
    return table


def _utterances(table: pd.DataFrame, source: str) -> pd.Series:
    """The names that are given, else the stems of the files with times, else their paths."""
    for name in NAMES:
        if (column := first_heading(table, [name])) and _is_name(table, column):
            return table[column]
    if "path" not in table:
        raise SersnakeError(
            f"{source}: has no column utterance or path that names each row (it has "
            f"{some(table.columns, 20)}); rename the column of the recordings to path"
        )
    if "start" in table and table["path"].duplicated().any():
        return segment_keys(table["path"], table)
    stems = table["path"].map(lambda path: path_words(path)[-1])
    return table["path"] if stems.duplicated().any() else stems


def _is_name(table: pd.DataFrame, column: str) -> bool:
    """Whether a column names utterances; what was said is called utterance, too."""
    if "path" not in table:
        return True
    values = table[column]
    return not (values.duplicated().any() or (values == "").any() or values.str.contains(" ").any())
