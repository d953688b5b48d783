"""Normal scores: ranks in a training set, mapped to the normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sersnake.training.scaling import ZScore


@dataclass(frozen=True)
class NormalScores:
    """Normal scores: quantiles of the standard normal distribution at ranks in the training set.

    Only the order of a column's values counts, so outliers and skewed functionals have no more
    weight than other values. Speaker recognition knows it as feature warping (Pelecanos and
    Sridharan, 2001), there within one recording. Ties, such as the zeros of a ReLU, share their
    mean rank; a value beyond those of the training set has the outermost rank.

    Attributes:
        ordered: ``float32 (N, D)``, each column's values in the training set, rising.
        mean: ``float32 (D,)``, of the training set's scores.
        scale: ``float32 (D,)``, their standard deviation, below 1 in columns with ties.
    """

    ordered: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: NDArray[np.float32]) -> NormalScores:
        """Fits on the training set, ``(N, D)``."""
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
        known, values = known.copy(), rows[:, column]  # searching a strided array is slower
        below = np.searchsorted(known, values, "left")
        if (known[1:] > known[:-1]).all():  # no ties
            up_to = below + (known[np.minimum(below, count - 1)] == values)
        else:
            up_to = np.searchsorted(known, values, "right")
        scores[:, column] = table[below + up_to]
    return scores
