"""Whether our interval holds a published value."""

from __future__ import annotations

import numpy as np

NO_SPREAD = "the published value is a point without spread"


def verdict(published: float, low: float, high: float) -> str:
    """How our interval compares with a published value, which has no spread of its own.

    Args:
        published: The published value.
        low: Lower bound of our interval, in the same unit.
        high: Its upper bound.

    Returns:
        "agrees" where our interval holds the published value, "above" where all of it lies above
        that value, "below" where all of it lies below, "undecided" without an interval.
    """
    if np.isnan([published, low, high]).any():
        return "undecided"
    if low > published:
        return "above"
    return "below" if high < published else "agrees"
