"""Shrinkage of a speaker's statistics towards the training set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STRENGTHS = (5.0, 20.0, np.inf)  # in recordings; infinity uses the training set alone
DEVIATIONS = 4  # times the strength of means, as deviations need more recordings


def shares(count: int, strength: float) -> tuple[float, float]:
    """Weights of n recordings in a speaker's mean and deviation, from 0 to 1.

    The rest comes from the training set, as if ``strength`` further recordings had its mean, and
    four times as many its deviation.
    """
    return count / (count + strength), count / (count + DEVIATIONS * strength)


def sounding_alike(names: NDArray[Any], heard: NDArray[np.int64]) -> list[Any]:
    """The speakers with several recordings, all classified as one emotion; these count as one.

    Args:
        names: ``(M,)``, the speaker of each recording.
        heard: ``(M,)``, the emotion that each is classified as.
    """
    pairs = ((name, heard[names == name]) for name in np.unique(names))
    return [name for name, emotions in pairs if len(emotions) > len(np.unique(emotions)) == 1]
