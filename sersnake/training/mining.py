"""Hard-example mining: the hard index of Eq. 1-2 and the threshold beta."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError

NEAR = 0.1  # a share of hard examples this close to the target needs no explanation


def hard_index(
    misclassified: NDArray[np.int64], epochs: NDArray[np.int64], smoothing: float = 0.0
) -> NDArray[np.float64]:
    """Hard index h_i in [0, 1] of every training utterance (Eq. 1 and 2).

    ``R_i = -log2(1 - m_i / c_i)``, scaled from the smallest and largest R to 0 and 1. An utterance
    that was misclassified in every epoch has an infinite R: it is left out of both and gets h_i = 1
    (the paper's footnote 1). If all other R are equal, their h_i is 0.

    With a smoothing s the ratio is ``(m_i + s) / (c_i + 2 s)`` (Laplace's rule for s = 1). No R is
    infinite then, and utterances misclassified in every epoch count in the range.

    Args:
        misclassified: ``(N,)``, m_i, epochs in which the utterance was misclassified.
        epochs: ``(N,)``, c_i, epochs trained on the utterance.
        smoothing: s, at least 0.

    Returns:
        ``float64 (N,)``.

    Raises:
        SersnakeError: A count is outside 0 <= m_i <= c_i or c_i is 0; s is not finite or below 0.
    """
    m, c = np.asarray(misclassified), np.asarray(epochs)
    if np.any(c < 1) or np.any(m < 0) or np.any(m > c):
        raise SersnakeError("misclassified must be between 0 and epochs, and epochs at least 1")
    if not 0 <= smoothing < np.inf:
        raise SersnakeError(f"smoothing must be a number of at least 0, not {smoothing}")
    share = (m + smoothing) / (c + 2 * smoothing)
    always = share == 1  # also where s is too small to make a difference
    ratio = -np.log2(1 - np.where(always, 0, share))
    finite = ratio[~always]
    spread = np.ptp(finite) if len(finite) else 0.0
    scaled = (ratio - finite.min()) / spread if spread > 0 else np.zeros(len(m))
    return np.where(always, 1.0, scaled)


def choose_beta(index: NDArray[np.float64], hard_share: float) -> float:
    """Threshold beta for which the share of ``h_i >= beta`` comes closest to ``hard_share``.

    The paper does not publish beta; Fig. 5 gives a hard share of 50.6 %. Equal indices cannot be
    separated, so beta is half-way between two neighbouring values of the index (above 0: an
    utterance with h_i = 0 is never hard). Of two equally close shares the larger wins.

    Args:
        index: ``(N,)``, hard index.
        hard_share: Target share of hard examples, in (0, 1].

    Returns:
        beta in (0, 1]; 1 if every index is 0.
    """
    values = np.unique(np.append(index, 0.0))
    candidates = (values[1:] + values[:-1]) / 2
    if not len(candidates):
        return 1.0
    shares = np.array([np.mean(index >= beta) for beta in candidates])
    return float(candidates[np.argmin(np.abs(shares - hard_share))])


def mine_fold(
    counts: pd.DataFrame, *, beta: float | None, hard_share: float, smoothing: float = 0.0
) -> tuple[pd.DataFrame, float]:
    """Hard index and hard examples of a fold's training set.

    Args:
        counts: Columns utterance, misclassified, epochs.
        beta: Threshold in [0, 1), or None to choose it by ``hard_share``.
        hard_share: Target share of hard examples, in (0, 1].
        smoothing: Of the hard index; see :func:`hard_index`.

    Returns:
        The counts with the columns hard_index and hard (1 or 0), and beta. An utterance is hard if
        ``h_i >= beta``; if every h_i is 0, none is.

    Raises:
        SersnakeError: A count, ``beta``, ``hard_share`` or ``smoothing`` is out of its range.
    """
    if beta is not None and not 0 <= beta < 1:
        raise SersnakeError(f"beta must be in [0, 1), not {beta}")
    if not 0 < hard_share <= 1:
        raise SersnakeError(f"hard_share must be in (0, 1], not {hard_share}")
    index = hard_index(counts["misclassified"].to_numpy(), counts["epochs"].to_numpy(), smoothing)
    threshold = choose_beta(index, hard_share) if beta is None else beta
    hard = (index >= threshold) & (index.max() > 0)
    return counts.assign(hard_index=index, hard=hard.astype(int)), threshold


def why_missed(mined: pd.DataFrame, hard_share: float) -> str:
    """Why the share of hard examples misses its target.

    Args:
        mined: Result of :func:`mine_fold`.
        hard_share: Target share of hard examples.

    Returns:
        A clause with the reason and the remedy; empty if the share is within 10 points of the
        target.
    """
    if abs(mined["hard"].mean() - hard_share) <= NEAR:
        return ""
    values = mined["hard_index"].nunique()
    return (
        f"the hard index has {values} value{'s' * (values > 1)} and equal ones cannot be "
        "separated; a lower learning rate gives more values"
    )


def hard_for_either(mined: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Unites the hard examples of two networks.

    Args:
        mined: Result of :func:`mine_fold` for a fold and the network to re-train.
        other: The same for the other network, with utterances in any order.

    Returns:
        ``mined`` with ``hard`` 1 also where the other network has 1. The hard index remains that of
        ``mined``, so an utterance that is easy for this network has little weight, and none where
        h_i = 0.

    Raises:
        SersnakeError: The two are not of the same utterances.
    """
    theirs = other.set_index("utterance")["hard"]
    if len(theirs) != len(mined) or set(theirs.index) != set(mined["utterance"]):
        raise SersnakeError(
            "the two networks were trained on different utterances; train both on the same folds"
        )
    return mined.assign(hard=mined["hard"] | theirs.loc[mined["utterance"]].to_numpy())
