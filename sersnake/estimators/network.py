"""An FCN on a feature matrix: trained, mined and re-trained as in the workflow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from sersnake.errors import SersnakeWarning
from sersnake.io import Features
from sersnake.networks import FCN, Batch
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training.fold_training import FoldTraining
from sersnake.training.mining import mine_fold, why_missed
from sersnake.training.scaling import ZScore
from sersnake.training.weights import NETWORK

FOLD = "0"


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread, as in the workflow: for a network this small, several threads mostly wait.

    The results then do not depend on the number of cores.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class FittedNetwork:
    """A trained FCN.

    Attributes:
        weights: Its arrays.
        scale: z-score of the features.
        classes: Number of classes.
    """

    weights: Mapping[str, NDArray[Any]]
    scale: ZScore
    classes: int

    @one_thread()
    def embed(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The last hidden layer ``(N, 1024)`` for features ``(N, D)``."""
        network, batch = self._ready(features)
        with torch.no_grad():
            embedding: NDArray[np.float64] = network.embed(batch).numpy()
        return embedding

    @one_thread()
    def logits(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(N, classes)`` of ``(N, D)``."""
        network, batch = self._ready(features)
        with torch.no_grad():
            logits: NDArray[np.float64] = network(batch).numpy()
        return logits

    def _ready(self, features: NDArray[np.float64]) -> tuple[FCN, Batch]:
        """In float64, so that the result of a row does not depend on the others."""
        network = FCN(features.shape[1], self.classes)
        network.load_state_dict({k: torch.from_numpy(v) for k, v in self.weights.items()})
        network.double().eval()
        scaled = (features - self.scale.mean) / self.scale.scale
        return network, Batch(torch.from_numpy(scaled.astype(np.float64)))


@dataclass(frozen=True)
class Mined:
    """The hard index of the N examples and the history of training.

    Attributes:
        hard_index: ``(N,)``, h_i of Eq. 1.
        hard: ``bool (N,)``, whether it is at least beta.
        beta: The threshold.
        history: One row per epoch of both phases: phase, epoch, loss, accuracy, learning_rate.
    """

    hard_index: NDArray[np.float64]
    hard: NDArray[np.bool_]
    beta: float
    history: list[dict[str, Any]]


@one_thread()
def train_network(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    *,
    first: Schedule,
    again: Schedule,
    recipe: Recipe,
    hard_share: float,
    beta: float | None,
    seed: int,
) -> tuple[FittedNetwork, Mined]:
    """Trains with cross entropy, mines (Eq. 1 and 2), re-trains on the hard examples (Eq. 3).

    Args:
        features: ``(N, D)``.
        labels: ``int64 (N,)`` from 0 on, each class at least once.
        first: Schedule of the first phase.
        again: Schedule of re-training.
        recipe: How the network is regularised, and on what.
        hard_share: Share of hard examples to aim at.
        beta: Threshold that overrides it.
        seed: Seed of all random draws.

    Raises:
        SersnakeError: A setting is out of its range, or the loss is not finite.

    Warns:
        SersnakeWarning: The share of hard examples misses ``hard_share`` by more than 10 points.
    """
    fold = _as_fold(features, labels, seed, recipe)
    history: list[dict[str, Any]] = []

    def report(phase: str, row: dict[str, float]) -> None:
        history.append({"phase": phase, **row})

    phase = fold.train(first, 0, lambda row: report("cross_entropy", row))
    hard, threshold = mine_fold(fold.counts(phase), beta=beta, hard_share=hard_share)
    if beta is None and (reason := why_missed(hard, hard_share)):
        _warn(hard["hard"].mean(), hard_share, reason)
    fold.retrain(
        hard.assign(fold=FOLD), again, phase.epochs, lambda row: report("hard_examples", row)
    )
    weights = {
        name.removeprefix(NETWORK): array.copy()
        for name, array in fold.state().items()
        if name.startswith(NETWORK)
    }
    scale = ZScore.fit(features.astype(np.float32))
    mined = Mined(
        hard["hard_index"].to_numpy(float), hard["hard"].to_numpy(bool), threshold, history
    )
    return FittedNetwork(weights, scale, int(labels.max()) + 1), mined


def _warn(reached: float, hard_share: float, reason: str) -> None:
    message = f"{reached:.1%} of the examples are hard, hard_share is {hard_share:.1%}"
    warnings.warn(f"{message}: {reason}", SersnakeWarning, stacklevel=5)


def _as_fold(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    seed: int,
    recipe: Recipe,
) -> FoldTraining:
    """The examples as a corpus with one fold that trains on all of them."""
    names = [str(number) for number in range(len(labels))]
    width = len(str(labels.max()))
    emotions = [str(label).zfill(width) for label in labels]  # sorted by name as by number
    rows = features.astype(np.float32)[:, None]
    return FoldTraining(
        "fcn",
        manifest=pd.DataFrame({"utterance": names, "emotion": emotions, "corpus": ""}),
        folds=pd.DataFrame({"fold": FOLD, "utterance": names, "part": "train"}),
        fold=FOLD,
        features={"is09": Features.stack(names, list(rows), None)},
        seed=seed,
        recipe=recipe,
    )
