"""A fold on its way through a phase of training: its epochs, batches and dropout."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sersnake.batches import draw_batches
from sersnake.schedule import Schedule

NONE = np.empty(0, np.int64)


@dataclass
class Phase:
    """What a phase leaves behind beside the trained weights.

    Attributes:
        history: One row an epoch: epoch (from 1, counted over all phases), loss, accuracy,
            learning_rate and, under the rule of a steady loss, fall, which it looks at. Loss and
            accuracy are means over the phase's utterances as they were trained on.
        misclassified: ``int64 (N,)``, the m_i of Eq. 2, from the predictions made in training.
        epochs: The c_i of Eq. 2 for the utterances trained on.
    """

    misclassified: NDArray[np.int64]
    history: list[dict[str, float]] = field(default_factory=list)
    epochs: int = 0


def derived_seed(*parts: object) -> int:
    """A seed that depends on all parts and on nothing else."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


class Course:
    """One fold's epochs, each drawn from the fold's seed and the epoch's number alone.

    Attributes:
        phase: What the epochs so far have left; grows with every epoch.
        epoch: Number of the present epoch, counted over all phases.
        rate: Its learning rate.
        batches: Its batches.
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
        self._rates = self._course() if len(utterances) else iter(())

    def _course(self) -> Iterator[float]:
        """Learning rate of epoch after epoch; looks at the losses that the phase collects."""
        schedule, phase = self.schedule, self.phase
        losses = [row["loss"] for row in phase.history]
        decay_start = schedule.decay_start(losses)
        while phase.epochs < decay_start + schedule.decay_epochs:
            yield schedule.rate(phase.epochs - decay_start)
            losses.append(phase.history[-1]["loss"])
            if phase.epochs < decay_start and schedule.is_steady(losses):
                decay_start = phase.epochs

    def begin_epoch(self) -> bool:
        """Draws the next epoch; False where the phase is over."""
        rate = next(self._rates, None)
        if rate is None:
            return False
        self.rate, self.epoch = rate, self.first_epoch + self.phase.epochs + 1
        self._rng = np.random.default_rng(derived_seed(self.seed, self.epoch))
        self.batches = draw_batches(self.utterances, self.schedule.batch_size, self._rng)
        return True

    def batch(self, step: int) -> NDArray[np.int64]:
        """Positions that a step trains on; none once the fold's batches are used up."""
        return self.batches[step] if step < len(self.batches) else NONE

    def dropout(self, count: int, width: int, rate: float) -> NDArray[np.float32]:
        """Factors ``(count, width)`` of inverted dropout for the next batch."""
        keep = self._rng.random((count, width), np.float32) >= rate
        return (keep / (1 - rate)).astype(np.float32)

    def end_epoch(self, loss: float, wrong: NDArray[np.int64]) -> dict[str, float]:
        """Adds an epoch to the phase and returns its row of the history.

        Args:
            loss: Sum over the utterances.
            wrong: ``(N,)``, 1 where an utterance of the corpus was misclassified.
        """
        count, history = len(self.utterances), self.phase.history
        self.phase.misclassified += wrong
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
        return row
