"""The multilayer perceptron: one hidden layer of ReLUs under cross entropy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sersnake.fusion.origin import Origin
from sersnake.settings.classifiers import Mlp


@dataclass(frozen=True)
class MultilayerPerceptron:
    """Two layers, in the features' precision.

    Attributes:
        hidden: ``float32 (D, H)``.
        hidden_bias: ``float32 (H,)``.
        output: ``float32 (H, C)``; with two classes ``(H, 1)``, for the second.
        output_bias: ``float32 (C,)`` or ``(1,)``.
    """

    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output: NDArray[np.float32]
    output_bias: NDArray[np.float32]

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Mlp,
        seed: int,
        origin: Origin | None = None,
    ) -> MultilayerPerceptron:
        """Trains scikit-learn's perceptron until the training loss stops falling.

        Args:
            features: ``(N, D)``, scaled.
            labels: ``(N,)``.
            settings: Width, and maximum number of epochs of Adam.
            seed: Of the weights and batches.
            origin: Not used.
        """
        from sklearn.neural_network import MLPClassifier

        perceptron = MLPClassifier(
            (settings.hidden_units,), max_iter=settings.max_epochs, random_state=seed % 2**32
        )
        perceptron.fit(features, labels)
        (hidden, output), (hidden_bias, output_bias) = perceptron.coefs_, perceptron.intercepts_
        return cls(hidden, hidden_bias, output, output_bias)

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities ``(N, C)``."""
        active = np.maximum(features @ self.hidden + self.hidden_bias, 0)
        values = active @ self.output + self.output_bias
        if values.shape[1] == 1:
            second = expit(values)
            return np.concatenate([1 - second, second], axis=1)
        powers: NDArray[np.float32] = np.exp(values - values.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
