"""How far selecting the epoch on the test set would have inflated the score."""

from __future__ import annotations

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.resampled_t import corrected_resampled_t

METRICS = {"wa": "WA", "ua": "UA"}
KEYS = ["network", "system", "fold", "epoch"]


def optimism(curve: pd.DataFrame, ratio: float) -> pd.DataFrame:
    """The accuracy of the last epoch, and of the best epoch on the test set.

    The best epoch is taken per fold and metric over all phases, an upper limit of such a selection.
    This selects on the test set, hence the column's name.

    Args:
        curve: Columns network, system, fold, epoch (counted over the phases), wa and ua
            (fractions); one row per epoch.
        ratio: n_test/n_train, as of :func:`sersnake.evaluation.resampled_t.train_ratio`.

    Returns:
        Columns network, system, metric, last_epoch, optimistic_best_epoch, optimism, low and high,
        all fractions: means over the folds of the last and of the best epoch, the second minus the
        first, and the bounds of that by the corrected resampled t (95 %), NaN for one fold.

    Raises:
        SersnakeError: There is no epoch, one appears twice in a fold, or an accuracy is missing.
    """
    _check(curve)
    rows = []
    for (network, system), epochs in curve.groupby(["network", "system"], sort=False):
        folds = epochs.sort_values("epoch", kind="stable").groupby("fold", sort=False)
        for column, metric in METRICS.items():
            last, best = folds[column].last(), folds[column].max()
            value, low, high, _ = corrected_resampled_t(best - last, ratio)
            rows.append((network, system, metric, last.mean(), best.mean(), value, low, high))
    columns = ["network", "system", "metric", "last_epoch", "optimistic_best_epoch"]
    return pd.DataFrame(rows, columns=[*columns, "optimism", "low", "high"])


def _check(curve: pd.DataFrame) -> None:
    if curve.empty:
        raise SersnakeError("curve: contains no epoch; train at least one epoch")
    twice = curve[curve.duplicated(KEYS)]
    missing = curve[curve[list(METRICS)].isna().any(axis=1)]
    for wrong, what in ((twice, "appears twice"), (missing, "has no test accuracy")):
        if len(wrong):
            network, system, fold, epoch = wrong.iloc[0][KEYS]
            raise SersnakeError(
                f"curve: epoch {epoch} of {network}, system {system}, fold {fold} {what}; "
                "train again"
            )
