"""The recordings named by a user."""

from __future__ import annotations

import fnmatch
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sersnake.errors import SersnakeError
from sersnake.model.prediction.endings import is_recording

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Recording:
    """One recording.

    Attributes:
        name: Its name as given by the user.
        path: Where it is.
    """

    name: str
    path: Path


def find_recordings(arguments: Sequence[str | Path]) -> list[Recording]:
    """The recordings behind files, folders and patterns, each once, in the order named.

    A folder stands for all recordings in and below it, sorted, by the endings of their names (see
    :mod:`~sersnake.model.prediction.endings`), but for hidden ones. Links are followed. What
    several names of a folder or pattern lead to is taken once, by the name without a link where
    there is one. A name with ``*``, ``?`` or ``[`` that is no file is a pattern, in which ``**``
    is any folder.

    Raises:
        SersnakeError: A name is empty, there is nothing of it, or no recording in a folder.
    """
    named: dict[Path, Recording] = {}
    real: set[str] = set()
    for argument in arguments:
        if not str(argument):  # a path would be the working folder
            raise SersnakeError("a recording has an empty name; name files, folders, patterns or -")
        path = expanded(Path(argument))
        for each in _paths(path):
            place = os.path.realpath(each)
            if each in named or (each != path and place in real):
                continue
            real.add(place)
            named[each] = Recording(str(each), each)
    return list(named.values())


def expanded(path: Path) -> Path:
    """A path from a list, in which no shell has replaced ``~``."""
    return path if path.exists() else Path(os.path.expanduser(path))  # noqa: PTH111


def place_of(name: str) -> str:
    """Where a recording is, however it is spelled in a table."""
    return os.path.realpath(expanded(Path(name)))


def _paths(path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(each for each in _inside(path) if is_recording(each))
        if not inside:
            raise SersnakeError(f"{path}: contains no recording (.wav, .flac, .mp3 and so on)")
        return inside
    if path.exists() or not glob.has_magic(str(path)):
        return [path]  # what is not there is told when it is read, as of any other broken file
    matching = [each for each in _matching(path) if each.is_file()]
    if not matching:
        raise SersnakeError(f"{path}: no file matches this pattern")
    return sorted(_each_once(matching), key=str)


def _matching(pattern: Path) -> list[Path]:
    """What a pattern matches. The library's ``**`` would follow links in a circle."""
    parts = pattern.parts
    stars = parts.index("**") if "**" in parts else len(parts)
    # Path.glob takes no absolute pattern.
    tops = [Path(name) for name in glob.glob(str(Path(*parts[:stars])))]  # noqa: PTH207
    if stars == len(parts):
        return tops
    hidden = any(part.startswith(".") for part in parts[stars:])
    return [
        path
        for top in tops
        if top.is_dir()
        for path in _inside(top, hidden)
        if _fits(path.relative_to(top).parts, parts[stars:])
    ]


def _fits(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path's names match a pattern's; hidden ones have to be asked for."""
    if not pattern or not names:
        return not names and all(part == "**" for part in pattern)
    if names[0].startswith(".") and not pattern[0].startswith("."):
        return pattern[0] == "**" and _fits(names, pattern[1:])
    if pattern[0] == "**":
        return _fits(names, pattern[1:]) or _fits(names[1:], pattern)
    return fnmatch.fnmatchcase(names[0], pattern[0]) and _fits(names[1:], pattern[1:])


def _inside(folder: Path, hidden: bool = False) -> list[Path]:
    """Files in and below a folder, each once; a folder that cannot be listed stands for itself.

    Hidden folders hold what programs keep for themselves, such as the files of git-annex that the
    links beside them lead to.
    """
    files: list[Path] = []
    links: list[Path] = []
    closed: list[OSError] = []
    waiting, known = [folder], set[str]()
    while waiting:  # links wait, so that what is in the folder itself keeps its name
        top = waiting.pop(0)
        for base, folders, names in os.walk(top, onerror=closed.append):
            place = os.path.realpath(base)
            if place in known:
                folders.clear()
                continue
            known.add(place)
            folders[:] = sorted(each for each in folders if hidden or not each.startswith("."))
            waiting += [each for name in folders if (each := Path(base, name)).is_symlink()]
            for each in (Path(base, name) for name in sorted(names)):
                (links if each.is_symlink() else files).append(each)
    return _each_once([*files, *links]) + [Path(error.filename) for error in closed]


def _each_once(paths: Sequence[Path]) -> list[Path]:
    """The first of the names that lead to the same file."""
    first: dict[str, Path] = {}
    for path in paths:
        first.setdefault(os.path.realpath(path), path)
    return list(first.values())


def read_names(source: str | Path) -> list[str]:
    """The names in a text file or on standard input, one per line; empty lines are ignored.

    Names may hold any bytes. Where they end in zero bytes (``find -print0``), they may hold line
    breaks too.

    Raises:
        SersnakeError: The file cannot be read.
    """
    try:
        content = sys.stdin.buffer.read() if source == STANDARD_INPUT else Path(source).read_bytes()
    except OSError as error:
        raise SersnakeError(
            f"{source}: cannot be read as a list of names ({error.strerror}); restore the file"
        ) from error
    if b"\0" in content:
        return [os.fsdecode(name) for name in content.split(b"\0") if name]
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [os.fsdecode(name) for line in lines if (name := line.rstrip(b"\r")).strip()]


@contextmanager
def standard_input(stream: BinaryIO) -> Iterator[Recording]:
    """A recording on standard input, kept in a temporary file."""
    with tempfile.TemporaryDirectory(prefix="sersnake-") as folder:
        path = Path(folder) / "standard-input"
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        yield Recording(STANDARD_INPUT, path)
