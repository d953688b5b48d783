"""The attention weights over an utterance, in a fold that tests it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.networks import ACLN
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.training import evaluation
from sersnake.training.fold_training import FoldTraining


@dataclass(frozen=True)
class Seat:
    """The fold whose network attends to an utterance.

    Attributes:
        fold: Its name.
        held_out: Whether the fold tests the utterance; otherwise it trains on it or does not use
            it.
    """

    fold: str
    held_out: bool


def choose_seats(folds: pd.DataFrame) -> dict[str, Seat]:
    """The first fold that tests an utterance, or the first of all if none does.

    Args:
        folds: Columns fold, utterance, part.
    """
    tested = folds[folds["part"] == "test"]
    return _seats(folds, held_out=False) | _seats(tested, held_out=True)


def _seats(rows: pd.DataFrame, *, held_out: bool) -> dict[str, Seat]:
    first = rows.drop_duplicates("utterance")
    pairs = zip(first["utterance"].tolist(), first["fold"].tolist(), strict=True)
    return {utterance: Seat(fold, held_out) for utterance, fold in pairs}


def attend(
    training: FoldTraining,
    weights: Mapping[str, NDArray[np.float32]],
    seats: Mapping[str, Seat],
) -> dict[str, NDArray[np.float32]]:
    """Attention weights of every utterance that is assigned to a fold.

    Args:
        training: Training of the network on this fold.
        weights: Trained weights.
        seats: As :func:`choose_seats` returns them.

    Returns:
        ``float32 (steps,)`` by the utterance's name; a step is 16 frames.

    Raises:
        SersnakeError: The network has no attention, or the weights are of another.
    """
    network = training.trainer.network
    if not isinstance(network, ACLN):
        raise SersnakeError(
            f"--stream: {training.network} has no attention; give a stream that has"
        )
    training.restore(weights)
    names = training.utterances
    positions = [i for i, name in enumerate(names) if seats[name].fold == training.fold]
    chosen = np.array(positions, np.int64)
    _, steps = evaluation.embed_and_weigh(network, training.dataset, chosen)
    return {names[position]: each for position, each in zip(positions, steps, strict=True)}


def pack_attention(
    utterances: Sequence[str], rows: Mapping[str, NDArray[np.float32]], seats: Mapping[str, Seat]
) -> Features:
    """The steps of all utterances, one value per row; the seats and a step's length are options."""
    options = {
        "folds": [seats[name].fold for name in utterances],
        "held_out": [seats[name].held_out for name in utterances],
        "step_frames": TIME_REDUCTION,
    }
    return Features.stack(utterances, [rows[name][:, None] for name in utterances], options)
