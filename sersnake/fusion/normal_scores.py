"""Ranks in the training set of a fold, as values of the normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sersnake.training.scaling import ZScore


@dataclass(frozen=True)
class NormalScores:
    """Normal scores: quantiles of the standard normal distribution at ranks in the training set.

    The order of a column's values is all that counts, so an outlier has no more say than the
    largest value, and a skewed functional none less than another. Speaker recognition knows it as
    feature warping (Pelecanos and Sridharan, 2001), there within one recording. Equal values share
    their mean rank, such as the zeros that a ReLU leaves; what lies beyond the training set has
    its outermost rank.

    Attributes:
        ordered: ``float32 (N, D)``, each column's values in the training set, rising.
        mean: ``float32 (D,)``, of the training set's scores.
        scale: ``float32 (D,)``, their deviation: ties leave a column less than unit variance.
    """

    ordered: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: NDArray[np.float32]) -> NormalScores:
        """Fits on the training set, ``(N, D)``; a constant column tells nothing but "beyond"."""
        ordered = np.sort(rows, axis=0)
        spread = ZScore.fit(_scores(ordered, rows))
        return cls(ordered, spread.mean, spread.scale)

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scales ``(rows, D)``."""
        return (_scores(self.ordered, rows) - self.mean) / self.scale


def _scores(ordered: NDArray[np.float32], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Quantiles of the normal distribution at (rank - 1/2) / N, ``(rows, D)``."""
    from scipy.special import ndtri

    count = len(ordered)
    quantiles = np.arange(2 * count + 1) / (2 * count)  # of any mean rank
    table = ndtri(np.clip(quantiles, 0.5 / count, 1 - 0.5 / count)).astype(np.float32)
    scores = np.empty(rows.shape, np.float32)
    for column, known in enumerate(ordered.T):
        known, values = known.copy(), rows[:, column]  # a search in strides is several times slower
        below = np.searchsorted(known, values, "left")
        if (known[1:] > known[:-1]).all():  # a value is at most once among them
            up_to = below + (known[np.minimum(below, count - 1)] == values)
        else:
            up_to = np.searchsorted(known, values, "right")
        scores[:, column] = table[below + up_to]
    return scores
