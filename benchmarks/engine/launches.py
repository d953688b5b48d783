"""How many operations an epoch issues where PyTorch does everything, as on a GPU: an estimate.

These networks are small, so a GPU is kept waiting by the processor that issues its operations, not
by arithmetic. An epoch then takes about as long as issuing takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from torch.utils._python_dispatch import TorchDispatchMode

from engine.emodb import Emodb, quick_preset
from engine.report import Result, render
from sersnake.io import Features
from sersnake.networks import norm_pool
from sersnake.settings.schedule import Schedule

ISSUED_A_SECOND = 100_000  # an assumption: PyTorch takes about 10 us for each operation
WITHOUT_WORK = ("empty", "detach", "set_", "resize", "is_same_size", "_local_scalar", "lift")


class Counter(TorchDispatchMode):
    """Counts what computes something: neither views nor memory that is only laid out."""

    def __init__(self) -> None:
        """Begins at 0."""
        super().__init__()
        self.count = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Counts an operation and runs it."""
        name = func.overloadpacket.__name__
        self.count += not (func.is_view or name.startswith(WITHOUT_WORK))
        return func(*args, **(kwargs or {}))


def measure() -> Result:
    """Counts an epoch of each network on the first fold."""
    corpus = Emodb.read()
    functionals = corpus.functionals()
    rows = [
        row("acln", corpus, corpus.mfcc(13), "13 coefficients"),
        row("acln", corpus, corpus.mfcc(40), "40 coefficients"),
        row("fcn", corpus, functionals, "IS09"),
    ]
    table = pd.DataFrame(rows)
    lines = [
        "Operations of PyTorch that an epoch issues as on a GPU, without sersnake's kernel,",
        "views not counted. EMODB, fold 0, batches of 32, on a CPU.",
        "gpu_epoch_s: an ESTIMATE, that many at "
        f"{ISSUED_A_SECOND:,} a second (assumed). No GPU was measured.",
        "",
        *render(table, {"an_epoch": "%.0f", "a_step": "%.0f", "gpu_epoch_s": "%.2f"}),
    ]
    return Result("launches", lines, {"training_launches": table})


def row(network: str, corpus: Emodb, features: Features, what: str) -> dict[str, object]:
    """Operations of the second of two epochs; the first one draws and lays out too."""
    fold = corpus.fold_names[0]
    training = corpus.training(network, [fold], features)
    batch = quick_preset()["phase_1"]["batch_size"]
    steps = int(np.ceil(len(training.train_parts[0]) / batch))
    with patch.object(norm_pool, "_KERNEL_TYPES", ()):  # what a GPU has not
        counts = counted_epochs(
            lambda report: training.train(Schedule(3, batch, 1e-3, 3), [0], report)
        )
    epoch = counts[1] - counts[0]
    return {
        "network": network,
        "features": what,
        "an_epoch": epoch,
        "a_step": epoch / steps,
        "gpu_epoch_s": epoch / ISSUED_A_SECOND,
    }


def counted_epochs(train: Callable[[Callable[..., None]], object]) -> list[int]:
    """How many operations had been issued at the end of each epoch."""
    counts: list[int] = []
    with Counter() as counter:
        train(lambda *_: counts.append(counter.count))
    return counts
