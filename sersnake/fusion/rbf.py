"""A support vector machine with a Gaussian kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sersnake.fusion.origin import Origin
from sersnake.fusion.svm import one_against_rest, pair_duals, side_of_first
from sersnake.settings.classifiers import Rbf


@dataclass(frozen=True)
class RbfSvm:
    """The support vectors, and the weight of each in every pair of the C classes.

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
        """Fits scikit-learn's with its ``gamma="scale"``; the seed is not used."""
        from sklearn.svm import SVC

        variance = features.var(dtype=np.float64)
        gamma = 1 / (features.shape[1] * variance) if variance else 1.0
        if len(features) < features.shape[1]:  # faster from products of rows, as a linear SVM is
            rows = features.astype(np.float64)
            products = rows @ rows.T
            squares = np.diag(products)
            distances = np.maximum(squares[:, None] + squares - 2 * products, 0)
            svm = SVC(kernel="precomputed", C=settings.cost).fit(np.exp(-gamma * distances), labels)
        else:
            svm = SVC(C=settings.cost, gamma=gamma).fit(features, labels)
        sign = side_of_first(svm)
        duals, intercepts = sign * pair_duals(svm), sign * svm.intercept_
        return cls(features[svm.support_], duals, intercepts, np.array([gamma]))

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """One-against-rest values ``(N, C)``."""
        kernel = np.exp(-self.gamma * cdist(features, self.support, "sqeuclidean"))
        return one_against_rest(kernel @ self.duals.T + self.intercepts)
