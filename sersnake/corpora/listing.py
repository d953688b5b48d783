"""A user's list of recordings, checked and turned into a corpus' frame.

The general readers (CSV manifest, audformat database, EmoBox metadata) differ in how they read the
list; the checks are the same. All work on whole columns, so that 100,000 utterances take about a
second.
"""

# For 100,000 paths, os.path takes a fifth of the time of pathlib.
# ruff: noqa: PTH111, PTH118, PTH120, PTH122

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path

import numpy as np
import pandas as pd

from sersnake.corpora.base import COLUMNS, SEGMENT, as_utterances, order_frame
from sersnake.corpora.segments import require_apart, segment_names, settle_segments
from sersnake.corpora.spelling import are_files, as_on_disk, not_utf8
from sersnake.errors import SersnakeError
from sersnake.io.words import first_of

SEX = {
    **dict.fromkeys(("female", "f", "woman"), "female"),
    **dict.fromkeys(("male", "m", "man"), "male"),
    **dict.fromkeys(("unknown", ""), ""),
    "other": "other",
}


@dataclass(frozen=True)
class Listing:
    """A list of N recordings.

    Attributes:
        source: The file it was read from, for messages.
        rows: N rows of text with the columns path and emotion and any further ``COLUMNS``; where
            rows may be segments also start and end (s, NaN where unknown).
        places: Where each row is in the source, such as "line 12".
        remedy: What to do about missing recordings.
    """

    source: Path
    rows: pd.DataFrame
    places: Sequence[str]
    remedy: str = "put them there or correct the paths"

    def error(self, bad: pd.Series, what: str, remedy: str) -> SersnakeError:
        """The error of the first bad row, with the number of further ones."""
        places = list(compress(self.places, bad))
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        return SersnakeError(f"{self.source}: {places[0]}{more}: {what}; {remedy}")

    def frame(self) -> pd.DataFrame:
        """The corpus' frame, after all checks.

        Raises:
            SersnakeError: A path or an emotion is empty, a recording is missing or listed twice,
                a segment cannot be cut, all have the same emotion, a word for the sex is unknown,
                or two utterances would have the same name.
        """
        times = [column for column in SEGMENT if column in self.rows]
        rows = self.rows.reindex(columns=[*COLUMNS, *times], fill_value="")
        whole = replace(self, rows=rows)
        whole.require(("path", "emotion"))
        whole._require_classes()
        names = whole._locate()
        whole.require_files()
        settle_segments(whole)
        whole._require_distinct_paths()
        require_apart(whole)
        rows["sex"] = whole._sex()
        rows["utterance"] = whole._utterances(segment_names(names, rows))
        return order_frame(rows[_columns(rows)].astype(str), str(self.source))

    def require(self, columns: Iterable[str], remedy: str = "") -> None:
        """Checks that columns are filled in; ``remedy`` is added to the message.

        Raises:
            SersnakeError: One is empty somewhere.
        """
        for column in columns:
            empty = self.rows[column] == ""
            if empty.any():
                raise self.error(
                    empty, f"{column} is empty", f"fill it in or remove the entry{remedy}"
                )

    def require_one_spelling(self, columns: Iterable[str]) -> None:
        """Checks that no two values of a column differ only in case.

        Raises:
            SersnakeError: Two do; they would be two classes, or one speaker in training and test
                set, undetected by the audit.
        """
        for column in columns:
            values = pd.Series(self.rows[column].unique(), dtype=str)
            twice = values.str.casefold().duplicated()
            if twice.any():
                second = values[twice].iloc[0]
                first = next(value for value in values if value.casefold() == second.casefold())
                raise self.error(
                    self.rows[column] == second,
                    f"{column} {second!r} was {first!r} before",
                    "write it in one way",
                )

    def require_files(self) -> None:
        """Checks that the recordings exist.

        Raises:
            SersnakeError: Some do not; the message names up to five.
        """
        missing = ~are_files(self.rows["path"])
        if missing.any():
            paths = self.rows["path"][missing]
            places = compress(self.places, missing)
            named = [f"{place}: {path}" for place, path in zip(places, paths, strict=True)]
            raise SersnakeError(
                f"{self.source}: {len(paths)} of {len(self.rows)} recordings do not exist: "
                f"{first_of(named, separator='; ')}; {_why_missing(paths.iloc[0])}{self.remedy}"
            )

    def _locate(self) -> pd.Series:
        """Writes all paths of a recording in the same way, as on disk.

        Returns:
            The names of the recordings, made from the paths as they were written, so that they do
            not depend on the machine.
        """
        given = self.rows["path"]
        disk = as_on_disk(given)
        recording, _ = pd.factorize(disk.map(os.path.normpath))
        first = np.unique(recording, return_index=True)[1]
        self.rows["path"] = disk.to_numpy(object)[first][recording]
        names = names_of_files(given.iloc[first]).to_numpy(object)
        return pd.Series(names[recording], index=given.index)

    def _require_classes(self) -> None:
        classes = self.rows["emotion"].unique()
        if len(classes) < 2:
            content = f"only the emotion {classes[0]!r}" if len(classes) else "no recording"
            raise SersnakeError(
                f"{self.source}: lists {content}; a classifier needs at least two emotions"
            )

    def _require_distinct_paths(self) -> None:
        """Checks the paths of whole recordings; segments may share a path."""
        whole = (self.rows["start"] == "") & (self.rows["end"] == "")
        paths = self.rows["path"]
        twice = paths[whole].duplicated().reindex(paths.index, fill_value=False)
        if twice.any():
            path = paths[twice].iloc[0]
            first = self._first(paths.where(whole, ""), path)
            raise self.error(
                twice,
                f"{os.path.normpath(path)} is listed already ({first})",
                "remove one of the two, or give the start and end of each segment",
            )

    def _sex(self) -> pd.Series:
        words = self.rows["sex"].str.casefold()
        unknown = ~words.isin(list(SEX))
        if unknown.any():
            word = self.rows["sex"][unknown].iloc[0]
            raise self.error(
                unknown,
                f"sex {word!r} is not known",
                "write female, male or other, or leave it empty",
            )
        return words.map(SEX)

    def _utterances(self, of_files: pd.Series) -> pd.Series:
        """The given names, else those of the files."""
        given = self.rows["utterance"]
        names = given.where(given != "", of_files)
        twice = names.duplicated()
        if twice.any():
            name = names[twice].iloc[0]
            raise self.error(
                twice,
                f"the utterance would have the name {name}, like that of "
                f"{self._first(names, name)}",
                "give each utterance its own name",
            )
        return names

    def _first(self, values: pd.Series, value: str) -> str:
        return self.places[int((values == value).to_numpy().argmax())]


def require_source(root: Path, name: str, option: str) -> Path:
    """The file that an option of a corpus names.

    Args:
        root: The corpus' folder.
        name: The file, relative to that folder or absolute.
        option: The option, for the message.

    Raises:
        SersnakeError: There is no such file.
    """
    source = root / Path(name).expanduser()
    if not source.is_file():
        raise SersnakeError(
            f"{source}: no such file; put it there, name another with corpus_options: {option}, or "
            f"set corpora_dir or SERSNAKE_CORPORA to the folder that holds {root.name}"
        )
    return source


def below(folder: Path, paths: Iterable[str]) -> list[str]:
    """Paths relative to a folder; absolute ones do not change, and ``~`` is the home folder."""
    start = str(folder)
    return [
        os.path.join(start, os.path.expanduser(path) if path.startswith("~") else path)
        for path in paths
    ]


def _columns(rows: pd.DataFrame) -> list[str]:
    """The columns of a frame: start and end only if there is a segment."""
    segments = [] if (rows[list(SEGMENT)] == "").all(axis=None) else SEGMENT
    return ["utterance", "path", *segments, *COLUMNS[2:]]


def _why_missing(path: str) -> str:
    """A likely remedy for a path that does not exist; may be empty."""
    if "\\" in path:
        return "write folders with / and not with \\, "
    if name := not_utf8(os.path.dirname(path)):
        return f"rename files whose names are not UTF-8 ({name}), "
    return ""


def names_of_files(paths: pd.Series) -> pd.Series:
    """Names for utterances: the files' stems, or their paths where stems repeat.

    Args:
        paths: N paths; the folder that all share is left out of the names.
    """
    names = paths.map(os.path.basename)
    if names.map(_stem).duplicated().any():
        full = paths.map(os.path.abspath)
        common = os.path.commonpath(list(full.map(os.path.dirname).unique()))
        names = full.str.slice(len(common)).str.lstrip("/\\")
    return as_utterances(names.map(_stem))


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]
