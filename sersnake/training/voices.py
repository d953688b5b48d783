"""The input of a network on a fold, scaled by enrolled speaker or corpus."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from sersnake.io import Features
from sersnake.protocols.enrolment import Draw
from sersnake.training.moments import Moments
from sersnake.training.normalisation import Scaling
from sersnake.training.scaling import ZScore
from sersnake.training.voice_scaling import VoiceScaling
from sersnake.training.voice_strength import choose_strength

Positions = NDArray[np.int64]


def fit_voices(
    features: Features, frames: bool, train: Positions, labels: NDArray[np.int64], draw: Draw
) -> VoiceScaling:
    """Fits on a training set, and selects the strength there.

    Args:
        features: Packed features of N utterances.
        frames: Whether each has a row per frame.
        train: Positions of the training set.
        labels: ``(N,)``, from 0 on, of which those of the training set are read.
        draw: The enrolled recordings.
    """
    score = ZScore.fit_features(features, frames, train)
    moments = Moments.of(_rows_of(features, train), score)
    strength = choose_strength(moments, draw.playing, draw.known[train], draw.settings, draw.seed)
    means, _ = moments.statistics
    # As for classifiers: a corpus may sound like one emotion for other reasons, and neutral
    # recordings are meant to.
    asked = draw.settings.by == "speaker" and draw.settings.draw != "neutral"
    emotions = np.unique(labels[train][: len(train) * asked])
    middles = [means[labels[train] == emotion].mean(axis=0) for emotion in emotions]
    shape = len(middles), features.values.shape[1]
    return VoiceScaling(score, strength, np.array(middles, np.float32).reshape(shape))


def scale_voices(
    features: Features,
    frames: bool,
    train: Positions,
    labels: NDArray[np.int64],
    draw: Draw,
    device: torch.device,
) -> Scaling:
    """Scales each utterance by the enrolled recordings of its speaker.

    An utterance of the training set is scaled by recordings of the training set alone, other
    utterances of the same speaker also by those enrolled from the test set.

    Args:
        features: Packed features of N utterances.
        frames: Whether each has a row per frame.
        train: Positions of the training set.
        labels: ``(N,)``, of which those of the training set are read.
        draw: The enrolled recordings.
        device: Where features are scaled.
    """
    fitted = fit_voices(features, frames, train, labels, draw)
    trains = np.isin(np.arange(len(labels)), train)
    _, numbers = np.unique(draw.voices, return_inverse=True)
    kinds, groups = np.unique(2 * numbers + trains, return_inverse=True)
    scores = []
    for kind in kinds:
        known = draw.known if kind % 2 else draw.known | draw.drawn
        places = np.flatnonzero(known & (numbers == kind // 2))
        scores.append(fitted.of_speaker(list(_rows_of(features, places))))
    return Scaling(scores, groups.astype(np.int64), device)


def _rows_of(features: Features, places: Positions) -> Iterable[NDArray[np.float32]]:
    return (features.rows(place) for place in places)
