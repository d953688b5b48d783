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
