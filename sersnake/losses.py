"""What an utterance weighs in the training loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def class_shares(labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Share of each class, ``float64 (classes,)`` (the alpha of Eq. 3)."""
    return np.bincount(labels, minlength=classes) / len(labels)


def hard_example_weights(
    hard_index: NDArray[np.float64], labels: NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights that turn cross entropy into the hard-example (HE) loss.

    Eq. 3 reads ``-h_i (1 - alpha_i) log p_i`` with p_i the predicted probability of the true
    class: cross entropy times ``h_i (1 - alpha_i)``. (The paper calls p_i the classification
    error probability, which would reward errors.)

    Args:
        hard_index: ``(N,)``, h_i of Eq. 1.
        labels: ``(N,)``, positions of the true classes.
        shares: ``(classes,)``, share of each class in the fold's training part.
    """
    return hard_index * (1 - shares[labels])
