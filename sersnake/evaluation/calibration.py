"""Calibrated confidence of predictions, by temperatures fitted without the test sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.calibration import (
    Calibration,
    as_logits,
    fit_temperature,
    kind_of,
    soften,
)
from sersnake.settings.classifiers import DEFAULT_CLASSIFIER
from sersnake.settings.systems import read_system


def with_confidence(
    predictions: pd.DataFrame, folds: pd.DataFrame, emotions: Sequence[str]
) -> pd.DataFrame:
    """Predictions with the column confidence: the calibrated probability of the predicted class.

    The temperature of a fold is fitted on its training utterances, with the scores that they got in
    the folds that tested them. So neither a test utterance of the fold nor a score of a training
    utterance is used (but those other folds trained on this fold's test set).

    Args:
        predictions: Columns system, fold, utterance, emotion and score_<emotion>, of one system.
        folds: Columns fold, utterance, part; the folds of the predictions.
        emotions: The C classes.

    Returns:
        confidence is NaN without scores, and where no other fold tests the training utterances.
    """
    if not {*score_columns(emotions)} <= {*predictions.columns}:
        return predictions.assign(confidence=np.nan)
    scores, labels = _scores_and_labels(predictions, emotions)
    logits = as_logits(scores, kind_of(scores, classifier_of(predictions)))
    training = folds[folds["part"] == "train"].groupby("fold")["utterance"]
    trained = {fold: set(utterances) for fold, utterances in training}
    confidence = np.full(len(predictions), np.nan)
    for fold in predictions["fold"].unique():
        test = (predictions["fold"] == fold).to_numpy()
        held_out = ~test & predictions["utterance"].isin(trained.get(fold, set())).to_numpy()
        temperature = fit_temperature(logits[held_out], labels[held_out])
        confidence[test] = soften(logits[test], temperature).max(axis=1)
    return predictions.assign(confidence=confidence)


def held_out_calibration(
    predictions: pd.DataFrame, emotions: Sequence[str], classifier: str
) -> Calibration:
    """The calibration of a model trained on the whole corpus, fitted on all test sets of a run.

    Args:
        predictions: As of :func:`with_confidence`.
        emotions: The C classes.
        classifier: One of :data:`~sersnake.settings.classifiers.CLASSIFIERS`.
    """
    scores, labels = _scores_and_labels(predictions, emotions)
    return Calibration.fit(scores, labels, classifier)


def score_columns(emotions: Sequence[str]) -> list[str]:
    """The columns of predictions that hold the scores."""
    return [f"score_{emotion}" for emotion in emotions]


def _scores_and_labels(
    predictions: pd.DataFrame, emotions: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """``(N, C)`` and ``(N,)``."""
    scores = predictions[score_columns(emotions)].to_numpy(np.float64)
    return scores, pd.Index(emotions).get_indexer(pd.Index(predictions["emotion"]))


def classifier_of(predictions: pd.DataFrame) -> str:
    """The classifier of a system by its name; the default for other systems."""
    try:
        return read_system(predictions["system"].iloc[0]).classifier
    except SersnakeError:
        return DEFAULT_CLASSIFIER
