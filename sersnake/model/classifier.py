"""The linear SVM as arrays: what scikit-learn fitted, without scikit-learn and without a pickle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.training.scaling import ZScore


@dataclass(frozen=True)
class LinearClassifier:
    """The linear SVMs of S members of an ensemble, whose scores are averaged.

    Attributes:
        mean: ``float32 (S, D)``, of each member's features.
        scale: ``float32 (S, D)``, what they are divided by; the factors of
            :func:`sersnake.fusion.classifier.balance` are in it.
        coefficients: ``float64 (S, P, D)``, one row per pair of the C classes, (0, 1), (0, 2), …
        intercepts: ``float64 (S, P)``.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    @classmethod
    def of(
        cls, svms: Sequence[Any], scales: Sequence[ZScore], weights: NDArray[np.float32] | None
    ) -> LinearClassifier:
        """Takes fitted :class:`sklearn.svm.SVC` with a linear kernel, and how each was scaled.

        Args:
            svms: One per member, all of the same classes.
            scales: The z-score of each one's training set.
            weights: ``(D,)``, factors on the scaled features; all 1 if left out.
        """
        factor = np.float32(1) if weights is None else weights
        return cls(
            np.stack([scale.mean for scale in scales]),
            np.stack([scale.scale / factor for scale in scales]),
            np.stack([svm.coef_ for svm in svms]),
            np.stack([svm.intercept_ for svm in svms]),
        )

    def scaled(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scales ``(S, N, D)``."""
        return (features - self.mean[:, None]) / self.scale[:, None]

    def scores(self, scaled: NDArray[np.float32], classes: int) -> NDArray[np.float64]:
        """One score per utterance and class, ``(N, C)``; the largest is the predicted class.

        They are the one-against-rest values of scikit-learn: votes of the pairs, ties broken by
        the sum of their decision values. Of two classes, the decision value and its negative.

        Args:
            scaled: ``(S, N, D)``.
            classes: C.
        """
        pairs = scaled @ self.coefficients.transpose(0, 2, 1) + self.intercepts[:, None]
        if classes == 2:
            value = pairs[:, :, 0]
            return np.stack([-value, value], 2).mean(0)
        return _one_against_rest(pairs, classes).mean(0)


def _one_against_rest(pairs: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """``(S, N, P)`` to ``(S, N, C)``."""
    votes, sums = np.zeros((2, *pairs.shape[:2], classes))
    for pair, (first, second) in enumerate(combinations(range(classes), 2)):
        value = pairs[..., pair]
        votes[..., first] += value > 0
        votes[..., second] += value <= 0
        sums[..., first] += value
        sums[..., second] -= value
    # Between -1/3 and 1/3: it decides among equal votes and nothing else.
    return votes + sums / (3 * (np.abs(sums) + 1))
