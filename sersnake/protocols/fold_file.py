"""Folds that somebody else made, as a table of fold, utterance and part.

:mod:`sersnake.protocols.fold_shapes` reads the files; here their names become the manifest's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.words import count, some
from sersnake.protocols import emobox
from sersnake.protocols.fold_shapes import (
    NEVER_TESTED,
    Shape,
    files_of_folder,
    is_emobox,
    read_shape,
)
from sersnake.protocols.matching import SEVERAL, UNKNOWN, Matcher
from sersnake.settings.protocol import POOLED

MAX_ROWS = 50_000_000  # of folds written out; about 2 GB of memory
FOLD_NAME = re.compile(r"[A-Za-z0-9_-]+")
SHARED_NAME = re.compile(r"[A-Za-z0-9_-]+(\+[A-Za-z0-9_-]+)*")  # inner folds that sersnake made


@dataclass(frozen=True)
class FoldTable:
    """The rows of a fold file.

    Attributes:
        source: The file or folder, as a message calls it.
        rows: Columns fold, utterance (its name in the manifest, or as it is written where the
            manifest has none) and part (train, test, validation, unused).
        place: Where a row stands, as ``file:line``.
    """

    source: str
    rows: pd.DataFrame
    place: Callable[[int], str]


def fold_files(path: Path) -> list[Path]:
    """The files from which the folds of a file or folder are read.

    Raises:
        SersnakeError: A folder holds none.
    """
    return files_of_folder(path) if path.is_dir() else [path]


def fold_file_names(path: Path) -> list[str]:
    """The folds of a fold file, in its order; for an EmoBox folder no file is opened.

    Raises:
        SersnakeError: There is no such file, or it has no folds.
    """
    if path.is_dir() and is_emobox(path):
        return list(emobox.find_folds(path))
    shape = read_shape([path])
    _check_fold_names(shape, str(path), FOLD_NAME)
    return [str(fold) for fold in shape.rows["fold"].unique() if not _is_never(shape, fold)]


def read_fold_file(
    path: Path | Sequence[Path],
    utterances: Iterable[str],
    paths: Iterable[str] | None = None,
    *,
    numbers: bool = True,
) -> FoldTable:
    """Reads folds and looks their utterances up in the manifest.

    Args:
        path: A file or a folder in one of the shapes of :mod:`sersnake.protocols.fold_shapes`, or
            the files of several parts.
        utterances: Names of the utterances of the manifest.
        paths: Paths of their recordings, where the manifest knows them.
        numbers: Whether row numbers are positions in this manifest.

    Raises:
        SersnakeError: A file cannot be read, a part or the name of a fold is none, a name may mean
            several utterances, or none of the names is in the manifest.
    """
    files = [path] if isinstance(path, Path) else list(path)
    source = ", ".join(map(str, files))
    shape = read_shape(files)
    _check_fold_names(shape, source, SHARED_NAME)
    known = np.array(list(utterances), object)
    entries, names = _manifest_names(shape, known, paths, numbers)
    rows = shape.rows.iloc[entries].reset_index(drop=True).assign(utterance=names)
    rows = rows[["fold", "utterance", "part"]]
    if len(rows) > len(shape.rows):  # a table of segments names their recording again and again
        first = ~rows.duplicated().to_numpy()
        rows, entries = rows[first].reset_index(drop=True), entries[first]
        again = rows["utterance"].duplicated()
        if shape.train_elsewhere and again.any():
            raise SersnakeError(
                f"{shape.place(int(entries[again.argmax()]))}: a recording of several segments is "
                "tested in several folds; name the segments in a column utterance"
            )
    if shape.train_elsewhere:
        rows, origins = _write_out(rows, source)
        entries = entries[origins]
    return FoldTable(source, rows, lambda row: shape.place(int(entries[row])))


def _manifest_names(
    shape: Shape, known: NDArray[Any], paths: Iterable[str] | None, numbers: bool
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The entries of a shape, and their utterances by the names of the manifest or as written.

    An entry that names a recording stands for each segment of it.
    """
    entries = np.arange(len(shape.rows))
    if shape.numbered:
        return entries, known[_checked_rows(shape, len(known), numbers)]
    matcher = Matcher(known.tolist(), None if paths is None else list(paths))
    column, positions = _best_column(shape.names, matcher)
    segments = {name: matcher.segments(name) for name in column[positions == SEVERAL].unique()}
    if not all(segments.values()):
        row = int(column.map(segments).map(lambda alike: alike == []).to_numpy().argmax())
        raise SersnakeError(
            f"{shape.place(row)}: {column.iloc[row]} matches several utterances of the manifest; "
            "add the folders above it, or write the name of the utterance"
        )
    if (positions == UNKNOWN).all():
        raise SersnakeError(
            f"{shape.place(0)}: the manifest has no {some(column.unique())}, nor any other of the "
            f"file's {count(column.nunique(), 'name')} (it has {some(known, 2)}); name the "
            "recordings as the manifest does, or by their paths"
        )
    names = np.where(positions >= 0, known[positions], column.to_numpy(object))
    if not segments:
        return entries, names
    counts = column.map(lambda name: len(segments.get(name, [0]))).to_numpy(np.int64)
    several = [
        known[segments[name]] if name in segments else [names[entry]]
        for entry, name in enumerate(column)
    ]
    return np.repeat(entries, counts), np.concatenate(several)


def _best_column(names: pd.DataFrame, matcher: Matcher) -> tuple[pd.Series, NDArray[np.int64]]:
    """The column that names most utterances of the manifest, the first of several."""
    best: tuple[pd.Series, NDArray[np.int64]] | None = None
    for _, column in names.items():
        positions = matcher.positions(column)
        if best is None or (positions >= 0).sum() > (best[1] >= 0).sum():
            best = column, positions
        if (positions >= 0).all():
            break
    assert best is not None  # a shape has one column of names or more
    return best


def _checked_rows(shape: Shape, utterances: int, numbers: bool) -> NDArray[np.int64]:
    rows = shape.names["row"].to_numpy(np.int64)
    if not numbers:
        raise SersnakeError(
            f"{shape.place(0)}: is a row number, but the manifest of a run may have other rows "
            "than the table that was split; write names of utterances or paths instead"
        )
    strange = (rows < 0) | (rows >= utterances)
    if strange.any():
        row = int(strange.argmax())
        raise SersnakeError(
            f"{shape.place(row)}: is row {rows[row]} of a manifest with "
            f"{count(utterances, 'utterance')}, counted from 0; name the table that was split as "
            "the manifest"
        )
    return rows


def _is_never(shape: Shape, fold: str) -> bool:
    return shape.train_elsewhere and fold == NEVER_TESTED


def _write_out(rows: pd.DataFrame, source: str) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Adds the training sets, where a row says only in which fold an utterance is tested.

    Returns:
        The rows of all folds, and the entry of the file that each comes from.
    """
    codes, names = pd.factorize(rows["utterance"])
    folds = rows["fold"].to_numpy(object)
    tested = [fold for fold in pd.unique(folds) if fold != NEVER_TESTED]
    if len(tested) * len(names) > MAX_ROWS:
        raise SersnakeError(
            f"{source}: {count(len(tested), 'fold')} of {count(len(names), 'utterance')} are too "
            "many at once; audit some of the folds at a time"
        )
    parts = np.full((len(tested), len(names)), "train", object)
    entries = np.tile(np.unique(codes, return_index=True)[1], (len(tested), 1))
    for number, fold in enumerate(tested):
        here = np.flatnonzero(folds == fold)
        parts[number, codes[here]] = "test"
        entries[number, codes[here]] = here
    table = {
        "fold": np.repeat(np.array(tested, object), len(names)),
        "utterance": np.tile(np.asarray(names, object), len(tested)),
        "part": parts.ravel(),
    }
    return pd.DataFrame(table), entries.ravel()


def _check_fold_names(shape: Shape, source: str, pattern: re.Pattern[str]) -> None:
    folds = shape.rows["fold"]
    if folds.empty:
        raise SersnakeError(f"{source}: contains no fold; add its rows")
    for name in folds.unique():
        if fault := _fault_of(name, pattern):
            row = int((folds == name).to_numpy().argmax())
            raise SersnakeError(f"{shape.place(row)}: {fault}")


def _fault_of(fold: str, pattern: re.Pattern[str]) -> str:
    """What is wrong with the name of a fold; empty if nothing is."""
    if fold == POOLED:
        return f"the name {POOLED} is reserved for all folds together; rename the fold"
    if not fold:
        return f"the fold is empty; write its name, or {NEVER_TESTED} for what is never tested"
    if not pattern.fullmatch(fold):
        return f"fold {fold!r} has characters other than letters, digits, _ and -; rename it"
    return ""
