"""Linear discriminant analysis with a shrunk covariance, on principal components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.components import Components, principal_components
from sersnake.fusion.inner import inner_folds
from sersnake.fusion.origin import Origin
from sersnake.settings.classifiers import Lda

Values = NDArray[np.float64]


@dataclass(frozen=True)
class ShrinkageLda:
    """Projection and discriminant analysis as one affine map, with a row for each of K subclasses.

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
        origin: Origin | None = None,
    ) -> ShrinkageLda:
        """Fits principal components, and a discriminant analysis on them.

        Raises:
            SersnakeError: Subclasses need speakers that are unknown, or hard utterances are to be
                weighted and inner folds cannot be made.
        """
        return cls.fit_each(features, labels, [settings], seed, origin)[0]

    @classmethod
    def fit_each(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        several: Sequence[Lda],
        seed: int,
        origin: Origin | None = None,
    ) -> list[ShrinkageLda]:
        """As :meth:`fit` for each of several settings; components are computed once per share."""
        middle = features.mean(axis=0, dtype=np.float64)
        shares = {settings.variance for settings in several}
        components = {share: principal_components(features - middle, share) for share in shares}
        origin = origin or Origin.unknown(len(labels))
        return [
            cls._fit(components[settings.variance], middle, labels, settings, seed, origin)
            for settings in several
        ]

    @classmethod
    def _fit(
        cls,
        components: Components,
        middle: Values,
        labels: NDArray[np.int64],
        settings: Lda,
        seed: int,
        origin: Origin,
    ) -> ShrinkageLda:
        if settings.subclasses == "speaker" and (origin.speakers == "").any():
            raise SersnakeError("lda: subclasses: speaker needs the speakers; set none")
        speakers = origin.speakers if settings.subclasses == "speaker" else None
        rows, starts = subclasses(labels, speakers)
        projected, lift = components
        if settings.shrinkage == "ledoit_wolf":
            coefficients, intercepts = _ledoit_wolf(projected, rows)
        else:
            # Inner folds have already chosen one number of a list.
            shrinkage = cast(float, settings.shrinkage)
            exponent = cast(float, settings.hard_weight)
            weights = np.ones(len(labels))
            if exponent:
                hard = hardness(projected, labels, shrinkage, origin, seed)
                weights = np.exp(exponent * hard)
            coefficients, intercepts = discriminant(projected, rows, shrinkage, weights)
        coefficients = lift(coefficients)
        return cls(coefficients, intercepts - coefficients @ middle, starts)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log probabilities of the classes up to a constant per utterance, ``(N, C)``."""
        values = features @ self.coefficients.T + self.intercepts
        if len(self.starts) == len(self.intercepts):
            return values
        sums: NDArray[np.float64] = np.logaddexp.reduceat(values, self.starts, axis=1)
        return sums


def _ledoit_wolf(rows: Values, labels: NDArray[np.int64]) -> tuple[Values, Values]:
    """scikit-learn's analysis, which shrinks the covariance of each class by Ledoit and Wolf."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(rows, labels)
    if len(lda.coef_) > 1:
        return lda.coef_, lda.intercept_
    # With two classes its only row is the log odds of the second.
    both = np.array([-0.5, 0.5])
    return both[:, None] * lda.coef_, both * lda.intercept_


def discriminant(
    rows: Values, labels: NDArray[np.int64], shrinkage: float, weights: Values
) -> tuple[Values, Values]:
    """Linear discriminant analysis of weighted utterances (scikit-learn's takes no weights).

    Args:
        rows: ``(N, D)``.
        labels: ``(N,)``, from 0 to C - 1, each at least once.
        shrinkage: Weight, 0 to 1, of the identity times the mean variance in the covariance.
        weights: ``(N,)``, above 0; the priors remain the classes' shares of the utterances.

    Returns:
        Coefficients ``(C, D)`` and intercepts ``(C,)``.
    """
    counts = np.bincount(labels)
    share = weights / np.bincount(labels, weights)[labels]  # sums to 1 in each class
    member = (labels == np.arange(len(counts))[:, None]) * share
    means = member @ rows
    apart = rows - means[labels]
    covariance = apart.T @ (apart * (weights / weights.sum())[:, None])
    shrunk = (1 - shrinkage) * covariance
    shrunk.flat[:: len(shrunk) + 1] += shrinkage * np.trace(covariance) / len(shrunk)
    coefficients = np.linalg.solve(shrunk, means.T).T
    intercepts = np.log(counts / len(labels)) - (coefficients * means).sum(axis=1) / 2
    return coefficients, intercepts


def hardness(
    rows: Values, labels: NDArray[np.int64], shrinkage: float, origin: Origin, seed: int
) -> Values:
    """1 minus the probability of each utterance's class, by a fit without its inner fold, ``(N,)``.

    A class that the other inner folds lack has the probability 0.
    """
    folds = inner_folds(labels, origin.groups, seed)
    right = np.zeros(len(labels))
    for fold in np.unique(folds):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        known, numbers = np.unique(labels[train], return_inverse=True)
        fitted = discriminant(rows[train], numbers, shrinkage, np.ones(len(train)))
        scores = rows[test] @ fitted[0].T + fitted[1]
        chances = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
        of_class, column = np.nonzero(labels[test][:, None] == known)
        right[test[of_class]] = chances[of_class, column]
    return 1 - right


def subclasses(
    labels: NDArray[np.int64], speakers: NDArray[Any] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The subclass of each utterance, numbered class by class, and the first of each class.

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
