"""A file of packed features: all but the values is read."""

from __future__ import annotations

import mmap
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.tensors import TensorPlace, read_header

# Without it Linux refuses to map more than its memory, as all of it might be written to. Python
# has no name for it before 3.13.
NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)


@dataclass(frozen=True)
class PackFile:
    """What a pack says of its values, which stay on the disk.

    Attributes:
        path: The file.
        utterances: Names of the N utterances, in order.
        offsets: ``int64 (N + 1,)``; rows ``offsets[i]:offsets[i + 1]`` are utterance i.
        dimension: Values per row.
        start: Byte of the file where the first row begins.
        options: How the features were made (JSON).
    """

    path: Path
    utterances: tuple[str, ...]
    offsets: NDArray[np.int64]
    dimension: int
    start: int
    options: Any

    @classmethod
    def read(cls, path: Path) -> PackFile:
        """Reads names and offsets and checks that they fit the values.

        Raises:
            SersnakeError: The file is missing, is not a pack, or contradicts itself.
        """
        places, metadata = read_header(path)
        types = {name: (place.dtype, len(place.shape)) for name, place in places.items()}
        if types != {"offsets": ("I64", 1), "values": ("F32", 2)} or not (
            isinstance(metadata, dict) and metadata.keys() >= {"utterances", "options"}
        ):
            raise SersnakeError(f"{path}: contains no packed features; remove it")
        utterances = tuple(metadata["utterances"])
        rows, dimension = places["values"].shape
        offsets = _read_offsets(path, places["offsets"])
        whole = len(offsets) == len(utterances) + 1 and offsets[0] == 0 and offsets[-1] == rows
        if not whole or (np.diff(offsets) < 0).any():
            raise SersnakeError(
                f"{path}: its offsets do not split {rows} rows into {len(utterances)} utterances; "
                "remove it"
            )
        start = places["values"].start
        return cls(path, utterances, offsets, dimension, start, metadata["options"])

    @property
    def row_bytes(self) -> int:
        """Bytes per row."""
        return 4 * self.dimension

    def map(self) -> NDArray[np.float32]:
        """The values ``float32 (rows, dimension)``, memory-mapped.

        What is written into them stays in memory and never reaches the file. Where the file's
        header has an odd length, which sersnake never writes, the values are copied to memory.
        """
        shape = (int(self.offsets[-1]), self.dimension)
        if 0 in shape:  # nothing can be mapped
            return np.empty(shape, np.float32)
        # PyTorch warns of an array that is not writable, hence copy-on-write.
        protection = mmap.PROT_READ | mmap.PROT_WRITE
        with self.path.open("rb") as file:
            content = mmap.mmap(
                file.fileno(), 0, flags=mmap.MAP_PRIVATE | NO_RESERVE, prot=protection
            )
        values = np.frombuffer(content, np.float32, shape[0] * shape[1], self.start)
        return np.require(values.reshape(shape), requirements="A")


def _read_offsets(path: Path, place: TensorPlace) -> NDArray[np.int64]:
    with path.open("rb") as file:
        file.seek(place.start)
        return np.fromfile(file, np.int64, place.shape[0])
