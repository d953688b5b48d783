"""The attention of a network over an utterance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Attention(NamedTuple):
    """The attention of a network over an utterance.

    Attributes:
        weights: ``float32 (steps,)``, with sum 1.
        step: Length of a step in s; the last one may be shorter.
        length: Length of all steps in s.
    """

    weights: NDArray[np.float32]
    step: float
    length: float

    @property
    def moment(self) -> float:
        """The middle of the step with the largest weight, in s."""
        start = int(self.weights.argmax()) * self.step
        return (start + min(start + self.step, self.length)) / 2
