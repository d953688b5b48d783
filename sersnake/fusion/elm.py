"""The extreme learning machine: a random hidden layer, and an output layer in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class ExtremeLearningMachine:
    """Extreme learning machine (Huang, Zhu and Siew, Neurocomputing 70, 2006).

    The hidden layer's weights are drawn and stay as they are; the output layer is the ridge
    regression of one-against-rest targets (1 and -1) on its sigmoids.

    Attributes:
        classes_: ``(C,)``, the labels, sorted; after :meth:`fit`.
    """

    classes_: NDArray[np.str_]

    def __init__(self, hidden_units: int, ridge: float, seed: int) -> None:
        """Takes the width, the penalty on the output weights' squares, and the weights' seed."""
        self.hidden_units, self.ridge, self.seed = hidden_units, ridge, seed

    def fit(
        self, features: NDArray[np.float32], labels: NDArray[np.str_]
    ) -> ExtremeLearningMachine:
        """Draws the hidden layer and solves for the output layer.

        Args:
            features: ``(N, D)``, z-scored.
            labels: ``(N,)``.
        """
        rng = np.random.default_rng(self.seed)
        # A root of D less, so that the sigmoids saturate at no number of features.
        scale = features.shape[1] ** -0.5
        self._weights = scale * rng.uniform(-1, 1, (features.shape[1], self.hidden_units))
        self._bias = rng.uniform(-1, 1, self.hidden_units)
        self.classes_, positions = np.unique(labels, return_inverse=True)
        targets = 2.0 * np.eye(len(self.classes_))[positions] - 1
        hidden = self._hidden(features)
        gram = hidden.T @ hidden + self.ridge * np.eye(self.hidden_units)
        self._output = np.linalg.solve(gram, hidden.T @ targets)
        return self

    def _hidden(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        # The sigmoid as a hyperbolic tangent, which does not overflow.
        return 0.5 + 0.5 * np.tanh(0.5 * (features @ self._weights + self._bias))

    def decision_function(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """One-against-rest values ``(N, C)`` of features ``(N, D)``."""
        return self._hidden(features) @ self._output

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.str_]:
        """The label of the largest value, ``(N,)``."""
        return self.classes_[self.decision_function(features).argmax(axis=1)]
