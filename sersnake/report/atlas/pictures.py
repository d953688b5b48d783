"""Compact pictures of an utterance: its waveform and its frames."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from sersnake.training.scaling import ZScore

COLUMNS = 400  # of a waveform
REACH = 2.5  # standard deviations on either side of the mean that the picture of the frames shows


def waveform(signal: NDArray[np.float32]) -> str:
    """Smallest and largest sample of each of 400 columns, as signed bytes in base64.

    Loud and quiet recordings fill the same height: the largest sample is 127.
    """
    columns = min(COLUMNS, len(signal))
    parts = np.array_split(signal, columns)
    peaks = np.array([[part.min(), part.max()] for part in parts])
    top = np.abs(peaks).max()
    scaled = np.round(peaks * (127 / top if top > 0 else 0)).astype(np.int8)
    return _base64(scaled)


def picture(frames: NDArray[np.float32], scale: ZScore) -> str:
    """Frames ``(T, F)``, z-scored by the corpus, as bytes in base64, frame after frame."""
    z = np.clip(scale(frames), -REACH, REACH)
    return _base64(np.round((z + REACH) * (255 / (2 * REACH))).astype(np.uint8))


def _base64(array: NDArray[np.generic]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
