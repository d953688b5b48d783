"""Shrinkage of a speaker's statistics towards the training set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STRENGTHS = (5.0, 20.0, np.inf)  # in recordings; infinity believes the training set alone
DEVIATIONS = 4  # a deviation takes so many times as many recordings as a mean to be believed


def shares(count: int, strength: float) -> tuple[float, float]:
    """Weights of n recordings in a speaker's mean and deviation, from 0 to 1.

    The rest comes from the training set, as if ``strength`` further recordings had its mean, and
    four times as many its deviation.
    """
    return count / (count + strength), count / (count + DEVIATIONS * strength)


def sounding_alike(names: NDArray[Any], heard: NDArray[np.int64]) -> list[Any]:
    """The speakers whose several recordings all sound like one emotion and count as one.

    Args:
        names: ``(M,)``, the speaker of each recording.
        heard: ``(M,)``, the emotion that each sounds like.
    """
    pairs = ((name, heard[names == name]) for name in np.unique(names))
    return [name for name, emotions in pairs if len(emotions) > len(np.unique(emotions)) == 1]
