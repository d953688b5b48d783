"""Which utterance of the manifest a name means: its own name, or a path of its recording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.corpora.base import as_utterance

UNKNOWN, SEVERAL = -1, -2


class Matcher:
    """The names and paths of a manifest's utterances."""

    def __init__(self, utterances: Sequence[str], paths: Sequence[str] | None = None) -> None:
        """Takes the name of each utterance, and the path of its recording where it is known."""
        self._places = {name: number for number, name in reversed(list(enumerate(utterances)))}
        self._paths = list(utterances if paths is None else paths)
        self._ends: dict[int, dict[tuple[str, ...], list[int]]] = {}

    def positions(self, names: pd.Series) -> NDArray[np.int64]:
        """The utterance that each name means.

        A name is an utterance's own, or a path that ends as its recording's does: the file's stem
        is enough where no other recording has it, else the folders above it decide.

        Returns:
            Positions in the manifest, ``UNKNOWN`` or ``SEVERAL``.
        """
        codes, distinct = pd.factorize(names)
        positions = np.array([self._position(name) for name in distinct], np.int64)
        return positions[codes] if len(positions) else np.empty(0, np.int64)

    def segments(self, name: str) -> list[int]:
        """The utterances of the only recording that a path means, where it has several; or none."""
        words = path_words(name)
        for length in range(1, len(words) + 1):
            alike = self._by_end(length).get(tuple(words[-length:]), [])
            if len({self._paths[position] for position in alike}) == 1:
                return alike
        return []

    def _position(self, name: str) -> int:
        if (position := self._places.get(name)) is not None:
            return position
        words = path_words(name)
        if (position := self._by_path(words)) != UNKNOWN:
            return position
        like = (as_utterance(name), *_like(words))
        return next((self._places[name] for name in like if name in self._places), UNKNOWN)

    def _by_path(self, words: Sequence[str]) -> int:
        """The recording whose path ends in as many of the words as make it the only one."""
        alike: list[int] = []
        for length in range(1, len(words) + 1):
            shorter, alike = alike, self._by_end(length).get(tuple(words[-length:]), [])
            if len(alike) == 1:
                return alike[0]
            if not alike:
                return SEVERAL if shorter else UNKNOWN
        same = [position for position in alike if path_words(self._paths[position]) == words]
        return same[0] if len(same) == 1 else SEVERAL

    def _by_end(self, length: int) -> dict[tuple[str, ...], list[int]]:
        """Recordings by the last words of their paths."""
        if length not in self._ends:
            ends = self._ends[length] = {}
            for position, path in enumerate(self._paths):
                ends.setdefault(tuple(path_words(path)[-length:]), []).append(position)
        return self._ends[length]


def path_words(path: str) -> list[str]:
    """Folders and stem of a path, whichever slashes it has."""
    *folders, name = path.replace("\\", "/").split("/")
    stem, dot, _ = name.rpartition(".")
    return [*folders, stem if dot and stem else name]


def segment_keys(paths: pd.Series, table: pd.DataFrame) -> pd.Series:
    """What tells the segments of a table apart: the file's stem with the times as they are written.

    Args:
        paths: N paths.
        table: N rows of text with the column start, and perhaps end.
    """
    ends = table["end"] if "end" in table else [""] * len(table)
    rows = zip(paths, table["start"], ends, strict=True)
    keys = [f"{path_words(path)[-1]}_{start.strip()}-{end.strip()}" for path, start, end in rows]
    return pd.Series(keys, index=table.index, dtype=object)


def _like(words: Sequence[str]) -> list[str]:
    """Names that an utterance gets from the end of its path; CASIA: wangzhe_sad_246."""
    return [as_utterance("_".join(words[-length:])) for length in (1, 2, 3)]
