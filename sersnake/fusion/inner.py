"""Selection by inner folds of a training set: settings of a classifier, weights of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe, Part
from sersnake.fusion.scaling import Blocks, rows_of
from sersnake.settings.base import Settings, fields_of
from sersnake.training.curve import accuracies

INNER_FOLDS = 5
STEPS = 10  # of a weight from 0 to 1

Scores = NDArray[np.float64]


def inner_folds(labels: NDArray[np.int64], groups: NDArray[Any], seed: int) -> NDArray[np.int64]:
    """The inner fold of each utterance, stratified by label.

    Args:
        labels: ``(N,)``.
        groups: ``(N,)``, what inner folds do not share.
        seed: Of the draw.

    Raises:
        SersnakeError: There are too few utterances or groups.
    """
    import pandas as pd

    from sersnake.protocols.groups import stratified_groups

    frame = pd.DataFrame({"emotion": labels, "group": groups})
    count = max(2, min(INNER_FOLDS, frame["group"].nunique()))
    try:
        return stratified_groups(frame, "group", count, seed % 2**32, "the training set", "k")
    except SersnakeError as error:
        raise SersnakeError(
            f"inner folds: the training set is too small for {count} of them, with "
            f"{frame['group'].nunique()} speakers, sentences or recordings that stay together; "
            "give one value instead of a list, and equal weights"
        ) from error


def candidates(settings: Settings) -> list[Settings]:
    """The settings with one value of each list: the grid of all combinations."""
    lists = {
        field.name: value
        for field in fields_of(type(settings))
        if isinstance(value := getattr(settings, field.name), tuple)
    }
    every = product(*lists.values())
    return [settings.replace(**dict(zip(lists, values, strict=True))) for values in every]


def held_out_scores(
    names: Sequence[str],
    blocks: Blocks,
    labels: NDArray[np.int64],
    recipe: ClassifierRecipe,
    several: Sequence[Settings],
    folds: NDArray[np.int64],
    origin: Origin,
) -> Scores:
    """Scores of each utterance by classifiers that were fitted without its inner fold.

    A class that the other inner folds lack has the lowest score.

    Returns:
        ``(K, N, C)``, for each of the K settings in place of the recipe's.
    """
    scores = np.empty((len(several), len(labels), labels.max() + 1))
    for fold in np.unique(folds):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        known, numbers = np.unique(labels[train], return_inverse=True)
        training = rows_of(blocks, train), numbers, recipe, several, origin.of(train)
        for place, part in enumerate(Part.fit_each(names, *training)):
            of_known = part.scores(rows_of(blocks, test))
            scores[place, test] = of_known.min() - 1
            scores[place][np.ix_(test, known)] = of_known
    return scores


def choose_settings(
    names: Sequence[str],
    blocks: Blocks,
    labels: NDArray[np.int64],
    recipe: ClassifierRecipe,
    folds: NDArray[np.int64],
    origin: Origin,
) -> tuple[ClassifierRecipe, Scores]:
    """The candidate with the best UA in the inner folds, on a tie the first, and its scores."""
    several = candidates(recipe.settings)
    scores = held_out_scores(names, blocks, labels, recipe, several, folds, origin)
    best = int(np.argmax([unweighted_accuracy(each, labels) for each in scores]))
    return recipe._replace(settings=several[best]), scores[best]


def choose_weights(scores: Sequence[Scores], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weights whose weighted mean has the best UA; on a tie the most even ones."""
    every = sorted(_weights(len(scores)), key=lambda weights: (np.square(weights).sum(), *weights))
    means = (np.tensordot(weights, np.stack(scores), 1) for weights in every)
    return every[int(np.argmax([unweighted_accuracy(mean, labels) for mean in means]))]


def _weights(parts: int) -> Iterator[NDArray[np.float64]]:
    for steps in product(range(STEPS + 1), repeat=parts):
        if sum(steps) == STEPS:
            yield np.array(steps) / STEPS


def unweighted_accuracy(scores: Scores, labels: NDArray[np.int64]) -> float:
    """Mean recall of the classes, of scores ``(N, C)``."""
    return accuracies(labels, scores.argmax(axis=1))["ua"]
