"""Metrics of test predictions: weighted and unweighted accuracy, recalls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.settings.protocol import POOLED

METRICS = ("WA", "UA")  # what tables and intervals are of


def score(predictions: pd.DataFrame, emotions: Sequence[str]) -> pd.DataFrame:
    """Scores every system on every fold, and on the predictions of all its folds taken together.

    WA is the accuracy, UA the mean of the recalls of the classes in the test set (Section IV.C of
    the paper).

    Args:
        predictions: One row per system, fold and test utterance, with the columns system, fold,
            utterance, emotion and predicted.
        emotions: The C classes, in the order of the recalls.

    Returns:
        Columns system, fold, metric, value: fold is a fold's name or "pooled"; metric is WA, UA or
        ``recall_<emotion>``; value is a fraction from 0 to 1, NaN for the recall of a class that
        the test set lacks.

    Raises:
        SersnakeError: There are no predictions, one is of a class that is not among the emotions,
            or an utterance was predicted twice in a fold.
    """
    _check(predictions, emotions)
    rows: list[tuple[object, object, str, float]] = []
    for system, of_system in predictions.groupby("system", sort=False):
        for fold, of_fold in of_system.groupby("fold", sort=False):
            rows += [(system, fold, *pair) for pair in _score_rows(of_fold, emotions)]
        rows += [(system, POOLED, *pair) for pair in _score_rows(of_system, emotions)]
    return pd.DataFrame(rows, columns=["system", "fold", "metric", "value"])


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Mean and spread over the folds, and the pooled value.

    Args:
        metrics: What :func:`score` returns.

    Returns:
        Columns system, metric, mean, std, pooled, all fractions; std is the sample standard
        deviation (n - 1), NaN where there is one fold.
    """
    keys = ["system", "metric"]
    is_pooled = metrics["fold"] == POOLED
    summary = metrics[~is_pooled].groupby(keys, sort=False)["value"].agg(["mean", "std"])
    summary["pooled"] = metrics[is_pooled].set_index(keys)["value"]
    return summary.reset_index()


def confusion_counts(predictions: pd.DataFrame, emotions: Sequence[str]) -> NDArray[np.int64]:
    """Counts predictions per true class (rows) and predicted class (columns).

    Args:
        predictions: Columns emotion and predicted.
        emotions: The C classes.

    Returns:
        ``int64 (C, C)``.
    """
    pairs = pd.crosstab(predictions["emotion"], predictions["predicted"])
    square = pairs.reindex(index=list(emotions), columns=list(emotions), fill_value=0)
    return square.to_numpy(dtype=np.int64)


def _score_rows(predictions: pd.DataFrame, emotions: Sequence[str]) -> list[tuple[str, float]]:
    """WA, UA and the recalls of one test set."""
    truth, predicted = predictions["emotion"].to_numpy(str), predictions["predicted"].to_numpy(str)
    right = truth == predicted
    recalls = [_share(right[truth == emotion]) for emotion in emotions]
    named = [(f"recall_{emotion}", r) for emotion, r in zip(emotions, recalls, strict=True)]
    return [("WA", _share(right)), ("UA", float(np.nanmean(recalls))), *named]


def _share(right: NDArray[np.bool_]) -> float:
    """Share of true values; NaN of none."""
    return float(right.mean()) if len(right) else np.nan


def _check(predictions: pd.DataFrame, emotions: Sequence[str]) -> None:
    if predictions.empty:
        raise SersnakeError("there are no predictions to score; run the systems first")
    for column in ("emotion", "predicted"):
        unknown = sorted(set(predictions[column]) - set(emotions))
        if unknown:
            raise SersnakeError(
                f"predictions: {unknown[0]!r} in column {column} is not one of the emotions "
                f"{', '.join(emotions)}; make the predictions again"
            )
    twice = predictions[predictions.duplicated(["system", "fold", "utterance"])]
    if len(twice):
        first = twice.iloc[0]
        raise SersnakeError(
            f"predictions: utterance {first['utterance']!r} appears twice in system "
            f"{first['system']}, fold {first['fold']}; remove one of the rows"
        )
