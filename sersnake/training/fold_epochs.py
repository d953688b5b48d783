"""A fold on its way through a phase of training: its epochs, batches and random numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sersnake.io.seeds import derived_seed
from sersnake.settings.schedule import Schedule
from sersnake.training.batches import draw_batches

NONE = np.empty(0, np.int64)


@dataclass
class Phase:
    """What a phase leaves behind beside the trained weights.

    Attributes:
        history: One row per epoch: epoch (from 1, counted over all phases), loss, accuracy,
            learning_rate and, under the rule of a steady loss, fall, which it looks at. Loss and
            accuracy are means over the phase's utterances as they were trained on.
        misclassified: ``int64 (N,)``, the m_i of Eq. 2 of the utterances trained on.
        epochs: Epochs trained.
        counted: The c_i of Eq. 2: how many of these are counted.
        curve: One row per epoch where it is asked for: epoch, and wa and ua (fractions) of the
            network's own softmax on the fold's test set.
    """

    misclassified: NDArray[np.int64]
    history: list[dict[str, float]] = field(default_factory=list)
    epochs: int = 0
    counted: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)


class FoldEpochs:
    """One fold's epochs, each drawn from the fold's seed and the epoch's number alone.

    Attributes:
        phase: What the epochs so far have left; grows with every epoch.
        epoch: Number of the present epoch, counted over all phases.
        rate: Its learning rate.
        batches: Its batches.
        mask_rng: What its spans of hidden frames are drawn from; moves neither batches nor dropout.
    """

    def __init__(
        self,
        utterances: NDArray[np.int64],
        schedule: Schedule,
        seed: int,
        first_epoch: int,
        phase: Phase,
    ) -> None:
        """Takes the positions to train on and a phase, which may have begun."""
        self.utterances, self.schedule, self.seed = utterances, schedule, seed
        self.first_epoch, self.phase = first_epoch, phase
        self._decay_start = schedule.decay_start([row["loss"] for row in phase.history])

    @property
    def left(self) -> int:
        """Epochs that are not complete yet; at the most, until the decay has begun."""
        return self._decay_start + self.schedule.decay_epochs - self.phase.epochs

    def begin_epoch(self) -> bool:
        """Draws the next epoch; False where the phase is over."""
        if not len(self.utterances) or self.left <= 0:
            return False
        self.rate = self.schedule.rate(self.phase.epochs - self._decay_start)
        self.epoch = self.first_epoch + self.phase.epochs + 1
        self._rng = np.random.default_rng(derived_seed(self.seed, self.epoch))
        self.mask_rng = np.random.default_rng(derived_seed(self.seed, self.epoch, "frame_mask"))
        self.batches = draw_batches(self.utterances, self.schedule.batch_size, self._rng)
        return True

    def batch(self, step: int) -> NDArray[np.int64]:
        """Positions that a step trains on; none once the fold's batches are used up."""
        return self.batches[step] if step < len(self.batches) else NONE

    def dropout(self, count: int, width: int, rate: float) -> NDArray[np.float32]:
        """Factors ``(count, width)`` of inverted dropout for the next batch."""
        keep = self._rng.random((count, width), np.float32) >= rate
        return (keep / (1 - rate)).astype(np.float32)

    def count(self, wrong: NDArray[np.int64]) -> None:
        """Adds an epoch to the counts, ``(N,)``, 1 where an utterance was misclassified."""
        self.phase.misclassified += wrong
        self.phase.counted += 1

    def end_epoch(self, loss: float, wrong: NDArray[np.int64]) -> dict[str, float]:
        """Adds an epoch to the phase and returns its row of the history.

        Args:
            loss: Sum over the utterances.
            wrong: ``(N,)``, 1 where an utterance of the corpus was misclassified in training.
        """
        count, history = len(self.utterances), self.phase.history
        self.phase.epochs += 1
        losses = [*(row["loss"] for row in history), loss / count]
        row = {
            "epoch": self.epoch,
            "loss": loss / count,
            "accuracy": 1 - int(wrong.sum()) / count,
            "learning_rate": self.rate,
        }
        if (fall := self.schedule.fall(losses)) is not None:
            row["fall"] = fall
        history.append(row)
        if self.phase.epochs < self._decay_start and self.schedule.is_steady(losses):
            self._decay_start = self.phase.epochs
        return row
