"""The extreme learning machine: a random hidden layer, and an output layer in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.origin import Origin
from sersnake.settings.classifiers import Elm


@dataclass(frozen=True)
class ExtremeLearningMachine:
    """Extreme learning machine (Huang, Zhu and Siew, Neurocomputing 70, 2006).

    The hidden layer's weights are drawn and stay as they are; the output layer is the ridge
    regression of one-against-rest targets (1 and -1) on its sigmoids.

    Attributes:
        hidden: ``float64 (D, H)``.
        bias: ``float64 (H,)``.
        output: ``float64 (H, C)``.
    """

    hidden: NDArray[np.float64]
    bias: NDArray[np.float64]
    output: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Elm,
        seed: int,
        origin: Origin | None = None,
    ) -> ExtremeLearningMachine:
        """Draws the hidden layer and solves for the output layer."""
        rng = np.random.default_rng(seed)
        width, units = features.shape[1], settings.hidden_units
        # Divided by the root of D, so that no number of features saturates the sigmoids.
        hidden = width**-0.5 * rng.uniform(-1, 1, (width, units))
        bias = rng.uniform(-1, 1, units)
        targets = 2.0 * np.eye(labels.max() + 1)[labels] - 1
        active = _sigmoids(features, hidden, bias)
        gram = active.T @ active + settings.ridge * np.eye(units)
        output: NDArray[Any] = np.linalg.solve(gram, active.T @ targets)
        return cls(hidden, bias, output)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """One-against-rest values ``(N, C)``."""
        return _sigmoids(features, self.hidden, self.bias) @ self.output


def _sigmoids(
    features: NDArray[np.float32], hidden: NDArray[np.float64], bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    # The sigmoid as a hyperbolic tangent, which does not overflow.
    return 0.5 + 0.5 * np.tanh(0.5 * (features @ hidden + bias))
