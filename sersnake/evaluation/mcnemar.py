"""McNemar's test (Psychometrika 12, 1947) on utterances that only one of two systems recognises."""

from __future__ import annotations

import numpy as np
import pandas as pd

EXACT_BELOW = 25  # discordant utterances; from here on chi-square is accurate


def utterance_votes(predictions: pd.DataFrame, against: pd.DataFrame) -> pd.Series:
    """One vote per utterance, however many folds tested it.

    Each utterance votes for the system that was right on it in more folds, and for none where both
    were right equally often. An utterance tested once votes as in McNemar's test.

    Args:
        predictions: Columns fold, utterance, emotion and predicted, of one system.
        against: The same folds and utterances of the other system.

    Returns:
        ``int64`` indexed by utterance: 1 for the first system, -1 for the other, 0 for none.
    """
    rights = [_right(rows) for rows in (predictions, against)]
    lead = (rights[0] - rights[1]).groupby(level="utterance").sum()
    return lead.clip(-1, 1)


def mcnemar_p(won: int, lost: int) -> float:
    """Two-sided p of the hypothesis that both systems get as many votes.

    Args:
        won: Utterances that vote for the first system.
        lost: Utterances that vote for the other.

    Returns:
        The exact binomial p below 25 votes, else that of chi-square with Edwards' continuity
        correction (Psychometrika 13, 1948); 1 where nobody votes.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    # Equal votes leave nothing to correct: p is 1.
    outcome = mcnemar([[0, won], [lost, 0]], exact=is_exact(won, lost), correction=won != lost)
    return float(outcome.pvalue)


def is_exact(won: int, lost: int) -> bool:
    """Whether :func:`mcnemar_p` uses the exact binomial distribution."""
    return won + lost < EXACT_BELOW


def _right(rows: pd.DataFrame) -> pd.Series:
    """1 where an utterance was recognised in a fold, else 0."""
    right = (rows["predicted"] == rows["emotion"]).astype(np.int64)
    return right.set_axis(pd.MultiIndex.from_frame(rows[["fold", "utterance"]]))
