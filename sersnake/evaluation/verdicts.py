"""Whether our interval includes a published value."""

from __future__ import annotations

import numpy as np

NO_SPREAD = "the published value has no spread"


def verdict(published: float, low: float, high: float) -> str:
    """How our interval compares with a published value, which has no spread of its own.

    Args:
        published: The published value.
        low: Lower bound of our interval, in the same unit.
        high: Its upper bound.

    Returns:
        "agrees" if our interval includes the published value, "above" if all of it is above that
        value, "below" if all of it is below, "undecided" without an interval.
    """
    if np.isnan([published, low, high]).any():
        return "undecided"
    if low > published:
        return "above"
    return "below" if high < published else "agrees"
