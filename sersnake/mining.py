"""Hard-example mining: the hard index of Eq. 1-2 and the threshold beta."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError


def hard_index(misclassified: NDArray[np.int64], epochs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hard index h_i in [0, 1] of every training utterance (Eq. 1 and 2).

    ``R_i = -log2(1 - m_i / c_i)``, scaled by the smallest and largest R. An utterance that was
    wrong in every epoch has an infinite R: it stays out of both and gets h_i = 1 (the paper's
    footnote 1). Where all other R are equal, their h_i is 0: none is harder than another.

    Args:
        misclassified: ``(N,)``, m_i, epochs in which the utterance was misclassified.
        epochs: ``(N,)``, c_i, epochs trained on the utterance.

    Returns:
        ``float64 (N,)``.

    Raises:
        SersnakeError: A count is outside 0 <= m_i <= c_i or c_i is 0.
    """
    m, c = np.asarray(misclassified), np.asarray(epochs)
    if np.any(c < 1) or np.any(m < 0) or np.any(m > c):
        raise SersnakeError("misclassified must lie between 0 and epochs, and epochs be at least 1")
    always = m == c
    ratio = -np.log2(1 - np.where(always, 0, m / c))
    finite = ratio[~always]
    spread = np.ptp(finite) if len(finite) else 0.0
    scaled = (ratio - finite.min()) / spread if spread > 0 else np.zeros(len(m))
    return np.where(always, 1.0, scaled)


def choose_beta(index: NDArray[np.float64], hard_share: float) -> float:
    """Threshold beta for which the share of ``h_i >= beta`` comes closest to ``hard_share``.

    The paper does not publish beta; Fig. 5 gives a hard share of 50.6 %. Equal indices cannot be
    parted, so beta lies half-way between two neighbouring values of the index (above 0: an
    utterance with h_i = 0 is never hard). Of two equally close shares the larger wins.

    Args:
        index: ``(N,)``, hard index.
        hard_share: Wanted share of hard examples, in (0, 1].

    Returns:
        beta in (0, 1]; 1 where every index is 0.
    """
    values = np.unique(np.append(index, 0.0))
    candidates = (values[1:] + values[:-1]) / 2
    if not len(candidates):
        return 1.0
    shares = np.array([np.mean(index >= beta) for beta in candidates])
    return float(candidates[np.argmin(np.abs(shares - hard_share))])


def mine_fold(
    counts: pd.DataFrame, *, beta: float | None, hard_share: float
) -> tuple[pd.DataFrame, float]:
    """Hard index of a fold's training part and who is hard.

    Args:
        counts: Columns utterance, misclassified, epochs.
        beta: Threshold in [0, 1), or None to choose it by ``hard_share``.
        hard_share: Wanted share of hard examples, in (0, 1].

    Returns:
        The counts with the columns hard_index and hard (1 or 0), and beta. An utterance is hard
        if ``h_i >= beta``; where all were misclassified equally often, none is.

    Raises:
        SersnakeError: A count, ``beta`` or ``hard_share`` is out of its range.
    """
    if beta is not None and not 0 <= beta < 1:
        raise SersnakeError(f"beta must lie in [0, 1), not {beta}")
    if not 0 < hard_share <= 1:
        raise SersnakeError(f"hard_share must lie in (0, 1], not {hard_share}")
    index = hard_index(counts["misclassified"].to_numpy(), counts["epochs"].to_numpy())
    threshold = choose_beta(index, hard_share) if beta is None else beta
    hard = (index >= threshold) & (index.max() > 0)
    return counts.assign(hard_index=index, hard=hard.astype(int)), threshold
