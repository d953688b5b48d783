"""Permutation test of the difference between two groups of speakers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from sersnake.evaluation.intervals import RESAMPLES
from sersnake.evaluation.tallies import Sums, measures

ROUNDING = 1e-12  # differences that agree to this are equal


def permutation_p(
    sums: Sums, first: NDArray[np.bool_], emotions: Sequence[str], seed: int
) -> dict[str, float]:
    """Two-sided p of the difference between two groups, of every measure.

    Speakers are exchanged whole, with all their predictions, as if the groups had been drawn (Good,
    Permutation, Parametric and Bootstrap Tests of Hypotheses, 2005, chapter 3). Up to 10,000
    divisions are enumerated; if there are more, 10,000 are drawn.

    Args:
        sums: ``(S, K)``, a tally per speaker.
        first: ``(S,)``, whether a speaker is in the first group.
        emotions: The C classes.
        seed: Of the draws.

    Returns:
        By the measure's name; NaN where the measure is undefined in any division.
    """
    divisions = _divisions(first, seed)
    one, other = (measures(part @ sums, emotions) for part in (divisions, ~divisions))
    apart = {name: np.abs(one[name] - other[name]) for name in one}
    return {
        name: float("nan") if np.isnan(each).any() else float((each >= each[0] - ROUNDING).mean())
        for name, each in apart.items()
    }


def _divisions(first: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """Members of the first group in each division (rows), the true one first."""
    size, number = int(first.sum()), len(first)
    if comb(number, size) > RESAMPLES:
        drawn = np.tile(first, (RESAMPLES, 1))
        return np.vstack([first, np.random.default_rng(seed).permuted(drawn, axis=1)])
    every = np.array(list(combinations(range(number), size)))
    divisions = np.zeros((len(every), number), bool)
    np.put_along_axis(divisions, every, True, axis=1)
    is_true = (divisions == first).all(axis=1)
    return np.vstack([divisions[is_true], divisions[~is_true]])
