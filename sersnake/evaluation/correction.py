"""Holm's correction: many tests find something by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """The p values that hold for a whole family of tests, whatever their dependence.

    Holm (A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of
    Statistics 6, 1979).

    Args:
        p_values: One a test; NaN is a test that was not made.

    Returns:
        The adjusted p values in the same order, NaN where they were.
    """
    raw = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(raw.shape, np.nan)
    made = np.flatnonzero(~np.isnan(raw))
    order = made[np.argsort(raw[made], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * raw[order]), 1)
    return adjusted
