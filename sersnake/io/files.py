"""Text files that are either complete or absent: CSV and JSON."""

from __future__ import annotations

import csv
import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd

# Columns that stay text even where they look like numbers ("03", "1e5") or like nothing ("NA").
TEXT_COLUMNS = (
    *("utterance", "path", "start", "end", "speaker", "sex", "session", "sentence", "emotion"),
    "language",
    *("corpus", "format", "sha256", "fingerprint", "synthetic", "certificate"),
    *("predicted", "fold", "protocol", "variant", "shared", "group", "trained_on", "tested_on"),
)
# Columns with empty cells.
NUMBERS = ("value", "difference", "low", "high", "p", "p_holm", "rho")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Gives a temporary name in the folder of ``path`` and renames it to ``path`` on success.

    The name holds the process number, so a process that outlived a killed workflow and the
    one that took its place never write to the same file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(folder: Path, mark: str | None = None) -> Iterator[Path]:
    """Gives an empty folder next to ``folder``, which replaces it on success.

    Args:
        folder: What is to be written; an earlier folder of the same kind is replaced.
        mark: A file that every folder of this kind has; None: only an empty folder is replaced.

    Raises:
        SersnakeError: Something else is there.
    """
    require_replaceable(folder, mark)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
    temporary.mkdir()
    try:
        yield temporary
        shutil.rmtree(folder, ignore_errors=True)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def require_replaceable(folder: Path, mark: str | None) -> None:
    """Checks that a folder is new, empty or of the kind that :func:`atomic_folder` replaces.

    Raises:
        SersnakeError: Something else is there.
    """
    new = not folder.exists() or (mark is not None and (folder / mark).is_file())
    if not new and (not folder.is_dir() or any(folder.iterdir())):
        raise SersnakeError(f"{folder}: exists with other content; name another folder")


def remove_halves(path: Path) -> None:
    """Removes the partial files of processes that were killed while writing ``path``."""
    for half in path.parent.glob(f".{glob.escape(path.stem)}.*{glob.escape(path.suffix)}"):
        half.unlink(missing_ok=True)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_csv(path: str | Path, frame: pd.DataFrame, float_format: str | None = None) -> None:
    """Writes a data frame atomically, without its index."""
    write = partial(frame.to_csv, index=False, float_format=float_format, lineterminator="\n")
    with atomic_path(Path(path)) as temporary:
        write(temporary)
        if b"\r" in temporary.read_bytes():  # which a reader takes for the end of a line
            write(temporary, quoting=csv.QUOTE_NONNUMERIC)


def read_csv(path: str | Path, columns: Sequence[str], *, text: bool = False) -> pd.DataFrame:
    """Reads a CSV file and checks that it has the columns.

    Names (utterance, speaker, …) stay text even if they look like numbers ("03", "NA"). An empty
    value, difference, bound or p is NaN. With ``text`` every cell is text as it stands.

    Raises:
        SersnakeError: The file is missing, is not CSV, or lacks a column.
    """
    import pandas as pd  # most of a short job's start

    if not Path(path).is_file():
        raise SersnakeError(f"{path}: no such file; make it first, or name another")
    try:
        frame = pd.read_csv(
            path,
            dtype=str if text else dict.fromkeys(TEXT_COLUMNS, str),
            keep_default_na=False,
            na_values={} if text else {column: [""] for column in NUMBERS},
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise SersnakeError(f"{path}: not a CSV file ({error}); make it again") from error
    require_columns(frame, columns, path)
    return frame


def require_columns(frame: pd.DataFrame, columns: Sequence[str], path: str | Path) -> None:
    """Checks that the table in a file has the columns.

    Raises:
        SersnakeError: It lacks one.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise SersnakeError(
            f"{path}: has no column {', '.join(missing)}; add what is missing, or name another file"
        )


def join_csv(sources: Sequence[Path], target: Path) -> None:
    """Writes the lines of all sources under their common header, byte for byte.

    Raises:
        SersnakeError: A source is missing, is empty, or has another header than the first.
    """
    header = ""
    with atomic_path(target) as temporary, temporary.open("w", encoding="utf-8") as output:
        for source in sources:
            if not source.is_file():
                raise SersnakeError(f"{source}: no such file; make it first, or name another")
            with source.open(encoding="utf-8") as lines:
                first = next(lines, "")
                if not first:
                    raise SersnakeError(f"{source}: is empty; make it again")
                if not header:
                    header = first
                    output.write(header)
                if first != header:
                    raise SersnakeError(
                        f"{source}: has other columns than {sources[0]}; join files of one kind"
                    )
                output.writelines(lines)


def read_json(path: str | Path, remedy: str = "make it again") -> Any:
    """Reads a JSON file.

    Args:
        path: The file.
        remedy: What the user can do if it is damaged.

    Raises:
        SersnakeError: The file is missing, or is not JSON.
    """
    if not Path(path).is_file():
        raise SersnakeError(f"{path}: no such file; make it first, or name another")
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise SersnakeError(f"{path}: not JSON ({error}); {remedy}") from error


def write_json(path: Path, value: Any) -> None:
    """Writes indented JSON atomically."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
