"""Joins many packs of features into one, copied from file to file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sersnake.errors import SersnakeError
from sersnake.io.files import atomic_path
from sersnake.io.pack_file import PackFile
from sersnake.io.runs import merge_runs
from sersnake.io.tensors import header_bytes

BLOCK = 1 << 20  # bytes copied at a time


class PackJoin:
    """Plans which rows of which pack follow each other in the joined one, and writes it.

    Memory holds names and places of the utterances, never their features.
    """

    def __init__(self, sources: Sequence[Path], utterances: Sequence[str]) -> None:
        """Looks up the utterances in the packs.

        Args:
            sources: At least one file that :meth:`sersnake.io.Features.save` wrote.
            utterances: N different names, in the order of the joined pack; others are left out.

        Raises:
            SersnakeError: A file is not a pack, the packs do not fit each other, or an utterance is
                in two of them.
        """
        self._sources = sources
        self._utterances = utterances
        self._source = np.full(len(utterances), -1)
        self._start = np.zeros(len(utterances), np.int64)  # first byte in the source
        self._rows = np.zeros(len(utterances), np.int64)
        first = PackFile.read(sources[0])
        self._options, self._dimension = first.options, first.dimension
        place = {name: i for i, name in enumerate(utterances)}
        for number, path in enumerate(sources):
            self._look_up(number, PackFile.read(path), place)

    def _look_up(self, number: int, pack: PackFile, place: dict[str, int]) -> None:
        self._require_alike(pack)
        for i, name in enumerate(pack.utterances):
            if (at := place.get(name)) is None:
                continue
            if self._source[at] >= 0:
                other = self._sources[self._source[at]]
                raise SersnakeError(
                    f"{pack.path}: utterance {name!r} is already in {other}; leave one out"
                )
            self._source[at] = number
            self._start[at] = pack.start + pack.offsets[i] * pack.row_bytes
            self._rows[at] = pack.offsets[i + 1] - pack.offsets[i]

    def _require_alike(self, pack: PackFile) -> None:
        if pack.options != self._options:
            raise SersnakeError(
                f"{pack.path}: features were made with different options than those of "
                f"{self._sources[0]}; extract them again"
            )
        if not pack.utterances:  # a pack of no recording does not know its dimension
            return
        self._dimension = self._dimension or pack.dimension
        if pack.dimension != self._dimension:
            raise SersnakeError(
                f"{pack.path}: has {pack.dimension} values per row, other packs "
                f"{self._dimension}; extract them again"
            )

    @property
    def missing(self) -> list[str]:
        """The utterances that are in no pack."""
        return [self._utterances[i] for i in np.flatnonzero(self._source < 0).tolist()]

    def write(self, target: Path) -> None:
        """Writes the joined pack: the bytes that ``Features.save`` writes for all utterances.

        Raises:
            SersnakeError: An utterance is in no pack, or a pack was truncated meanwhile.
            OSError: A pack cannot be read or the target not be written.
        """
        if self.missing:
            raise SersnakeError(f"no features of utterance {self.missing[0]!r}; extract it again")
        offsets = np.append(0, np.cumsum(self._rows)).astype(np.int64)
        arrays = {
            "offsets": ("I64", offsets.shape),
            "values": ("F32", (int(offsets[-1]), self._dimension)),
        }
        metadata: dict[str, Any] = {"utterances": list(self._utterances), "options": self._options}
        with atomic_path(target) as temporary, temporary.open("wb") as output:
            output.write(header_bytes(arrays, metadata))
            output.write(offsets.tobytes())
            for source, runs in self._runs():
                with source.open("rb") as file:
                    for start, end in runs:
                        file.seek(start)
                        _copy(file, output, end - start)

    def _runs(self) -> Iterator[tuple[Path, list[tuple[int, int]]]]:
        """Pack after pack, the first byte and the end of stretches that are copied as a whole."""
        ends = self._start + self._rows * (4 * self._dimension)
        for source, group in groupby(range(len(ends)), key=lambda i: int(self._source[i])):
            chosen = list(group)
            yield self._sources[source], merge_runs(self._start[chosen], ends[chosen])


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    while size:
        block = source.read(min(size, BLOCK))
        if not block:
            raise SersnakeError(f"{source.name}: is cut off; extract it again")
        target.write(block)
        size -= len(block)
