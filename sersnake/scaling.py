"""z-scores, fitted on the training part of a fold alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ZScore:
    """Mean and standard deviation a column, both ``float32 (dimension,)``."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: NDArray[np.float32]) -> ZScore:
        """Fits on ``(rows, dimension)``; a constant column keeps a scale of 1."""
        mean = rows.mean(axis=0, dtype=np.float64)
        scale = rows.std(axis=0, dtype=np.float64)
        # A constant column's standard deviation is rounding error, never exactly zero.
        constant = scale <= 1e-6 * np.maximum(np.abs(mean), 1e-6)
        return cls(mean.astype(np.float32), np.where(constant, 1, scale).astype(np.float32))

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scales ``(rows, dimension)``."""
        return (rows - self.mean) / self.scale
