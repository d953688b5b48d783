"""Runs a verb of sersnake and writes how long each epoch and the embedding took.

python benchmarks/engine/timed_verb.py SECONDS.json train acln …
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sersnake.training.fold_training
from sersnake.cli import main
from sersnake.io import write_json
from sersnake.training.fold_training import FoldTraining
from sersnake.training.phase import Phase

SECONDS: dict[str, Any] = {"epochs": [], "embedding": 0.0}


class TimedTraining(FoldTraining):
    """The training of the verb, with a clock."""

    def train(
        self, schedule: Any, first_epoch: Any, report: Any, *rest: Any, **options: Any
    ) -> Phase:
        """Records the seconds of every epoch."""
        last = time.perf_counter()

        def timed(row: dict[str, float]) -> None:
            nonlocal last
            SECONDS["epochs"].append(time.perf_counter() - last)
            report(row)
            last = time.perf_counter()

        return super().train(schedule, first_epoch, timed, *rest, **options)

    def embed(self) -> NDArray[np.float32]:
        """Records its seconds."""
        begin = time.perf_counter()
        actual = super().embed()
        SECONDS["embedding"] = time.perf_counter() - begin
        return actual


if __name__ == "__main__":
    sersnake.training.fold_training.FoldTraining = TimedTraining  # type: ignore[misc]
    status = main(sys.argv[2:])
    write_json(Path(sys.argv[1]), SECONDS)
    sys.exit(status)
