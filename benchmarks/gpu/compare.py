"""A GPU against the CPU: the same numbers, the same bytes twice, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gpu.packs import Packs
from sersnake.settings.schedule import Schedule
from sersnake.training.fold_training import FoldTraining

BATCH, RATE = 32, 1e-3
# The devices sum in different orders. Adam divides by the magnitude of a gradient, so the rounding
# error of one near zero becomes a whole step: losses diverge sooner than the first embeddings.
EMBEDDING_LIMIT, LOSS_LIMIT = 1e-4, 1e-2
Row = dict[str, Any]


def compare(packs: Packs, network: str, card: str, epochs: int) -> Row:
    """A row on a network: how far both devices differ, and the seconds of an epoch on each.

    Args:
        packs: Its features.
        network: Its name.
        card: PyTorch's name of the GPU.
        epochs: Epochs to time, after one to warm up.
    """
    fold = packs.fold_names[0]
    plain = [packs.training(network, fold, device, "float32", 0) for device in ("cpu", card)]
    embeddings = [training.embed() for training in plain]
    losses = [first_loss(training) for training in plain]
    del plain
    row: Row = {
        "network": network,
        "embedding_difference": apart(*embeddings),
        "loss_difference": abs(losses[1] / losses[0] - 1),
    }
    row["cpu_seconds"] = epoch_seconds(packs.training(network, fold, "cpu"), epochs)
    peak = watch_memory(card)
    once, again = (packs.training(network, fold, card) for _ in range(2))
    row["precision"] = str(once.trainer.precision).removeprefix("torch.")
    row["card_seconds"] = epoch_seconds(once, epochs)
    row["card_mib"] = peak()
    train(again, 1 + epochs)
    row["same_bytes"] = same(once.state(), again.state())
    return row


def agrees(row: Row) -> bool:
    """Whether a network is the same on both devices, and twice on the GPU."""
    near = row["embedding_difference"] <= EMBEDDING_LIMIT and row["loss_difference"] <= LOSS_LIMIT
    return bool(near and row["same_bytes"])


def apart(left: NDArray[Any], right: NDArray[Any]) -> float:
    """The largest difference, in standard deviations of the first."""
    return float(np.abs(left - right).max() / left.std())


def same(left: Mapping[str, NDArray[Any]], right: Mapping[str, NDArray[Any]]) -> bool:
    """Whether all arrays are equal to the byte."""
    return all(left[name].tobytes() == right[name].tobytes() for name in left)


def first_loss(training: FoldTraining) -> float:
    """Loss of the first epoch."""
    return train(training, 1)[0]["loss"]


def epoch_seconds(training: FoldTraining, epochs: int) -> float:
    """Median seconds of some epochs, after one to warm up."""
    return float(np.median([row["seconds"] for row in train(training, 1 + epochs)[1:]]))


def train(training: FoldTraining, epochs: int) -> list[dict[str, float]]:
    """Trains, and returns the history with the seconds of each epoch."""
    begin, rows = time.perf_counter(), []

    def report(row: dict[str, float]) -> None:
        nonlocal begin
        end = time.perf_counter()
        rows.append({**row, "seconds": end - begin})
        begin = end

    training.train(Schedule(epochs, BATCH, RATE), 0, report)
    return rows


def watch_memory(card: str) -> Callable[[], float | None]:
    """A function that returns the peak MiB of tensors since this call; None for a CPU."""
    if not card.startswith("cuda"):
        return lambda: None
    torch.cuda.reset_peak_memory_stats(card)
    return lambda: torch.cuda.max_memory_allocated(card) / 2**20
