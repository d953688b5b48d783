"""Multinomial logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sersnake.fusion.origin import Origin
from sersnake.settings.classifiers import Logistic

MAX_STEPS = 1000  # of the optimiser, which converges earlier


@dataclass(frozen=True)
class LogisticRegression:
    """A linear map whose softmax is the probability of each class.

    Attributes:
        coefficients: ``float64 (C, D)``; with two classes ``(1, D)``, for the second.
        intercepts: ``float64 (C,)`` or ``(1,)``.
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Logistic,
        seed: int,
        origin: Origin | None = None,
    ) -> LogisticRegression:
        """Fits scikit-learn's in double precision; the seed is not used."""
        from sklearn import linear_model

        regression = linear_model.LogisticRegression(C=settings.cost, max_iter=MAX_STEPS)
        regression.fit(features.astype(np.float64), labels)
        return cls(regression.coef_, regression.intercept_)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probabilities ``(N, C)``."""
        values = features @ self.coefficients.T + self.intercepts
        if values.shape[1] > 1:
            probabilities: NDArray[np.float64] = softmax(values, axis=1)
            return probabilities
        second = expit(values)
        return np.concatenate([1 - second, second], axis=1)
