"""Sums over the rows of recordings, for means and standard deviations of any grouping."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.training.scaling import ZScore
from sersnake.training.shrinkage import shares

Sums = NDArray[np.float64]


class Moments(NamedTuple):
    """Sums over the rows of each of N recordings.

    Attributes:
        rows: ``float64 (N, 1)``, number of rows of each.
        sums: ``float64 (N, D)``.
        squares: ``float64 (N, D)``.
    """

    rows: Sums
    sums: Sums
    squares: Sums

    @classmethod
    def of(cls, recordings: Iterable[NDArray[np.float32]], score: ZScore) -> Moments:
        """The moments of z-scores.

        Args:
            recordings: ``(rows, D)`` each, at least one, not scaled.
            score: The training set's z-score.
        """
        scaled = (score(rows).astype(np.float64) for rows in recordings)
        each = [(len(z), z.sum(axis=0), np.einsum("ij,ij->j", z, z)) for z in scaled]
        rows, sums, squares = zip(*each, strict=True)
        return cls(np.array(rows, np.float64)[:, None], np.array(sums), np.array(squares))

    def at(self, places: Any) -> Moments:
        """The moments of some recordings."""
        return Moments(*(array[places] for array in self))

    @property
    def together(self) -> Moments:
        """The moments of all rows, as for one recording."""
        return Moments(*(array.sum(axis=0, keepdims=True) for array in self))

    def without(self, some: Moments, whether: Sums) -> Moments:
        """The moments minus those of some rows, where ``whether``, ``(N, 1)``, is 1."""
        pairs = zip(self, some, strict=True)
        return Moments(*(every - whether * these for every, these in pairs))

    def scaled(self, mean: Sums, scale: Sums) -> Moments:
        """The moments of the rows after subtraction of a mean and division by a deviation."""
        squares = self.squares - 2 * mean * self.sums + self.rows * mean**2
        return Moments(self.rows, (self.sums - self.rows * mean) / scale, squares / scale**2)

    @property
    def statistics(self) -> tuple[Sums, Sums]:
        """Mean and variance of each recording's rows, ``(N, D)``; 0 without rows."""
        rows = np.maximum(self.rows, 1)
        mean = self.sums / rows
        return mean, np.maximum(self.squares / rows - mean**2, 0)


def shrunk(known: Moments, counts: Any, strength: float) -> tuple[Sums, Sums]:
    """Shrunk mean and standard deviation of speakers, ``(N, D)``, in z-scores.

    Args:
        known: Moments of N speakers' z-scores, summed over each speaker's enrolled recordings.
        counts: Number of recordings, one number or ``(N, 1)``.
        strength: Of the shrinkage, in recordings; see :func:`~sersnake.training.shrinkage.shares`.
    """
    of_mean, of_deviation = (
        np.array(share)[:, None]
        for share in zip(*(shares(n, strength) for n in np.ravel(counts)), strict=True)
    )
    mean, variance = known.statistics
    middle = mean * of_mean
    around = variance + (mean - middle) ** 2
    return middle, np.sqrt(of_deviation * around + (1 - of_deviation))
