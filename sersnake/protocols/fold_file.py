"""Folds that somebody else made: a CSV file, or the folder of fold files of an EmoBox corpus.

A CSV file has the columns fold, utterance and part. sersnake has no validation part: rows whose
part is valid, validation, val or dev count as unused, and a note says how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sersnake.corpora.base import as_utterance
from sersnake.errors import SersnakeError
from sersnake.io import read_csv
from sersnake.metrics import POOLED
from sersnake.protocols import emobox
from sersnake.protocols.words import count

VALIDATION = ("valid", "validation", "val", "dev")
MEANINGS = {"train": "train", "test": "test", "unused": "unused"} | dict.fromkeys(
    VALIDATION, "unused"
)

NAME = re.compile(r"[A-Za-z0-9_-]+")
SHARED_NAME = re.compile(r"[A-Za-z0-9_-]+(\+[A-Za-z0-9_-]+)*")  # inner folds that sersnake made


@dataclass(frozen=True)
class FoldTable:
    """The rows of a fold file.

    Attributes:
        source: The file or folder.
        rows: Columns fold, utterance (its name in the manifest, or as it is written where the
            manifest has none) and part (train, test, unused), in the order of the file.
        place: Where a row stands, as ``file:line``.
        notes: What was taken in another sense than it is written, a sentence each.
    """

    source: Path
    rows: pd.DataFrame
    place: Callable[[int], str]
    notes: tuple[str, ...]


def fold_file_names(path: Path) -> list[str]:
    """The folds of a fold file, in its order; for an EmoBox folder no file is opened.

    Raises:
        SersnakeError: There is no such file, or it has no folds.
    """
    if path.is_dir():
        return list(emobox.find_folds(path))
    folds = read_csv(path, ["fold"])["fold"]
    _check_fold_names(path, folds, _csv_place(path), NAME)
    return list(folds.unique())


def read_fold_file(path: Path, utterances: Collection[str]) -> FoldTable:
    """Reads a fold file and finds its utterances among those of the manifest.

    Args:
        path: A CSV file, or a folder with ``fold_1/<corpus>_test_fold_1.jsonl`` and so on.
        utterances: Names of the utterances of the manifest.

    Raises:
        SersnakeError: It cannot be read, or a part or the name of a fold is none.
    """
    rows, place = _read_emobox(path) if path.is_dir() else _read_csv(path)
    _check_fold_names(path, rows["fold"], place, SHARED_NAME)
    parts = rows["part"].map(MEANINGS)
    if parts.isna().any():
        row = int(parts.isna().to_numpy().argmax())
        raise SersnakeError(
            f"{place(row)}: part {rows['part'].iloc[row]!r} is none of {', '.join(MEANINGS)}; "
            "mend the line"
        )
    validation = int(rows["part"].isin(VALIDATION).sum())
    notes = [f"{path}: {count(validation, 'validation row')} taken as unused"] * bool(validation)
    names = _known_names(rows, frozenset(utterances))
    table = pd.DataFrame({"fold": rows["fold"], "utterance": names, "part": parts})
    return FoldTable(path, table, place, tuple(notes))


def _read_csv(path: Path) -> tuple[pd.DataFrame, Callable[[int], str]]:
    rows = read_csv(path, ["fold", "utterance", "part"])[["fold", "utterance", "part"]]
    return rows.astype(str), _csv_place(path)


def _csv_place(path: Path) -> Callable[[int], str]:
    """Finds the line of a row; only an error needs it, so the file is read again for it."""

    def place(row: int) -> str:
        with path.open(encoding="utf-8") as lines:
            filled = [number for number, line in enumerate(lines, start=1) if line.strip()]
        return f"{path}:{filled[row + 1]}"  # the header stands before the first row

    return place


def _read_emobox(folder: Path) -> tuple[pd.DataFrame, Callable[[int], str]]:
    entries = emobox.read_folds(folder)
    rows = pd.DataFrame(
        [(entry.fold, entry.names[0], entry.part, entry.names) for entry in entries],
        columns=["fold", "utterance", "part", "names"],
    )
    return rows, lambda row: f"{entries[row].file}:{entries[row].line}"


def _check_fold_names(
    path: Path, folds: pd.Series, place: Callable[[int], str], pattern: re.Pattern[str]
) -> None:
    if folds.empty:
        raise SersnakeError(f"{path}: holds no fold; add its rows")
    for name in folds.unique():
        if name == POOLED:
            row = int((folds == name).to_numpy().argmax())
            raise SersnakeError(
                f"{place(row)}: {POOLED} is what all folds together are called; rename the fold"
            )
        if not pattern.fullmatch(name):
            row = int((folds == name).to_numpy().argmax())
            raise SersnakeError(
                f"{place(row)}: fold {name!r} has characters other than letters, digits, _ and -; "
                "rename it"
            )


def _known_names(rows: pd.DataFrame, known: frozenset[str]) -> pd.Series:
    """The utterances by their names in the manifest, where it has them under a like name."""
    if "names" in rows:
        return rows["names"].map(lambda names: _first(names, known))
    names = rows["utterance"]
    found = {name: _first(_like(name), known) for name in names.unique() if name not in known}
    return names.mask(names.isin(list(found)), names.map(found)) if found else names


def _like(name: str) -> tuple[str, ...]:
    """The name itself, made safe, and as the stem of a path."""
    return (name, as_utterance(name), as_utterance(Path(name).stem))


def _first(candidates: tuple[str, ...], known: frozenset[str]) -> str:
    return next((name for name in candidates if name in known), candidates[0])
