"""Linear discriminant analysis with a shrunk covariance, on principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.scorer import two_sided
from sersnake.settings.classifiers import Lda

NOTHING = 1e-9  # of the largest variance


@dataclass(frozen=True)
class ShrinkageLda:
    """Both steps folded to one affine map.

    Attributes:
        coefficients: ``float64 (C, D)``; of two classes ``(1, D)``, of the second.
        intercepts: ``float64 (C,)`` or ``(1,)``.
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    @classmethod
    def fit(
        cls, features: NDArray[np.float32], labels: NDArray[np.int64], settings: Lda, seed: int
    ) -> ShrinkageLda:
        """Fits principal components, and scikit-learn's LDA on them; nothing is drawn."""
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        middle = features.mean(axis=0, dtype=np.float64)
        axes = principal_axes(features - middle, settings.variance)
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        lda.fit((features - middle) @ axes.T, labels)
        coefficients = lda.coef_ @ axes
        return cls(coefficients, lda.intercept_ - coefficients @ middle)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Logarithms of the classes' probabilities, up to what they share, ``(N, C)``."""
        return two_sided(features @ self.coefficients.T + self.intercepts)


def principal_axes(centered: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The fewest principal axes that keep a share of the variance of ``(N, D)``, ``(K, D)``.

    They come from the smaller of both products of the matrix with itself, many times sooner than
    from its singular values. Axes without variance are left out.
    """
    wide = len(centered) < centered.shape[1]
    variances, vectors = np.linalg.eigh(centered @ centered.T if wide else centered.T @ centered)
    variances, axes = variances[::-1], vectors.T[::-1]
    kept = np.cumsum(variances)
    count = np.searchsorted(kept, share * kept[-1]) + 1
    count = min(count, np.count_nonzero(variances > NOTHING * variances[0]))
    if not wide:
        return axes[:count]
    return axes[:count] @ centered / np.sqrt(variances[:count, None])
