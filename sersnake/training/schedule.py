"""How long and how fast a phase trains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sersnake.errors import SersnakeError


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a phase trains.

    Attributes:
        epochs: Passes over the training utterances, at the most.
        batch_size: Utterances in a batch, at the most.
        learning_rate: Adam's learning rate.
        decay_epochs: The last epochs of the phase, in which a cosine brings the learning rate
            towards zero. 0 keeps it constant.
        steady_window: The loss is steady when its mean over this many epochs has fallen by less
            than ``steady_tolerance`` against the same number of epochs before; the decay then
            begins. 0 trains all epochs.
        steady_tolerance: Relative fall of the loss below which it counts as steady.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    decay_epochs: int = 0
    steady_window: int = 0
    steady_tolerance: float = 0.0

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            SersnakeError: A field is out of its range.
        """
        if self.epochs < 0 or not 0 <= self.decay_epochs <= self.epochs:
            raise SersnakeError(
                f"decay_epochs must lie between 0 and epochs, not {self.decay_epochs} of "
                f"{self.epochs}"
            )
        if self.batch_size < 1 or self.learning_rate <= 0 or self.steady_window < 0:
            raise SersnakeError(
                "batch_size must be at least 1, learning_rate above 0, steady_window at least 0"
            )

    def rate(self, decayed: int) -> float:
        """Learning rate of an epoch, given how many epochs the decay has run (or is away)."""
        if decayed < 0 or not self.decay_epochs:
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * decayed / self.decay_epochs))

    def decay_start(self, losses: Sequence[float]) -> int:
        """Epochs before the decay begins, as far as the losses of the epochs so far tell."""
        latest = self.epochs - self.decay_epochs
        steady = (n for n in range(1, min(len(losses) + 1, latest)) if self.is_steady(losses[:n]))
        return next(steady, latest)

    def fall(self, losses: Sequence[float]) -> float | None:
        """How far the smoothed loss has fallen, relative to a window before.

        None where there are not two windows of epochs yet, or no such rule.
        """
        window = self.steady_window
        if not window or len(losses) < 2 * window:
            return None
        before, now = np.mean(losses[-2 * window : -window]), np.mean(losses[-window:])
        return float(1 - now / before) if before > 0 else 0.0

    def is_steady(self, losses: Sequence[float]) -> bool:
        """Whether the loss of the epochs so far has stopped falling."""
        fall = self.fall(losses)
        return fall is not None and fall < self.steady_tolerance
