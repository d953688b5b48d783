"""The formats of fold files, each read by one function.

============================================  ====================================================
Shape                                         Function
============================================  ====================================================
a table with fold, name and part              :func:`parts_of_folds`
a table with name and fold: tested in that    :func:`tested_in`
fold, trained on in all others
a table with name and part: one fold          :func:`one_fold`
train.csv, val.csv, test.csv, of one fold or  :func:`files_of_parts`
of several; a list needs no header
the indices of scikit-learn, JSON or npz      :func:`index_arrays`
an object of name and fold, or name and part  :func:`json_table`
a folder of EmoBox                            :func:`emobox_folder`
============================================  ====================================================
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sersnake.corpora.headings import ALIASES
from sersnake.errors import SersnakeError
from sersnake.io.text_table import first_heading, line_of, read_text_table, squeezed
from sersnake.io.words import some
from sersnake.protocols import emobox
from sersnake.protocols.matching import segment_keys
from sersnake.protocols.part_words import are_parts, read_parts, split_name

FOLD = ("fold", "folds", "fold_id", "kfold", "cv_fold", "test_fold")
PART = ("part", "split", "set", "subset", "partition")
# What names a recording, the likeliest first.
NAME = (
    *("utterance", "path", "file", "filename", "file_name", "filepath", "file_path", "wav"),
    *("audio", "recording", "utterance_id", "utt_id", "utt", "key", "id", "name"),
)
TABLES = (".csv", ".tsv", ".txt")
ONLY_FOLD = "0"  # what the fold of a file with one fold is called
NEVER_TESTED = "-1"  # as in scikit-learn's PredefinedSplit
LAYOUTS = f"{emobox.LAYOUT}, nor train.csv and test.csv"

Place = Callable[[int], str]


@dataclass(frozen=True)
class Shape:
    """What a file says of the folds.

    Attributes:
        rows: Columns fold and part (train, test, validation, unused).
        names: What each row calls its utterance, a column for each possible name, the likeliest
            first; or the one column ``row`` of ``int64``, positions in the manifest.
        place: Where a row stands, as ``file:line``.
        train_elsewhere: Whether a row that is tested in its fold is trained on in all others.
    """

    rows: pd.DataFrame
    names: pd.DataFrame
    place: Place
    train_elsewhere: bool = False

    @property
    def numbered(self) -> bool:
        """Whether utterances are told by their position in the manifest."""
        return "row" in self.names


def read_shape(paths: Sequence[Path]) -> Shape:
    """Reads folds in the shape that their files have.

    Args:
        paths: A file, a folder, or the files of several parts.

    Raises:
        SersnakeError: A file cannot be read, or has none of the shapes.
    """
    if len(paths) > 1:
        return files_of_parts(_parts_of_files(paths))
    path = paths[0]
    if path.is_dir() and is_emobox(path):
        return emobox_folder(path)
    if path.is_dir():
        files = files_of_folder(path)
        return files_of_parts(_by_fold_and_part(files, [file.relative_to(path) for file in files]))
    if not path.is_file():
        raise SersnakeError(f"{path}: no such file; name a file with folds")
    if path.suffix.lower() == ".npz":
        return index_arrays(path, _read_npz(path))
    if path.suffix.lower() == ".json":
        folds = _load_json(path)
        table = json_table(folds)
        if table is not None:
            return _shape_of(path, table, lambda row: f"{path}: entry {row + 1}")
        return index_arrays(path, _read_json(path, folds))
    return _shape_of(path, read_text_table(path), _line_place(path))


def is_emobox(folder: Path) -> bool:
    """Whether a folder holds EmoBox's fold files."""
    return any(folder.glob("fold_*/*.jsonl"))


def files_of_folder(folder: Path) -> list[Path]:
    """The files of a folder that hold folds.

    Raises:
        SersnakeError: There are none.
    """
    if is_emobox(folder):
        return sorted(folder.glob("fold_*/*.jsonl"))
    files = sorted((*folder.glob("*.*"), *folder.glob("*/*.*")), key=emobox.natural)
    files = [file for file in files if file.suffix.lower() in TABLES and file.name[0] != "."]
    files = [file for file in files if _fold_and_part(file.relative_to(folder))]
    if not files:
        raise SersnakeError(
            f"{folder}: contains no {LAYOUTS}; name a folder that does, or the file of the folds"
        )
    return files


def _shape_of(path: Path, table: pd.DataFrame, place: Place) -> Shape:
    names = _names(path, table)
    fold, part = first_heading(table, FOLD), first_heading(table, PART)
    if fold and part:
        return parts_of_folds(_fold_names(table[fold]), table[part], names, place)
    if not (fold or part):
        raise SersnakeError(
            f"{path}:1: has no column fold or part (it has {_headings(table)}); rename the column "
            "to fold or part, or give a list per part: train.csv test.csv"
        )
    # Some call the part fold, and some the fold split: the words decide.
    column = table[fold or part].str.strip()
    if are_parts(column).any():
        return one_fold(column, names, place)
    return tested_in(_fold_names(column), names, place)


def _fold_names(folds: pd.Series) -> pd.Series:
    """Names of folds: pandas writes a number as 1.0 where another is missing, some ``fold 1``."""
    names = folds.str.strip().str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)
    return names.str.replace(r"^(fold)\s+", r"\1_", case=False, regex=True)


def parts_of_folds(folds: pd.Series, parts: pd.Series, names: pd.DataFrame, place: Place) -> Shape:
    """Each row gives an utterance its part in a fold."""
    rows = {"fold": folds, "part": read_parts(parts.str.strip(), place)}
    return Shape(pd.DataFrame(rows), names, place)


def tested_in(folds: pd.Series, names: pd.DataFrame, place: Place) -> Shape:
    """Each row says in which fold an utterance is tested; in all others it is trained on.

    In the fold ``-1`` nothing is tested, as in scikit-learn's ``PredefinedSplit``.
    """
    rows = pd.DataFrame({"fold": folds, "part": "test"})
    return Shape(rows, names, place, train_elsewhere=True)


def one_fold(parts: pd.Series, names: pd.DataFrame, place: Place) -> Shape:
    """Each row gives an utterance its part in the only fold."""
    rows = pd.DataFrame({"part": read_parts(parts, place)})
    return Shape(rows.assign(fold=ONLY_FOLD), names, place)


def files_of_parts(files: Mapping[tuple[str, str], Path]) -> Shape:
    """Each file lists the utterances of one part of one fold."""
    sources = list(files.values())
    headers = [_has_header(file) for file in sources]
    tables = [
        _names(file, read_text_table(file)) if header else _list(file)
        for file, header in zip(sources, headers, strict=True)
    ]
    rows, locate = _stack(list(files), [len(table) for table in tables])

    def place(row: int) -> str:
        number, row_of_file = locate(row)
        line = line_of(sources[number], row_of_file - (not headers[number]))
        return f"{sources[number]}:{line}"

    return Shape(rows, pd.concat(tables, ignore_index=True).fillna(""), place)


def _has_header(path: Path) -> bool:
    """Whether the first line has headings; a list of names alone need not."""
    first = read_text_table(path, header=False).iloc[0]
    return len(first) > 1 or squeezed(first[0]) in set(map(squeezed, NAME))


def _list(path: Path) -> pd.DataFrame:
    names = read_text_table(path, header=False).set_axis([NAME[0]], axis=1)
    return names.apply(lambda column: column.str.strip())


def json_table(folds: Any) -> pd.DataFrame | None:
    """What JSON says of each recording: ``{"a": "train"}``, or a list of rows as pandas writes it.

    Returns:
        The table, all text; None for any other JSON.
    """
    if isinstance(folds, dict) and len(folds) > 1 and all(map(_is_scalar, folds.values())):
        table = pd.DataFrame({"utterance": list(folds), "fold": list(folds.values())}, dtype=object)
    elif isinstance(folds, list) and all(map(_is_row, folds)):
        table = pd.DataFrame(folds, dtype=object).rename(columns=str.lower)
    else:
        return None
    return table.map(lambda value: "" if pd.isna(value) else str(value)) if len(table) else None


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and len(value) > 1 and all(map(_is_scalar, value.values()))


def index_arrays(path: Path, source: Iterable[tuple[str, str, Any]]) -> Shape:
    """Arrays of row numbers (from 0) or names for the training and the test set of each fold."""
    arrays = list(source)
    if not arrays:
        raise SersnakeError(f"{path}: contains no fold; save one train and one test array per fold")
    keys = [(fold, part) for fold, part, _ in arrays]
    values = [_checked(path, *array) for array in arrays]
    rows, locate = _stack(keys, list(map(len, values)))

    def place(row: int) -> str:
        number, index = locate(row)
        return "{}: fold {}, {}[{}]".format(path, *keys[number], index)

    entries = np.concatenate(values)
    numbered = entries.dtype.kind == "i"
    names = pd.DataFrame({"row": entries} if numbered else {"name": entries.astype(str)})
    return Shape(rows, names if numbered else names.astype(object), place)


def emobox_folder(folder: Path) -> Shape:
    """Each line of a JSON-lines file is an utterance of its part and fold."""
    entries = emobox.read_folds(folder)
    rows = pd.DataFrame([(entry.fold, entry.part) for entry in entries], columns=["fold", "part"])

    def place(row: int) -> str:
        return f"{entries[row].file}:{entries[row].line}"

    names = pd.DataFrame([entry.names for entry in entries]).fillna("")
    return Shape(rows.assign(part=read_parts(rows["part"], place)), names, place)


def _stack(
    keys: Sequence[tuple[str, str]], sizes: Sequence[int]
) -> tuple[pd.DataFrame, Callable[[int], tuple[int, int]]]:
    """Fold and part of each row of several lists, and a function that finds list and place."""
    ends = np.cumsum(sizes)
    rows = pd.DataFrame(keys, columns=["fold", "part"], dtype=object)

    def locate(row: int) -> tuple[int, int]:
        number = int(np.searchsorted(ends, row, side="right"))
        return number, row - int(ends[number]) + sizes[number]

    return rows.loc[np.repeat(np.arange(len(keys)), sizes)].reset_index(drop=True), locate


def _names(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    names = table[list(dict.fromkeys(filter(None, (first_heading(table, [n]) for n in NAME))))]
    if not len(names.columns):
        raise SersnakeError(
            f"{path}:1: has no column that names the recordings (it has {_headings(table)}); "
            "call it utterance, path or file"
        )
    names = names.apply(lambda column: column.str.strip())
    recording = first_heading(table, ("path", *ALIASES["path"]))
    if recording and "start" in table:
        names.insert(0, "segment", segment_keys(names[recording], table))
    return names


def _headings(table: pd.DataFrame) -> str:
    return some(table.columns, 20)


def _line_place(path: Path) -> Place:
    return lambda row: f"{path}:{line_of(path, row)}"


def _parts_of_files(files: Sequence[Path]) -> dict[tuple[str, str], Path]:
    """Named files by fold and part; a folder counts where files of several are named."""
    folders = {file.parent for file in files}
    names = [Path(file.name) for file in files]
    if len(folders) > 1:
        names = [Path(file.parent.name, file.name) for file in files]
    return _by_fold_and_part(files, names)


def _fold_and_part(name: Path) -> tuple[str, str] | None:
    """Fold and part of a file, by its name and the folder above it."""
    return split_name(str(name.with_suffix("")))


def _by_fold_and_part(files: Sequence[Path], names: Sequence[Path]) -> dict[tuple[str, str], Path]:
    by_part: dict[tuple[str, str], Path] = {}
    for file, name in zip(files, names, strict=True):
        key = _fold_and_part(name)
        if key is None:
            raise SersnakeError(
                f"{file}: its name gives no part; rename it to train.csv, val.csv or test.csv"
            )
        if key in by_part:
            raise SersnakeError(
                f"{file}: fold {key[0]} has the same part in {by_part[key]}; remove one of the two"
            )
        by_part[key] = file
    return by_part


def _read_npz(path: Path) -> Iterator[tuple[str, str, Any]]:
    """Arrays called train_0, test_0 and so on."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for key in sorted(arrays, key=lambda key: emobox.natural(Path(key))):
                # The one of PredefinedSplit says of each row in which fold it is tested.
                if key in FOLD or (fold_and_part := split_name(key)) is None:
                    raise SersnakeError(
                        f"{path}: array {key!r} is not part of a fold; name it train_0, test_0 …"
                    )
                yield (*fold_and_part, arrays[key])
    except SersnakeError:
        raise
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise SersnakeError(
            f"{path}: cannot be read without pickle ({error}); save it by np.savez(path, train_0=…,"
            " test_0=…) with arrays of integers"
        ) from error


def _load_json(path: Path) -> Any:
    """What a file holds, or what stands in it under the only name ``folds`` or ``splits``."""
    try:
        folds = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise SersnakeError(f"{path}: not a JSON file ({error}); write it again") from error
    if isinstance(folds, dict) and len(folds) == 1:
        (name, inner), *_ = folds.items()
        return inner if name in ("folds", "splits") and isinstance(inner, list | dict) else folds
    return folds


def _read_json(path: Path, folds: Any) -> Iterator[tuple[str, str, Any]]:
    """A list of folds, or an object of them: objects with train and test, or pairs."""
    if isinstance(folds, dict) and any(split_name(key) for key in folds):
        folds = [folds]
    named = folds.items() if isinstance(folds, dict) else enumerate(folds or ())
    for name, fold in named:
        if isinstance(fold, list) and len(fold) == 2:
            fold = dict(zip(("train", "test"), fold, strict=True))
        if not isinstance(fold, dict) or not all(map(split_name, fold)):
            raise SersnakeError(
                f'{path}: fold {name} is neither {{"train": […], "test": […]}} nor a pair of '
                "lists; write it so"
            )
        number = re.sub(r"^fold[_ -]?(?=.)", "", str(name))
        for word, values in fold.items():
            yield number, split_name(word)[1], values  # type: ignore[index]


def _checked(path: Path, fold: str, part: str, values: Any) -> np.ndarray:
    """The array of one part, which holds row numbers or names."""
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty((0, 0))
    if array.size == 0 and array.ndim == 1:
        return array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iuU":
        raise SersnakeError(
            f"{path}: fold {fold}: {part} is not a list of row numbers or names; write the arrays "
            "of cv.split (of a mask, np.flatnonzero)"
        )
    return array.astype(object if array.dtype.kind == "U" else np.int64)
