"""Which recordings a user means."""

from __future__ import annotations

import glob
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from sersnake.errors import SersnakeError

STANDARD_INPUT = "-"
ENDINGS = {".aif", ".aiff", ".au", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav"}


@dataclass(frozen=True)
class Recording:
    """One recording.

    Attributes:
        name: What the user called it.
        path: Where it is.
    """

    name: str
    path: Path


def find_recordings(arguments: Sequence[str]) -> list[Recording]:
    """The recordings behind files, folders and patterns, each once, in the order named.

    A folder stands for all in and below it whose name ends as one of ``ENDINGS``, sorted. A name
    with ``*``, ``?`` or ``[`` that is no file is a pattern, in which ``**`` is any folder.

    Raises:
        SersnakeError: There is nothing of a name, or no recording in a folder.
    """
    found: dict[Path, Recording] = {}
    for argument in arguments:
        for path in _expand(argument):
            found.setdefault(path, Recording(str(path), path))
    return list(found.values())


def _expand(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if _is_recording(each))
        if not inside:
            raise SersnakeError(f"{path}: holds no recording ({', '.join(sorted(ENDINGS))})")
        return inside
    if path.exists() or not glob.has_magic(argument):
        return [path]  # what is not there is told when it is read, as of any other broken file
    # Path.glob takes no absolute pattern.
    matching = [Path(name) for name in sorted(glob.glob(argument, recursive=True))]  # noqa: PTH207
    matching = [each for each in matching if each.is_file()]
    if not matching:
        raise SersnakeError(f"{argument}: no file matches this pattern")
    return matching


def _is_recording(path: Path) -> bool:
    hidden = path.name.startswith(".")  # macOS leaves ._x.wav beside x.wav
    return path.suffix.lower() in ENDINGS and not hidden and path.is_file()


def read_names(source: str) -> list[str]:
    """The names in a text file, or on standard input, a line each; empty lines are passed over.

    Raises:
        SersnakeError: The file cannot be read.
    """
    if source == STANDARD_INPUT:
        return _lines(sys.stdin)
    try:
        with Path(source).open(encoding="utf-8") as file:
            return _lines(file)
    except (OSError, UnicodeDecodeError) as error:
        raise SersnakeError(f"{source}: cannot be read as a list of names ({error})") from error


def _lines(file: TextIO) -> list[str]:
    return [line.rstrip("\r\n") for line in file if line.strip()]


@contextmanager
def standard_input(stream: BinaryIO) -> Iterator[Recording]:
    """A recording that comes in on standard input, kept in a file until it is not needed."""
    with tempfile.TemporaryDirectory(prefix="sersnake-") as folder:
        path = Path(folder) / "standard-input"
        path.write_bytes(stream.read())
        yield Recording(STANDARD_INPUT, path)
