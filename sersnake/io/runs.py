"""Ranges that follow each other, read as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def merge_runs(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Joins each range with the next one where that begins at its end; the order stays.

    Args:
        starts: ``int64 (n,)``, first position of each range.
        ends: ``int64 (n,)``, position after each range.
    """
    if not len(starts):
        return []
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    firsts, lasts = np.append(0, breaks + 1), np.append(breaks, len(starts) - 1)
    return list(zip(starts[firsts].tolist(), ends[lasts].tolist(), strict=True))
