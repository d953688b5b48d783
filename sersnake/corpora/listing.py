"""A list of recordings as somebody wrote it, checked and turned into a corpus' frame.

The general readers (CSV manifest, audformat database, EmoBox metadata) differ in how they get at
the list; what can be wrong with it is the same. All checks work on whole columns, so that 100,000
utterances take about a second.
"""

# For 100,000 paths, os.path takes a fifth of the time of pathlib.
# ruff: noqa: PTH110, PTH118, PTH119, PTH122

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import COLUMNS, as_utterance, order_frame
from sersnake.errors import SersnakeError

NAMED = 5  # missing files a message names
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
        rows: N rows of text with the columns path and emotion and any further ``COLUMNS``.
        places: Where each row stands in the source, such as "line 12".
        remedy: What to do about missing recordings.
    """

    source: Path
    rows: pd.DataFrame
    places: Sequence[str]
    remedy: str = "put them there or correct the paths"

    def error(self, bad: pd.Series, what: str, remedy: str) -> SersnakeError:
        """The mistake of the first bad row, with the number of further ones."""
        places = list(compress(self.places, bad))
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        return SersnakeError(f"{self.source}: {places[0]}{more}: {what}; {remedy}")

    def frame(self) -> pd.DataFrame:
        """The corpus' frame, after all checks.

        Raises:
            SersnakeError: A path or an emotion is empty, a recording is missing or listed twice,
                all are of one emotion, a word for the sex is unknown, or two utterances would have
                the same name.
        """
        rows = self.rows.reindex(columns=list(COLUMNS), fill_value="")
        whole = replace(self, rows=rows)
        whole.require(("path", "emotion"))
        whole._require_classes()
        whole._require_distinct_paths()
        whole.require_files()
        rows["sex"] = whole._sex()
        rows["utterance"] = whole._utterances()
        return order_frame(rows.astype(str), str(self.source))

    def require(self, columns: Iterable[str]) -> None:
        """Checks that columns are filled in.

        Raises:
            SersnakeError: One is empty somewhere.
        """
        for column in columns:
            empty = self.rows[column] == ""
            if empty.any():
                raise self.error(empty, f"{column} is empty", "fill it in or remove the entry")

    def require_one_spelling(self, columns: Iterable[str]) -> None:
        """Checks that no two values of a column differ in upper and lower case alone.

        Raises:
            SersnakeError: Two do; they would be two classes, or one speaker on both sides of a
                split whom no audit finds.
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
            SersnakeError: Some do not; names up to five.
        """
        missing = ~are_files(self.rows["path"])
        if missing.any():
            paths = self.rows["path"][missing]
            places = compress(self.places, missing)
            named = [f"{place}: {path}" for place, path in zip(places, paths[:NAMED], strict=False)]
            more = [f"and {len(paths) - NAMED} more"] if len(paths) > NAMED else []
            slashes = "write folders with / and not with \\, " if "\\" in paths.iloc[0] else ""
            raise SersnakeError(
                f"{self.source}: {len(paths)} of {len(self.rows)} recordings do not exist: "
                f"{'; '.join(named + more)}; {slashes}{self.remedy}"
            )

    def _require_classes(self) -> None:
        classes = self.rows["emotion"].unique()
        if len(classes) < 2:
            found = f"only the emotion {classes[0]!r}" if len(classes) else "no recording"
            raise SersnakeError(
                f"{self.source}: lists {found}; a classifier needs two emotions or more"
            )

    def _require_distinct_paths(self) -> None:
        paths = self.rows["path"].map(os.path.normpath)
        twice = paths.duplicated()
        if twice.any():
            path = paths[twice].iloc[0]
            first = self._first(paths, path)
            raise self.error(twice, f"{path} is listed already ({first})", "remove one of the two")

    def _sex(self) -> pd.Series:
        words = self.rows["sex"].str.casefold()
        unknown = ~words.isin(list(SEX))
        if unknown.any():
            word = self.rows["sex"][unknown].iloc[0]
            raise self.error(
                unknown, f"sex {word!r} is not known", "write female, male, other or nothing"
            )
        return words.map(SEX)

    def _utterances(self) -> pd.Series:
        """The names that are given, else those of the files."""
        given = self.rows["utterance"]
        names = given.where(given != "", names_of_files(self.rows["path"]))
        twice = names.duplicated()
        if twice.any():
            name = names[twice].iloc[0]
            raise self.error(
                twice,
                f"the utterance would be called {name}, as the one of {self._first(names, name)}",
                "give each a name of its own",
            )
        return names

    def _first(self, values: pd.Series, value: str) -> str:
        return self.places[int((values == value).to_numpy().argmax())]


def require_source(root: Path, name: str, option: str) -> Path:
    """The file of a corpus that an option names.

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
    """Paths relative to a folder; absolute ones stay as they are."""
    start = str(folder)
    return [os.path.join(start, path) for path in paths]


def names_of_files(paths: pd.Series) -> pd.Series:
    """Names for utterances: the files' stems, or their paths where stems repeat.

    Args:
        paths: N paths; the folder that all have in common is left out of the names.
    """
    names = paths.map(os.path.basename)
    if names.map(_stem).duplicated().any():
        full = paths.map(os.path.abspath)
        common = os.path.commonpath(list(full.map(os.path.dirname).unique()))
        names = full.str.slice(len(common)).str.lstrip("/\\")
    return names.map(lambda name: as_utterance(_stem(name)))


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]


def are_files(paths: pd.Series) -> pd.Series:
    """Whether each path exists; a folder is listed once, since every question to a server waits."""
    folders = paths.map(os.path.dirname)
    names = {folder: _names_in(folder) for folder in folders.unique()}
    found = [
        os.path.basename(path) in names[folder] or os.path.exists(path)
        for path, folder in zip(paths, folders, strict=True)
    ]
    return pd.Series(found, index=paths.index, dtype=bool)


def _names_in(folder: str) -> frozenset[str]:
    try:
        return frozenset(entry.name for entry in os.scandir(folder or "."))
    except OSError:
        return frozenset()
