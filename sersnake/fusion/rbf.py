"""A support vector machine with a Gaussian kernel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sersnake.fusion.origin import Origin
from sersnake.fusion.svm import one_against_rest, side_of_first
from sersnake.settings.classifiers import Rbf


@dataclass(frozen=True)
class RbfSvm:
    """The support vectors, and what each weighs in each pair of the C classes.

    Attributes:
        support: ``float32 (V, D)``.
        duals: ``float64 (P, V)``, signed.
        intercepts: ``float64 (P,)``.
        gamma: ``float64 (1,)``, of the kernel exp(-gamma d²).
    """

    support: NDArray[np.float32]
    duals: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    gamma: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Rbf,
        seed: int,
        origin: Origin | None = None,
    ) -> RbfSvm:
        """Fits scikit-learn's with its ``gamma="scale"``; nothing is drawn."""
        from sklearn.svm import SVC

        variance = features.var(dtype=np.float64)
        gamma = 1 / (features.shape[1] * variance) if variance else 1.0
        svm = SVC(C=settings.cost, gamma=gamma).fit(features, labels)
        sign = side_of_first(svm)
        duals, intercepts = sign * _pair_duals(svm), sign * svm.intercept_
        return cls(features[svm.support_], duals, intercepts, np.array([gamma]))

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """One-against-rest values ``(N, C)``."""
        kernel = np.exp(-self.gamma * cdist(features, self.support, "sqeuclidean"))
        return one_against_rest(kernel @ self.duals.T + self.intercepts)


def _pair_duals(svm: Any) -> NDArray[np.float64]:
    """Coefficients ``(C - 1, V)`` of vectors that lie class by class, as ``(P, V)``."""
    of_vector = np.repeat(np.arange(len(svm.n_support_)), svm.n_support_)
    pairs = []
    for first, second in combinations(range(len(svm.n_support_)), 2):
        against_second = np.where(of_vector == first, svm.dual_coef_[second - 1], 0)
        against_first = np.where(of_vector == second, svm.dual_coef_[first], 0)
        pairs.append(against_second + against_first)
    return np.stack(pairs)
