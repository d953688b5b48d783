"""Intervals of a system's accuracy over folds and over speakers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from sersnake.evaluation.intervals import pooled_bounds
from sersnake.evaluation.metrics import METRICS, score
from sersnake.evaluation.resampled_t import corrected_resampled_t, train_ratio
from sersnake.settings.protocol import POOLED

FOLDS, SPEAKERS = "folds", "speakers"
COLUMNS = ["system", "metric", "over", "value", "low", "high"]

Row = tuple[str, str, str, float, float, float]


def system_intervals(
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    manifest: pd.DataFrame,
    emotions: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """WA and UA of every system with 95 % intervals, over folds and over speakers.

    The interval of the mean over folds is that of :func:`corrected_resampled_t`, the interval of
    the pooled value that of :func:`sersnake.evaluation.intervals.pooled_bounds`.

    Args:
        predictions: Columns system, fold, utterance, emotion, predicted.
        folds: Columns fold, utterance, part; the folds of the predictions.
        manifest: Columns utterance, speaker.
        emotions: The classes.
        seed: Of the draws of speakers, the same ones for every system.

    Returns:
        Columns system, metric, over (folds or speakers), value, low, high; fractions. Bounds are
        NaN for one fold or folds of equal value, one speaker, and where a speaker is unknown.

    Raises:
        SersnakeError: There are no predictions, or one is of an unknown class.
    """
    metrics = score(predictions, emotions)
    speakers = manifest.set_index("utterance")["speaker"]
    rows = [
        row
        for system, of_system in predictions.groupby("system", sort=False)
        for row in (
            *_over_folds(str(system), metrics, train_ratio(folds)),
            *_over_speakers(str(system), metrics, of_system, speakers, seed),
        )
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def pooled_intervals(
    predictions: pd.DataFrame, speakers: pd.Series, emotions: Sequence[str], seed: int
) -> pd.DataFrame:
    """Pooled WA and UA of every system with 95 % intervals over speakers.

    Args:
        predictions: Columns system, fold, utterance, emotion, predicted.
        speakers: The speaker of each utterance, indexed by utterance.
        emotions: The classes.
        seed: As for :func:`system_intervals`.

    Returns:
        Columns system, metric, value, low, high; values as of :func:`system_intervals`.

    Raises:
        SersnakeError: As for :func:`system_intervals`.
    """
    metrics = score(predictions, emotions)
    rows = [
        row
        for system, of_system in predictions.groupby("system", sort=False)
        for row in _over_speakers(str(system), metrics, of_system, speakers, seed)
    ]
    return pd.DataFrame(rows, columns=COLUMNS).drop(columns="over")


def _over_folds(system: str, metrics: pd.DataFrame, ratio: float) -> Iterator[Row]:
    of_folds = metrics[(metrics["system"] == system) & (metrics["fold"] != POOLED)]
    for metric in METRICS:
        values = of_folds.loc[of_folds["metric"] == metric, "value"]
        yield (system, metric, FOLDS, *corrected_resampled_t(values, ratio)[:3])


def _over_speakers(
    system: str, metrics: pd.DataFrame, predictions: pd.DataFrame, speakers: pd.Series, seed: int
) -> Iterator[Row]:
    bounds = pooled_bounds(predictions, speakers, seed=seed)
    pooled = metrics[metrics["fold"] == POOLED].set_index(["system", "metric"])["value"]
    for metric in METRICS:
        yield (system, metric, SPEAKERS, float(pooled[system, metric]), *bounds[metric])
