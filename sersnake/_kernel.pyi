from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

def supported() -> list[str]:
    """Names of the instruction sets that this processor runs, best first."""

class Plan:
    """Tables and switches of one kind of extraction; immutable, shared by threads."""

    def __init__(
        self,
        *,
        window: NDArray[np.float32],
        filters: NDArray[np.float32],
        dct: NDArray[np.float32],
        n_fft: int,
        hop: int,
        scale: float,
        preemphasis: float,
        per_frame: bool,
        remove_dc: bool,
        energy: str,
        log_floor: float,
        log_scale: float,
        range: float,
    ) -> None: ...
    def extract(
        self,
        path: str,
        signals: Sequence[NDArray[Any]],
        frames: Sequence[int],
        origin: int,
        threads: int,
    ) -> tuple[NDArray[np.float32], int, int]:
        """Rows of all signals, and the signal (-1: none) and index of the first bad sample."""

# Maps y are (N, F, T, C), float32 or bfloat16 seen as int16; a mask is uint8 (N, T); pooled arrays
# are (N, ceil(F / 2), T / 2, C); vectors are float32 (C). Everything is contiguous.
# ValueError: an array is not so.

def masked_moments(
    path: str, y: NDArray[Any], mask: NDArray[np.uint8], threads: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Mean and biased variance of each channel in the columns of the mask, and positions."""

def norm_pool(
    path: str,
    y: NDArray[Any],
    mask: NDArray[np.uint8],
    scale: NDArray[np.float32],
    shift: NDArray[np.float32],
    out: NDArray[Any],
    winner: NDArray[np.uint8],
    threads: int,
) -> None:
    """Fills the pooled out (like y) and winner.

    Out is the largest ``y * scale + shift`` of a window where that is positive, else 0; winner is
    its place, 2 * (parity of the row) + (parity of the column), else 4.
    """

def norm_pool_backward(
    path: str,
    gradient: NDArray[Any],
    winner: NDArray[np.uint8],
    y: NDArray[Any],
    mask: NDArray[np.uint8],
    mean: NDArray[np.float32],
    inverse_deviation: NDArray[np.float32],
    gamma: NDArray[np.float32],
    count: int,
    out: NDArray[Any],
    threads: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fills out with the gradient of y (like y); returns those of gamma and beta."""

def winograd(
    path: str,
    transform: str,
    maps: NDArray[np.float32],
    points: NDArray[np.float32],
    threads: int,
) -> None:
    """Fills the points ``(8, N * T / 4, F, C)`` of maps ``(N, F, T, C)``, or the maps of points.

    ``inputs`` and ``outputs_back`` fill points, ``outputs`` and ``inputs_back`` maps. T is a
    multiple of 4, C one of 16.
    """
