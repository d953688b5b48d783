"""Accuracy of predictions (as class numbers), measured after each epoch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def accuracies(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> dict[str, float]:
    """WA and UA of one fold's test set.

    Args:
        labels: ``int64 (n,)``, the true classes, at least one.
        predicted: ``int64 (n,)``.

    Returns:
        ``wa``, the accuracy, and ``ua``, the mean recall of the classes in the test set; fractions.
    """
    right = predicted == labels
    totals, correct = np.bincount(labels), np.bincount(labels, weights=right)
    recalls = correct[totals > 0] / totals[totals > 0]
    return {"wa": float(right.mean()), "ua": float(recalls.mean())}
