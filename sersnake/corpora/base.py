"""What every corpus gives: a data frame with one row an utterance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sersnake.errors import SersnakeError

COLUMNS = (
    "utterance",
    "path",
    "speaker",
    "sex",
    "session",
    "sentence",
    "emotion",
    "language",
    "corpus",
)


@dataclass(frozen=True)
class Corpus:
    """A corpus and its reader.

    Attributes:
        name: Its name in the config, and of its folder under ``corpora_dir``.
        language: ISO 639-1 code.
        emotions: The classes, in the order of every table.
        read: Takes the corpus' folder, looks at names and label files only, and gives a frame
            with ``COLUMNS`` (all text), sorted by utterance.
        expected: Number of utterances of each class, or None where editions differ.
        synthetic: The recordings come from a synthesiser.
    """

    name: str
    language: str
    emotions: tuple[str, ...]
    read: Callable[[Path], pd.DataFrame]
    expected: Mapping[str, int] | None
    synthetic: bool = False


def make_frame(rows: Iterable[Mapping[str, str]], corpus: str, language: str) -> pd.DataFrame:
    """Puts the rows of one corpus in order; ``session`` and ``sentence`` may be left out.

    Raises:
        SersnakeError: A name is used twice, or cannot stand in a file name on every system.
    """
    common = {"session": "", "sentence": "", "language": language, "corpus": corpus}
    frame = pd.DataFrame([common | dict(row) for row in rows], columns=list(COLUMNS))
    for name in frame["utterance"]:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise SersnakeError(
                f"{corpus}: utterance {name!r} has characters other than letters, digits, _ and -; "
                "rename its file"
            )
    twice = frame[frame["utterance"].duplicated(keep=False)]
    if len(twice):
        raise SersnakeError(
            f"{corpus}: {' and '.join(twice['path'][:2])} name the same utterance; remove one"
        )
    return frame.sort_values("utterance", ignore_index=True)


def require_folder(folder: Path, layout: str) -> None:
    """Checks that a folder of a corpus is where it was looked for.

    Args:
        folder: The folder.
        layout: The corpus as it is published, below the folder of all corpora.

    Raises:
        SersnakeError: There is no such folder.
    """
    if not folder.is_dir():
        raise SersnakeError(
            f"{folder}: no such folder; set the config key corpora_dir or the environment variable "
            f"SERSNAKE_CORPORA to the folder that holds {layout}"
        )


def wav_files(folder: Path) -> list[Path]:
    """The .wav files right in a folder, sorted, without what macOS leaves beside them (._*)."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".wav" and not path.name.startswith("._")
    )
