"""The paper's classifier (Section IV-B): a linear support vector machine."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isqrt
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.origin import Origin
from sersnake.fusion.within_class import WithinClass
from sersnake.settings.classifiers import Svm

# libsvm's time grows with the square of the rows, liblinear's with the rows. Without degraded
# copies, no training set of the paper's corpora has more rows than this.
LIBSVM_ROWS = 10_000


@dataclass(frozen=True)
class LinearSvm:
    """One hyperplane per pair of the C classes: (0, 1), (0, 2) and so on.

    Attributes:
        coefficients: ``float64 (P, D)``.
        intercepts: ``float64 (P,)``.
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Svm,
        seed: int,
        origin: Origin | None = None,
    ) -> LinearSvm:
        """Fits scikit-learn's; above :data:`LIBSVM_ROWS` rows the seed draws their order."""
        return cls.fit_each(features, labels, [settings], seed, origin)[0]

    @classmethod
    def fit_each(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        several: Sequence[Svm],
        seed: int,
        origin: Origin | None = None,
    ) -> list[LinearSvm]:
        """As :meth:`fit` for each of several settings; the within-class covariance is shared."""
        used = any(settings.within_class is not None for settings in several)
        within = WithinClass.fit(features, labels) if used else None
        return [cls._fit(features, labels, settings, seed, within) for settings in several]

    @classmethod
    def _fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Svm,
        seed: int,
        within: WithinClass | None,
    ) -> LinearSvm:
        # Inner folds have already chosen one number of a list.
        cost = cast(float, settings.cost)
        if within is None or settings.within_class is None:
            return cls(*hyperplanes(features, labels, cost, seed))
        shrinkage = cast(float, settings.within_class)
        coefficients, intercepts = hyperplanes(within.rows(shrinkage), labels, cost, seed)
        coefficients = within.lift(coefficients, shrinkage)
        return cls(coefficients, intercepts - coefficients @ within.middle)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """One-against-rest values ``(N, C)``."""
        return one_against_rest(features @ self.coefficients.T + self.intercepts)


def hyperplanes(
    features: NDArray[Any], labels: NDArray[np.int64], cost: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients ``(P, D)`` and intercepts ``(P,)`` of scikit-learn's linear SVM.

    Up to :data:`LIBSVM_ROWS` rows by libsvm, beyond them by liblinear's dual coordinate descent
    (Hsieh et al. 2008). The loss is the same, but liblinear penalises the squared intercept too.
    """
    from sklearn.svm import SVC

    if len(features) > LIBSVM_ROWS:
        return _by_descent(features, labels, cost, seed)
    if len(features) < features.shape[1]:
        # Products of rows once: many times faster than products of columns for each pair.
        rows = features.astype(np.float64)
        svm = SVC(kernel="precomputed", C=cost).fit(rows @ rows.T, labels)
        coefficients = pair_duals(svm) @ rows[svm.support_]
    else:
        svm = SVC(kernel="linear", C=cost).fit(features, labels)
        coefficients = svm.coef_
    sign = side_of_first(svm)
    return sign * coefficients, sign * svm.intercept_


def _by_descent(
    features: NDArray[Any], labels: NDArray[np.int64], cost: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As :func:`hyperplanes`, by liblinear with at most a thousand passes for each pair."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    planes = []
    for first, second in combinations(np.unique(labels), 2):
        of_pair = np.isin(labels, (first, second))
        svm = LinearSVC(loss="hinge", C=cost, random_state=seed % 2**32)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            svm.fit(features[of_pair], labels[of_pair] == first)
        planes.append((svm.coef_[0], svm.intercept_[0]))
    coefficients, intercepts = zip(*planes, strict=True)
    return np.stack(coefficients), np.array(intercepts)


def side_of_first(svm: Any) -> int:
    """The sign that makes a pair's value positive where its first class is more likely.

    With two classes scikit-learn's sign is the opposite.
    """
    return -1 if len(svm.classes_) == 2 else 1


def pair_duals(svm: Any) -> NDArray[np.float64]:
    """Dual coefficients of V support vectors, sorted by class: ``(P, V)`` from ``(C - 1, V)``."""
    of_vector = np.repeat(np.arange(len(svm.n_support_)), svm.n_support_)
    pairs = []
    for first, second in combinations(range(len(svm.n_support_)), 2):
        against_second = np.where(of_vector == first, svm.dual_coef_[second - 1], 0)
        against_first = np.where(of_vector == second, svm.dual_coef_[first], 0)
        pairs.append(against_second + against_first)
    return np.stack(pairs)


def one_against_rest(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores ``(N, C)`` from the values of the pairs ``(N, P)``, as scikit-learn computes them.

    A score is the number of votes of the pairs, plus a tie-breaker from the sum of their values;
    with two classes, the value and its negative.
    """
    if pairs.shape[1] == 1:
        return np.concatenate([pairs, -pairs], axis=1)
    classes = (1 + isqrt(1 + 8 * pairs.shape[1])) // 2
    votes, sums = np.zeros((2, len(pairs), classes))
    for value, (first, second) in zip(pairs.T, combinations(range(classes), 2), strict=True):
        votes[:, first] += value >= 0
        votes[:, second] += value < 0
        sums[:, first] += value
        sums[:, second] -= value
    # Between -1/3 and 1/3, so the sums only break ties between equal votes.
    return votes + sums / (3 * (np.abs(sums) + 1))
