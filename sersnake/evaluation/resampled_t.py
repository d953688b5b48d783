"""The corrected resampled t test: folds that share training data are not independent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersnake.errors import SersnakeError
from sersnake.evaluation.intervals import TAILS

ROUNDING = 1e-12  # differences of accuracies that agree to this are equal


class Estimate(NamedTuple):
    """A mean with its interval and its p value."""

    value: float
    low: float
    high: float
    p: float


def corrected_resampled_t(differences: ArrayLike, ratio: float) -> Estimate:
    """Mean of a difference over folds, its 95 % interval, and the test that the mean is zero.

    The folds of a random split or a cross-validation train on nearly the same utterances, so
    their differences vary less than those of independent experiments and the usual paired t test
    rejects too often. Nadeau and Bengio (Inference for the Generalization Error, Machine Learning
    52, 2003, section 5) replace the variance factor 1/J by 1/J + n_test/n_train.

    Args:
        differences: One per fold, J in number.
        ratio: n_test/n_train, as of :func:`train_ratio`.

    Returns:
        Mean, bounds and two-sided p (Student's t, J - 1 degrees of freedom). Where every
        difference is zero the bounds are zero and p is 1. Otherwise bounds and p are NaN for one
        fold, and where all differences are the same: there is no spread to judge by.
    """
    # Student's t without scipy.stats, which takes a second to import.
    from scipy.special import stdtr, stdtrit

    values = np.asarray(differences, dtype=np.float64)
    mean, folds = float(values.mean()), len(values)
    if np.abs(values).max() < ROUNDING:
        return Estimate(0.0, 0.0, 0.0, 1.0)
    if folds < 2 or np.ptp(values) < ROUNDING:
        return Estimate(mean, np.nan, np.nan, np.nan)
    error = float(np.sqrt((1 / folds + ratio) * values.var(ddof=1)))
    half = float(stdtrit(folds - 1, TAILS[1])) * error
    p = 2 * float(stdtr(folds - 1, -abs(mean) / error))
    return Estimate(mean, mean - half, mean + half, p)


def train_ratio(folds: pd.DataFrame) -> float:
    """n_test/n_train, the mean over the folds.

    Args:
        folds: Columns fold, utterance, part (train, test or unused).

    Raises:
        SersnakeError: A fold has no utterance to train on.
    """
    sizes = pd.crosstab(folds["fold"], folds["part"]).reindex(
        columns=["test", "train"], fill_value=0
    )
    untrained = sizes.index[sizes["train"] == 0]
    if len(untrained):
        raise SersnakeError(f"folds: fold {untrained[0]} has no training set; make the folds again")
    return float((sizes["test"] / sizes["train"]).mean())
