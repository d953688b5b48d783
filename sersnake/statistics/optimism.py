"""What choosing the epoch on the test part would have claimed."""

from __future__ import annotations

import pandas as pd

from sersnake.errors import SersnakeError

METRICS = {"test_wa": "WA", "test_ua": "UA"}


def optimism(course: pd.DataFrame) -> pd.DataFrame:
    """The accuracy of the last epoch beside that of the epoch that is best on the test part.

    The best epoch is taken for each fold and metric by itself, which is the most that such a
    choice can claim. It selects on the test part, so its columns are named optimistic.

    Args:
        course: Columns arm, fold, epoch, test_wa and test_ua, one row an epoch; fractions.

    Returns:
        Columns arm, metric, last_epoch, optimistic_best_epoch and optimism: means over the folds
        of the last and of the best epoch, and the second minus the first.

    Raises:
        SersnakeError: An epoch stands twice in a fold, or an accuracy is missing.
    """
    _check(course)
    rows = []
    for arm, epochs in course.groupby("arm", sort=False):
        folds = epochs.sort_values("epoch", kind="stable").groupby("fold", sort=False)
        for column, metric in METRICS.items():
            last, best = folds[column].last().mean(), folds[column].max().mean()
            rows.append((arm, metric, last, best, best - last))
    columns = ["arm", "metric", "last_epoch", "optimistic_best_epoch", "optimism"]
    return pd.DataFrame(rows, columns=columns)


def _check(course: pd.DataFrame) -> None:
    twice = course[course.duplicated(["arm", "fold", "epoch"])]
    missing = course[course[list(METRICS)].isna().any(axis=1)]
    for wrong, what in ((twice, "stands twice"), (missing, "has no test accuracy")):
        if len(wrong):
            row = wrong.iloc[0]
            raise SersnakeError(
                f"course: epoch {row['epoch']} of arm {row['arm']}, fold {row['fold']} {what}; "
                "record the epochs again"
            )
