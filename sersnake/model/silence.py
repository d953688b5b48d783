"""Silent signals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sersnake.io.audio import SAMPLE_RATE, SILENT_PEAK

SILENT = "silent"  # in place of an emotion

EDGE = SAMPLE_RATE // 50  # samples at either end that resampling bends where a constant begins
OVERSHOOT = 1.2  # times the constant, how far it bends them


def is_silent(signal: NDArray[np.float32]) -> bool:
    """Whether no sample of ``float32 (samples,)`` at 16 kHz reaches the audio report's threshold.

    A constant offset is no sound, so only what differs from it counts.
    """
    offset = float(signal.mean(dtype=np.float64))
    if min(_reach(signal, 0.0), _reach(signal, offset)) < SILENT_PEAK:
        return True
    inner = signal[EDGE:-EDGE]
    bent = _reach(signal, offset) <= OVERSHOOT * abs(offset)
    return (
        bent and len(inner) > 0 and _reach(inner, float(inner.mean(dtype=np.float64))) < SILENT_PEAK
    )


def _reach(signal: NDArray[np.float32], middle: float) -> float:
    """The largest distance from a value."""
    return max(float(signal.max()) - middle, middle - float(signal.min()))
