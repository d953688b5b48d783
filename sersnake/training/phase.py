"""The results of a phase of training, apart from the weights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sersnake.settings.schedule import Schedule


@dataclass
class Phase:
    """The progress of a phase on one fold.

    Attributes:
        misclassified: ``int64 (N,)``, the m_i of Eq. 2 of the utterances trained on.
        history: One row per epoch: epoch (from 1, counted over all phases), loss, accuracy,
            learning_rate and, where training stops on a steady loss, fall, the fall of the loss
            that decides it. Loss and accuracy are means over the phase's utterances, measured
            while they are trained on.
        counted: The c_i of Eq. 2: number of counted epochs.
        curve: One row per epoch if requested: epoch, and wa and ua (fractions) of the network's own
            softmax on the fold's test set.
    """

    misclassified: NDArray[np.int64]
    history: list[dict[str, float]] = field(default_factory=list)
    counted: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Epochs trained."""
        return len(self.history)

    @property
    def losses(self) -> list[float]:
        """Their losses."""
        return [row["loss"] for row in self.history]

    def left(self, schedule: Schedule) -> int:
        """Number of remaining epochs; a maximum until the decay has begun."""
        return schedule.decay_start(self.losses) + schedule.decay_epochs - self.epochs

    def rate(self, schedule: Schedule) -> float:
        """Learning rate of the next epoch."""
        return schedule.rate(self.epochs - schedule.decay_start(self.losses))

    def count(self, wrong: NDArray[np.int64]) -> None:
        """Adds an epoch to the counts, ``(N,)``, 1 where an utterance was misclassified."""
        self.misclassified += wrong
        self.counted += 1

    def add(self, row: dict[str, float], schedule: Schedule) -> dict[str, float]:
        """Adds an epoch to the history and returns its row."""
        fall = schedule.fall([*self.losses, row["loss"]])
        self.history.append(row if fall is None else {**row, "fall": fall})
        return self.history[-1]
