"""Confidence intervals that resample speakers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.evaluation.metrics import METRICS

RESAMPLES = 10_000
LEVEL = 0.95  # coverage of every interval
TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
NO_BOUNDS = dict.fromkeys(METRICS, (float("nan"), float("nan")))


def speaker_bootstrap(
    predictions: pd.DataFrame, speakers: pd.Series, *, seed: int
) -> dict[str, tuple[float, float]]:
    """95 % percentile intervals of pooled WA and UA, from resampling speakers with replacement.

    A speaker's utterances resemble one another, so the speakers and not the utterances are drawn
    (the cluster bootstrap: Davison and Hinkley, Bootstrap Methods and their Application, 1997,
    section 3.8). A speaker brings all their predictions of all folds. With as few speakers as most
    corpora have, the interval tends to be too narrow.

    Args:
        predictions: Columns utterance, emotion and predicted, of one system.
        speakers: The speaker of each utterance, indexed by utterance.
        seed: Seed of the draws.

    Returns:
        Lower and upper bound of "WA" and "UA", as fractions; NaN where there is one speaker only.

    Raises:
        SersnakeError: The speaker of an utterance is unknown.
    """
    counts, correct = _by_speaker(predictions, speakers)
    return bounds_of_counts(counts, correct, seed=seed)


def bounds_of_counts(
    counts: NDArray[Any], correct: NDArray[Any], *, seed: int
) -> dict[str, tuple[float, float]]:
    """As :func:`speaker_bootstrap`, from counts.

    Args:
        counts: ``(S, C)``, predictions of each speaker and true class.
        correct: ``(S, C)``, how many of them are right; for a difference of systems, how many more.
        seed: Seed of the draws.
    """
    if len(counts) < 2:
        return dict(NO_BOUNDS)
    draws = _draw_speakers(len(counts), seed)
    return _percentiles(_accuracies(draws, counts, correct))


def accuracies_of_counts(counts: NDArray[Any], correct: NDArray[Any]) -> dict[str, float]:
    """WA and UA, as fractions; arguments as of :func:`bounds_of_counts`."""
    everyone = np.ones((1, len(counts)), np.int64)
    return {name: float(one[0]) for name, one in _accuracies(everyone, counts, correct).items()}


def pooled_bounds(
    predictions: pd.DataFrame, speakers: pd.Series, *, seed: int
) -> dict[str, tuple[float, float]]:
    """As :func:`speaker_bootstrap`, and NaN where the speakers are not all known."""
    known = (predictions["utterance"].map(speakers) != "").all()
    return speaker_bootstrap(predictions, speakers, seed=seed) if known else dict(NO_BOUNDS)


def paired_speaker_bootstrap(
    predictions: pd.DataFrame,
    against: pd.DataFrame,
    speakers: pd.Series,
    *,
    seed: int,
) -> dict[str, tuple[float, float]]:
    """95 % percentile intervals of the difference in pooled WA and UA between two systems.

    As :func:`speaker_bootstrap`, with the same speakers drawn for both systems, so that the
    difficulty of a speaker, which both share, cancels in the difference.

    Args:
        predictions: Columns utterance, emotion and predicted, of one system.
        against: The same rows of the system that is subtracted.
        speakers: The speaker of each utterance, indexed by utterance.
        seed: Seed of the draws.

    Returns:
        Lower and upper bound of the difference in "WA" and "UA", as fractions; NaN where there is
        one speaker only.

    Raises:
        SersnakeError: The speaker of an utterance is unknown, or the systems were tested on
            different utterances.
    """
    counts, correct = _by_speaker(predictions, speakers)
    counts_against, correct_against = _by_speaker(against, speakers)
    if not np.array_equal(counts, counts_against):
        raise SersnakeError(
            "the two systems were tested on different utterances, so they cannot be paired; "
            "compare systems of one run"
        )
    if len(counts) < 2:
        return dict(NO_BOUNDS)
    draws = _draw_speakers(len(counts), seed)
    ours, theirs = (_accuracies(draws, counts, right) for right in (correct, correct_against))
    return _percentiles({metric: ours[metric] - theirs[metric] for metric in ours})


def _draw_speakers(speakers: int, seed: int) -> NDArray[np.int64]:
    """How often each speaker (columns) is drawn in each resample (rows)."""
    chances = np.full(speakers, 1 / speakers)
    return np.random.default_rng(seed).multinomial(speakers, chances, size=RESAMPLES)


def _accuracies(
    draws: NDArray[np.int64], counts: NDArray[Any], correct: NDArray[Any]
) -> dict[str, NDArray[np.float64]]:
    """WA and UA of every resample; UA over the classes in it."""
    total, right = draws @ counts, draws @ correct
    recalls = np.divide(right, total, out=np.full(right.shape, np.nan), where=total > 0)
    return {"WA": right.sum(axis=1) / total.sum(axis=1), "UA": np.nanmean(recalls, axis=1)}


def _percentiles(values: dict[str, NDArray[np.float64]]) -> dict[str, tuple[float, float]]:
    bounds = {metric: np.quantile(drawn, TAILS) for metric, drawn in values.items()}
    return {metric: (float(low), float(high)) for metric, (low, high) in bounds.items()}


def _by_speaker(
    predictions: pd.DataFrame, speakers: pd.Series
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Predictions, and correct ones, of each speaker (rows) and true class (columns)."""
    who = predictions["utterance"].map(speakers)
    if who.isna().any() or (who == "").any():
        raise SersnakeError(
            "the speaker of some utterances is unknown, so speakers cannot be resampled; fill the "
            "column speaker of the manifest"
        )
    keys = [who, predictions["emotion"]]
    correct = predictions["predicted"] == predictions["emotion"]
    cells = correct.groupby(keys).agg(["size", "sum"]).unstack(fill_value=0)
    return cells["size"].to_numpy(np.int64), cells["sum"].to_numpy(np.int64)
