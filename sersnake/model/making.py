"""A model out of networks that were trained on a whole corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.final import FUNCTIONALS, FinalClassifier, parts_of
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import Blocks, BlockScaling, rows_of, side_by_side
from sersnake.io import Features, read_tensors
from sersnake.model.extraction import Extraction
from sersnake.model.model import Arrays, Model
from sersnake.model.novelty import QUANTILE, Novelty, class_middles, nearest
from sersnake.networks import Architecture
from sersnake.settings.classifiers import Fusion
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


def make_model(
    corpus: TrainingData,
    networks: Mapping[str, Arrays],
    embeddings: Blocks,
    *,
    recipe: ClassifierRecipe,
    groups: NDArray[np.str_],
    threshold: float,
    options: Architecture,
    crop: int,
    about: Mapping[str, Any],
) -> Model:
    """Fits the classifier on the networks' features and puts all parts together.

    Args:
        corpus: The training data.
        networks: As :func:`read_networks` gives them.
        embeddings: Each network's features ``(S, N, D)`` of S members.
        recipe: How the classifier is fitted.
        groups: ``(N,)``, what inner folds do not share, where they choose.
        threshold: As :func:`held_out_threshold` gives it.
        options: The networks'.
        crop: Frames that the networks see, at the most; 0 is all.
        about: What a reader has to know.
    """
    further = {FUNCTIONALS: corpus.functionals.values[None]} if recipe.fusion.functionals else {}
    classifier = FinalClassifier.fit(
        {**embeddings, **further}, corpus.emotions, corpus.order, recipe, groups
    )
    scaled = classifier.scaled(embeddings)
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
    embeddings: Callable[[int], Blocks],
    settings: Fusion,
) -> float:
    """The distance that one in a hundred held-out utterances of the corpus exceeds.

    Args:
        manifest: Column emotion.
        folds: Positions of each fold's training and test set.
        embeddings: Gives each network's features ``(S, N, D)`` in the fold of a number.
        settings: How the classifier scales them.
    """
    emotions = manifest["emotion"].to_numpy(str)
    distances = []
    for number, (train, test) in enumerate(folds):
        blocks = embeddings(number)
        known, classes = rows_of(blocks, train), sorted(set(emotions[train]))
        names = parts_of(blocks, settings)
        scalings = [BlockScaling.fit(part, known, settings) for part in names]
        of_members = [
            nearest(rows[test], class_middles(rows[train], emotions[train], classes))
            for rows in side_by_side(scalings, blocks)
        ]
        distances.append(np.mean(of_members, axis=0))
    return float(np.quantile(np.concatenate(distances), QUANTILE))
