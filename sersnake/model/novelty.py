"""The distance of an utterance from a model's training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

QUANTILE = 0.99  # of the distances of utterances of the corpus that a network had not seen


@dataclass(frozen=True)
class Novelty:
    """The centres of the classes, and the distance above which an utterance is unusual.

    The distance is that to the nearest middle, in the space that the classifier sees (z-scored ALF
    and ELF, or the features of a baseline): root mean square over the features, mean over the
    members of an ensemble.

    Attributes:
        middles: ``float32 (S, C, D)``, mean of each class' training utterances, per member.
        threshold: The 99th percentile of the distances of held-out utterances of the corpus. A
            network's own training utterances are nearer to it than any other, and would call
            everything else unusual.
    """

    middles: NDArray[np.float32]
    threshold: float

    def distances(self, scaled: NDArray[np.float32]) -> NDArray[np.float64]:
        """Distance of each utterance, ``(N,)``, from its scaled features ``(S, N, D)``."""
        return np.mean(
            [nearest(rows, middles) for rows, middles in zip(scaled, self.middles, strict=True)],
            axis=0,
        )


def nearest(rows: NDArray[np.float32], middles: NDArray[np.float32]) -> NDArray[np.float64]:
    """Root-mean-square distance of ``(N, D)`` to the nearest of ``(C, D)``, ``(N,)``."""
    exact = rows.astype(np.float64)
    distances = [np.sqrt(np.square(exact - middle).mean(1)) for middle in middles]
    return np.min(distances, axis=0)


def class_middles(
    scaled: NDArray[np.float32], labels: NDArray[np.str_], classes: Sequence[str]
) -> NDArray[np.float32]:
    """Mean of each class, ``float32 (C, D)``, of ``(N, D)``; each class has an utterance."""
    return np.stack([scaled[labels == name].mean(0) for name in classes]).astype(np.float32)
