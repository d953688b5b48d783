"""z-scores, fitted on the training set of a fold alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.io import Features

BLOCK = 1 << 17  # values converted to float64 at a time


@dataclass(frozen=True)
class ZScore:
    """Mean and standard deviation per column, both ``float32 (dimension,)``."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: NDArray[np.float32]) -> ZScore:
        """Fits on ``(rows, dimension)``; a constant column keeps a scale of 1."""
        return cls._of(rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64))

    @classmethod
    def fit_features(cls, features: Features, frames: bool, positions: NDArray[np.int64]) -> ZScore:
        """Fits on some utterances, which have a row per frame or one vector."""
        if frames:
            return cls.fit_utterances(features, positions)
        return cls.fit(features.values[positions])

    @classmethod
    def fit_utterances(
        cls, features: Features, positions: NDArray[np.int64], *, block: int = BLOCK
    ) -> ZScore:
        """Fits on all rows of some utterances, with one block at a time in memory.

        Args:
            features: Packed features, in memory or on the disk.
            positions: ``int64 (n,)``, the utterances' places in the pack.
            block: Values in a block; the result depends on it only in float64 rounding.

        Raises:
            SersnakeError: The utterances have no rows.
        """
        size = max(1, block // max(1, features.values.shape[1]))
        count, mean, squares = 0, np.zeros(1), np.zeros(1)
        for rows in _blocks(features, positions, size):
            # Sums of squares about each block's own mean, joined as by Chan, Golub and LeVeque:
            # accurate even where the mean is large compared with the deviation.
            center = rows.mean(axis=0)
            rows -= center
            shift = center - mean
            share = len(rows) / (count + len(rows))
            squares = squares + np.einsum("ij,ij->j", rows, rows) + shift**2 * (count * share)
            mean = mean + shift * share
            count += len(rows)
        if not count:
            raise SersnakeError("no rows to fit a z-score on; the utterances have no frames")
        return cls._of(mean, np.sqrt(squares / count))

    @classmethod
    def _of(cls, mean: NDArray[np.float64], scale: NDArray[np.float64]) -> ZScore:
        # A constant column's standard deviation is rounding error, never exactly zero.
        constant = scale <= 1e-6 * np.maximum(np.abs(mean), 1e-6)
        return cls(mean.astype(np.float32), np.where(constant, 1, scale).astype(np.float32))

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scales ``(rows, dimension)``."""
        return (rows - self.mean) / self.scale


def _blocks(
    features: Features, positions: NDArray[np.int64], size: int
) -> Iterator[NDArray[np.float64]]:
    """The utterances' rows, ``size`` at a time; each block overwrites the one before."""
    block = np.empty((size, features.values.shape[1]))
    filled = 0
    for run in features.runs(positions):
        start = run.start
        while start < run.stop:
            end = min(run.stop, start + size - filled)
            block[filled : filled + end - start] = features.values[start:end]
            filled += end - start
            start = end
            if filled == size:
                yield block
                filled = 0
    if filled:
        yield block[:filled]
