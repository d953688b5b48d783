"""How long and how fast a phase trains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings


class Schedule(Settings, frozen=True):
    """How long and how fast a phase trains."""

    epochs: Annotated[
        int, Meta(ge=0, description="Maximum number of passes over the training set.")
    ] = 40
    batch_size: Annotated[
        int, Meta(ge=1, description="Maximum number of utterances per batch.")
    ] = 32
    learning_rate: Annotated[float, Meta(gt=0, description="Learning rate of Adam.")] = 1e-3
    decay_epochs: Annotated[
        int,
        Meta(
            ge=0,
            description="Number of epochs at the end of the phase in which the learning rate "
            "falls to zero along a cosine; 0 keeps it constant.",
        ),
    ] = 0
    steady_window: Annotated[
        int,
        Meta(
            ge=0,
            description="Window in epochs: the loss is steady once its mean over this window "
            "falls by less than `steady_tolerance` relative to the window before; the decay then "
            "begins. 0 trains all epochs.",
        ),
    ] = 0
    steady_tolerance: Annotated[
        float, Meta(description="Relative fall of the loss below which it counts as steady.")
    ] = 0.0

    def check(self) -> None:
        """Checks that the decay is part of the phase."""
        if self.decay_epochs > self.epochs:
            raise SersnakeError(
                f"decay_epochs is {self.decay_epochs}, more than the {self.epochs} epochs of the "
                "phase; lower it"
            )

    def rate(self, decayed: int) -> float:
        """Learning rate of an epoch, given how many epochs the decay has run (or is away)."""
        if decayed < 0 or not self.decay_epochs:
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * decayed / self.decay_epochs))

    def decay_start(self, losses: Sequence[float]) -> int:
        """Epochs before the decay begins, given the losses of the epochs so far."""
        latest = self.epochs - self.decay_epochs
        steady = (n for n in range(1, min(len(losses) + 1, latest)) if self.is_steady(losses[:n]))
        return next(steady, latest)

    def fall(self, losses: Sequence[float]) -> float | None:
        """How far the smoothed loss has fallen, relative to a window before.

        None where there are not two windows of epochs yet, or no such rule.
        """
        import numpy as np

        window = self.steady_window
        if not window or len(losses) < 2 * window:
            return None
        before, now = np.mean(losses[-2 * window : -window]), np.mean(losses[-window:])
        return float(1 - now / before) if before > 0 else 0.0

    def is_steady(self, losses: Sequence[float]) -> bool:
        """Whether the loss of the epochs so far has stopped falling."""
        fall = self.fall(losses)
        return fall is not None and fall < self.steady_tolerance
