"""Linear discriminant analysis with a shrunk covariance, on principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.settings.classifiers import Lda

NOTHING = 1e-9  # of the largest variance


@dataclass(frozen=True)
class ShrinkageLda:
    """Both steps folded to one affine map, with a row for each of K subclasses.

    Attributes:
        coefficients: ``float64 (K, D)``.
        intercepts: ``float64 (K,)``.
        starts: ``int64 (C,)``, the first row of each class.
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    starts: NDArray[np.int64]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Lda,
        seed: int,
        speakers: NDArray[Any] | None = None,
    ) -> ShrinkageLda:
        """Fits principal components, and scikit-learn's LDA on them; nothing is drawn.

        Raises:
            SersnakeError: Subclasses are asked for, and who speaks is not known.
        """
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        if settings.subclasses == "speaker" and (speakers is None or (speakers == "").any()):
            raise SersnakeError("lda: subclasses: speaker needs to know who speaks; take none")
        rows, starts = subclasses(labels, speakers if settings.subclasses == "speaker" else None)
        middle = features.mean(axis=0, dtype=np.float64)
        axes = principal_axes(features - middle, settings.variance)
        shrinkage = "auto" if settings.shrinkage == "ledoit_wolf" else settings.shrinkage
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
        lda.fit((features - middle) @ axes.T, rows)
        coefficients = lda.coef_ @ axes
        intercepts = lda.intercept_ - coefficients @ middle
        if len(coefficients) == 1:  # of two classes scikit-learn has the second alone
            coefficients = np.concatenate([-coefficients, coefficients])
            intercepts = np.concatenate([-intercepts, intercepts])
        return cls(coefficients, intercepts, starts)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Logarithms of the classes' probabilities, up to what they share, ``(N, C)``."""
        values = features @ self.coefficients.T + self.intercepts
        if len(self.starts) == len(self.intercepts):
            return values
        sums: NDArray[np.float64] = np.logaddexp.reduceat(values, self.starts, axis=1)
        return sums


def subclasses(
    labels: NDArray[np.int64], speakers: NDArray[Any] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The subclass of each utterance, those of a class side by side, and each class' first.

    Args:
        labels: ``(N,)``, from 0 to C - 1.
        speakers: ``(N,)``; without them each class is its only subclass.

    Returns:
        ``int64 (N,)`` and ``int64 (C,)``.
    """
    codes = 0 if speakers is None else np.unique(speakers, return_inverse=True)[1]
    width = np.max(codes) + 1
    known, rows = np.unique(labels * width + codes, return_inverse=True)
    return rows, np.searchsorted(known // width, np.unique(labels))


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
