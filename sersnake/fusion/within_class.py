"""Within-class covariance normalisation of a training set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.components import Components, Values, principal_components


@dataclass(frozen=True)
class WithinClass:
    """Principal components, rotated to the axes of the within-class covariance.

    Utterances of one emotion differ most along the axes of speakers and sentences. Dividing by the
    standard deviations gives all axes the same weight (Hatch, Kajarekar and Stolcke, Within-class
    covariance normalization for SVM-based speaker recognition, Interspeech 2006).

    Attributes:
        components: Of the training set less its mean.
        middle: Its mean, ``(D,)``.
        axes: ``(K, K)``, one axis per column, by rising variance.
        variances: ``(K,)``, within classes.
    """

    components: Components
    middle: Values
    axes: Values
    variances: Values

    @classmethod
    def fit(cls, features: NDArray[np.float32], labels: NDArray[np.int64]) -> WithinClass:
        """Fits on features ``(N, D)`` of classes from 0 to C - 1, each at least once."""
        middle = features.mean(axis=0, dtype=np.float64)
        components = principal_components(features - middle, 1.0)
        rows = components[0]
        means = np.stack([rows[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
        apart = rows - means[labels]
        variances, axes = np.linalg.eigh(apart.T @ apart / len(rows))
        return cls(components, middle, axes, variances)

    def _deviations(self, shrinkage: float) -> Values:
        """``(K,)``, times the root of K: an utterance's squared norm does not grow with K."""
        shrunk = (1 - shrinkage) * self.variances + shrinkage * self.variances.mean()
        return np.sqrt(np.maximum(shrunk, 0) * len(shrunk))

    def rows(self, shrinkage: float) -> Values:
        """The training set, ``(N, K)``.

        Args:
            shrinkage: Weight, 0 to 1, of the identity times the mean variance in the covariance.
        """
        return self.components[0] @ self.axes / self._deviations(shrinkage)

    def lift(self, coefficients: Values, shrinkage: float) -> Values:
        """Coefficients of centred features, ``(P, D)``, from those of such rows, ``(P, K)``."""
        return self.components[1](coefficients / self._deviations(shrinkage) @ self.axes.T)
