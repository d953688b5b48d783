"""The output file of a recording, and its link back to the recording."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from urllib.parse import quote

from sersnake.io.files import atomic_folder
from sersnake.model.prediction.answers import Answers
from sersnake.model.prediction.inputs import STANDARD_INPUT, Recording
from sersnake.model.prediction.rows import Row


def relative_names(recordings: Sequence[Recording]) -> list[PurePath]:
    """The names of recordings, relative to their common folder."""
    paths = [_place(recording) for recording in recordings]
    common = os.path.commonpath([path.parent for path in paths]) if paths else ""
    return [path.relative_to(common) for path in paths]


def file_names(recordings: Sequence[Recording], ending: str) -> list[PurePath]:
    """An output name for each recording, relative to their common folder.

    Recordings whose names differ only in their endings keep them: ``a.wav.TextGrid``.
    """
    names = relative_names(recordings)
    shared = Counter(name.with_suffix("") for name in names)
    return [
        name.with_name(f"{name.stem if shared[name.with_suffix('')] == 1 else name.name}{ending}")
        for name in names
    ]


@contextmanager
def new_files(
    folder: Path, answers: Answers, ending: str
) -> Iterator[Iterator[tuple[Path, Path, Recording, list[Row]]]]:
    """A folder with a file for each recording, complete or absent.

    Args:
        folder: Folder to write; it does not exist yet, or is empty.
        answers: The predictions.
        ending: Ending of the files.

    Yields:
        For each recording the file to write, its final path, the recording and its rows.

    Raises:
        SersnakeError: Something is in the folder.
    """
    heard = list(answers.by_recording())
    names = file_names([recording for recording, _ in heard], ending)
    with atomic_folder(folder) as temporary:
        for name in names:
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
        yield (
            (temporary / name, folder / name, recording, rows)
            for name, (recording, rows) in zip(names, heard, strict=True)
        )


def link(recording: Recording, folder: Path) -> str | None:
    """The address of a recording from a file in a folder; None for standard input."""
    if recording.name == STANDARD_INPUT:
        return None
    relative = os.path.relpath(recording.path.resolve(), folder.resolve())
    return quote(os.fsencode(Path(relative).as_posix()))


def _place(recording: Recording) -> PurePath:
    if recording.name == STANDARD_INPUT:
        return PurePath(Path.cwd(), "standard-input")
    return PurePath(os.path.abspath(recording.path))  # noqa: PTH100 (links keep their names)
