"""Features of many utterances, packed row under row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.pack_file import PackFile
from sersnake.io.runs import merge_runs
from sersnake.io.tensors import write_tensors


@dataclass(frozen=True)
class Features:
    """One kind of feature for several utterances, packed row under row.

    Attributes:
        utterances: Names of the N utterances, in order.
        offsets: ``int64 (N + 1,)``; rows ``offsets[i]:offsets[i + 1]`` are utterance i.
        values: ``float32 (rows, dimension)``; memory-mapped if they come from a file.
        options: How the features were made (JSON).
    """

    utterances: tuple[str, ...]
    offsets: NDArray[np.int64]
    values: NDArray[np.float32]
    options: Any

    @classmethod
    def stack(
        cls, utterances: Sequence[str], rows: Sequence[NDArray[np.float32]], options: Any
    ) -> Features:
        """Packs one ``(rows, dimension)`` array per utterance; of none, values are ``(0, 0)``."""
        lengths = [len(array) for array in rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        values = np.concatenate(rows) if rows else np.empty((0, 0))
        return cls(tuple(utterances), offsets, values.astype(np.float32), options)

    def rows(self, index: int) -> NDArray[np.float32]:
        """The ``(rows, dimension)`` array of utterance ``index``."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def runs(self, positions: NDArray[np.int64]) -> list[slice]:
        """The rows of the utterances at ``positions (n,)``, in that order, in as few slices.

        Rows that follow each other come in one slice, so that a large part of the corpus is
        read in long stretches.
        """
        merged = merge_runs(self.offsets[positions], self.offsets[positions + 1])
        return [slice(start, end) for start, end in merged]

    def select(self, utterances: Sequence[str]) -> Features:
        """The named utterances, in the given order.

        If they follow each other here, they share these values; else the values are copied.

        Raises:
            SersnakeError: A name is not among the utterances.
        """
        position = {name: i for i, name in enumerate(self.utterances)}
        unknown = [name for name in utterances if name not in position]
        if unknown:
            raise SersnakeError(f"no features for utterance {unknown[0]!r}; extract them again")
        chosen = np.array([position[name] for name in utterances], dtype=np.int64)
        offsets = np.append(0, np.cumsum(np.diff(self.offsets)[chosen])).astype(np.int64)
        parts = [self.values[rows] for rows in self.runs(chosen)] or [self.values[:0]]
        values = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return Features(tuple(utterances), offsets, values, self.options)

    def save(self, path: str | Path) -> None:
        """Writes the pack to one safetensors file."""
        write_tensors(
            Path(path),
            {"offsets": self.offsets, "values": self.values},
            {"utterances": list(self.utterances), "options": self.options},
        )

    @classmethod
    def load(cls, path: str | Path) -> Features:
        """Opens a pack that :meth:`save` or :class:`sersnake.io.PackJoin` wrote.

        The values stay on the disk until they are touched, so a corpus may be larger than
        memory. Writing into them does not change the file.

        Raises:
            SersnakeError: The file is missing, is not a pack, or contradicts itself.
        """
        pack = PackFile.read(Path(path))
        return cls(pack.utterances, pack.offsets, pack.map(), pack.options)
