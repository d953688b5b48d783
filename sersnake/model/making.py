"""A model out of networks that were trained on a whole corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.classifier import linear_svm
from sersnake.io import Features, read_tensors
from sersnake.model.classifier import LinearClassifier
from sersnake.model.extraction import Extraction
from sersnake.model.model import Arrays, Model
from sersnake.model.novelty import QUANTILE, Novelty, class_middles, nearest
from sersnake.networks import Architecture
from sersnake.training.embeddings import Embeddings
from sersnake.training.scaling import ZScore

WEIGHTS = "network."  # what the names of a network's arrays begin with in a file of weights


@dataclass(frozen=True)
class TrainingData:
    """What both networks were trained on.

    Attributes:
        emotions: ``(N,)``, emotion of each utterance.
        order: The C emotions.
        mfcc: Packed frames of the N utterances.
        functionals: Packed functionals of them.
    """

    emotions: NDArray[np.str_]
    order: Sequence[str]
    mfcc: Features
    functionals: Features


Members = Sequence[NDArray[np.float32]]


def make_model(
    corpus: TrainingData,
    networks: Mapping[str, Arrays],
    members: Members,
    *,
    weights: NDArray[np.float32] | None,
    cost: float,
    threshold: float,
    options: Architecture,
    crop: int,
    about: Mapping[str, Any],
) -> Model:
    """Fits the classifier on the networks' features and puts all parts together.

    Args:
        corpus: The training data.
        networks: As :func:`read_networks` gives them.
        members: Features ``(N, D)`` of each of S members.
        weights: ``(D,)``, factors on the scaled features, or None.
        cost: The SVMs' C.
        threshold: As :func:`held_out_threshold` gives it.
        options: The networks'.
        crop: Frames that the networks see, at the most; 0 is all.
        about: What a reader has to know.
    """
    scales = [ZScore.fit(features) for features in members]
    factor = np.float32(1) if weights is None else weights
    scaled = [scale(features) * factor for scale, features in zip(scales, members, strict=True)]
    svms: list[Any] = [linear_svm(cost) for _ in members]
    for svm, features in zip(svms, scaled, strict=True):
        svm.fit(features, corpus.emotions)
    classifier = _in_order(LinearClassifier.of(svms, scales, weights), svms[0], corpus.order)
    middles = [class_middles(features, corpus.emotions, corpus.order) for features in scaled]
    everything = np.arange(len(corpus.emotions))
    return Model(
        tuple(corpus.order),
        Extraction.of_packs(corpus.mfcc.options, corpus.functionals.options),
        crop,
        options,
        ZScore.fit_utterances(corpus.mfcc, everything),
        ZScore.fit(corpus.functionals.values),
        networks,
        classifier,
        Novelty(np.stack(middles), threshold),
        about,
    )


def _in_order(classifier: LinearClassifier, svm: Any, order: Sequence[str]) -> LinearClassifier:
    """The pairs of the SVM's classes, which are sorted by name, in the order of the emotions."""
    names = list(svm.classes_)
    count = len(names)
    row = {pair: number for number, pair in enumerate(combinations(range(count), 2))}
    pairs = [(names.index(one), names.index(other)) for one, other in combinations(order, 2)]
    rows = [row[min(pair), max(pair)] for pair in pairs]
    sign = np.array([1.0 if first < second else -1.0 for first, second in pairs])
    return LinearClassifier(
        classifier.mean,
        classifier.scale,
        classifier.coefficients[:, rows] * sign[:, None],
        classifier.intercepts[:, rows] * sign,
    )


def read_networks(
    weights: Sequence[str | Path], embeddings: Sequence[str | Path]
) -> dict[str, Arrays]:
    """The weights of each network by its name, arrays ``(S, …)``.

    Args:
        weights: What training left, one file per network, member by member.
        embeddings: The same networks' features, which say whose they are.

    Raises:
        SersnakeError: A file is missing or holds something else, or members differ in shape.
    """
    members: dict[str, list[Arrays]] = {}
    for of_weights, of_features in zip(map(Path, weights), map(Path, embeddings), strict=True):
        arrays, _ = read_tensors(of_weights)
        network = {
            name.removeprefix(WEIGHTS): array
            for name, array in arrays.items()
            if name.startswith(WEIGHTS)
        }
        if not network:
            raise SersnakeError(f"{of_weights}: holds no weights of a training phase")
        members.setdefault(Embeddings.load(of_features).network, []).append(network)
    return {name: _joined(each) for name, each in members.items()}


def _joined(members: Sequence[Arrays]) -> Arrays:
    return {name: np.concatenate([member[name] for member in members]) for name in members[0]}


def held_out_threshold(
    manifest: pd.DataFrame,
    folds: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
    features: Callable[[int], Members],
    weights: NDArray[np.float32] | None,
) -> float:
    """The distance that one in a hundred held-out utterances of the corpus exceeds.

    Args:
        manifest: Column emotion.
        folds: Positions of each fold's training and test set.
        features: Gives each member's features ``(N, D)`` of the fold of a number.
        weights: ``(D,)``, factors on the scaled features, or None.
    """
    emotions = manifest["emotion"].to_numpy(str)
    factor = np.float32(1) if weights is None else weights
    distances = []
    for number, (train, test) in enumerate(folds):
        of_members = []
        for rows in features(number):
            scaled = ZScore.fit(rows[train])(rows) * factor
            classes = sorted(set(emotions[train]))
            middles = class_middles(scaled[train], emotions[train], classes)
            of_members.append(nearest(scaled[test], middles))
        distances.append(np.mean(of_members, axis=0))
    return float(np.quantile(np.concatenate(distances), QUANTILE))
