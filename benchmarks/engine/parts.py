"""Time of one epoch with each of the engine's own parts switched off."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from torch import nn

from engine.emodb import Emodb, as_the_verb, quick_schedule
from engine.report import Result, alternate, render
from sersnake.cli.training import _keep_memory
from sersnake.io import Features
from sersnake.io.progress import Progress
from sersnake.networks import norm_pool, packing
from sersnake.networks.acln import FirstConvolution
from sersnake.networks.packing import Index
from sersnake.networks.winograd import WinogradConvolution
from sersnake.settings.schedule import Schedule
from sersnake.training.fold_training import FoldTraining

WHOLE, MEMORY = "as it is", "memory that a step frees is kept (as in the verb)"
Switch = Callable[[], Any]


class TorchAdam:
    """PyTorch's optimiser in place of the engine's."""

    def __init__(self, network: nn.Module) -> None:
        """Takes the network."""
        self.optimizer = torch.optim.Adam(network.parameters())
        self.state: dict[str, Any] = {}

    def step(self, learning_rate: float) -> None:
        """One step."""
        self.optimizer.param_groups[0]["lr"] = learning_rate
        self.optimizer.step()


def padded_layout(lengths: Index) -> tuple[Index, Index, tuple[int, int]]:
    """A strip for each utterance, as long as the longest."""
    count = len(lengths)
    return np.arange(count), np.zeros(count, np.int64), (count, int(packing._slots(lengths).max()))


OF_ACLN: dict[str, Switch] = {
    WHOLE: nullcontext,
    "first convolution by nn.Conv2d": partial(
        patch.object, FirstConvolution, "forward", nn.Conv2d.forward
    ),
    "other convolutions by nn.Conv2d (counts in float32)": partial(
        patch.object, WinogradConvolution, "forward", nn.Conv2d.forward
    ),
    "batch norm and pooling by PyTorch": partial(patch.object, norm_pool, "_KERNEL_TYPES", ()),
    "padded to the longest of a batch": partial(patch.object, packing, "_layout", padded_layout),
}


def measure(rounds: int) -> Result:
    """Times an epoch of the first fold."""
    corpus = Emodb.read()
    tables = []
    for coefficients in (13, 40):
        rows = time_acln(corpus, corpus.mfcc(coefficients), rounds)
        tables.append(as_table(f"ACLN, {coefficients} coefficients", rows))
    rows = time_network(corpus, "fcn", corpus.functionals(), {WHOLE: nullcontext}, rounds)
    table = pd.concat([*tables, as_table("FCN", rows)])
    lines = [
        "One epoch of the first fold of EMODB (428 utterances, batches of 32) with each part of "
        "the",
        f"engine switched off; median of {rounds} after a warm-up, in turns. times: as long as "
        "with all.",
        "",
        *render(table, {"seconds": "%.3f", "times": "%.2f"}),
    ]
    return Result("parts", lines, {"training_parts": table})


def time_acln(corpus: Emodb, features: Features, rounds: int) -> dict[str, float]:
    """Seconds of ACLN's epoch by what is switched off."""
    seconds = time_network(corpus, "acln", features, OF_ACLN, rounds)
    _keep_memory()  # for the rest of the process
    kept = time_network(corpus, "acln", features, {WHOLE: nullcontext}, rounds)
    return {**seconds, MEMORY: kept[WHOLE]}


def time_network(
    corpus: Emodb, network: str, features: Features, switches: dict[str, Switch], rounds: int
) -> dict[str, float]:
    """Seconds of an epoch by what is switched off."""
    fold = corpus.fold_names[0]
    train = partial(corpus.training, network, fold, features)
    runs = {name: partial(epoch, train(), off) for name, off in switches.items()}
    optimizer = train()
    optimizer.trainer.optimizer = TorchAdam(optimizer.trainer.network)  # type: ignore[assignment]
    runs["torch.optim.Adam"] = partial(epoch, optimizer, nullcontext)
    for precision in ("float32", "bfloat16"):
        runs[precision] = partial(epoch, train(precision), nullcontext)
    return alternate(runs, rounds, Progress(network, (1 + rounds) * len(runs), sys.stderr))


def epoch(training: FoldTraining, off: Switch) -> None:
    """One epoch as the verb trains it, with a part switched off."""
    schedule = Schedule(1, quick_schedule(training.network).batch_size, 1e-3)
    with as_the_verb(), off():
        training.train(schedule, 0, lambda row: None)


def as_table(what: str, seconds: dict[str, float]) -> pd.DataFrame:
    """One row per switched-off part."""
    rows = [
        {"network": what, "way": way, "seconds": each, "times": each / seconds[WHOLE]}
        for way, each in seconds.items()
    ]
    return pd.DataFrame(rows)
