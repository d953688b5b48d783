"""Agreement of the hard index with human listeners."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.evaluation.intervals import RESAMPLES, TAILS


def mean_hard_index(hard_index: pd.DataFrame) -> pd.DataFrame:
    """Hard index of every utterance and network, the mean over the folds that trained on it.

    Args:
        hard_index: Columns network, fold, utterance and hard_index.

    Returns:
        Index utterance, one column per network.
    """
    means = hard_index.pivot_table(
        index="utterance", columns="network", values="hard_index", aggfunc="mean"
    )
    return means[list(dict.fromkeys(hard_index["network"]))]


def measure_agreement(
    hard_index: pd.DataFrame,
    recognised: pd.Series,
    speakers: pd.Series,
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> pd.DataFrame:
    """Spearman's rho of the mean hard index and the share of people who recognised the emotion.

    The 95 % interval is that of a bootstrap that draws speakers (percentiles; see
    :func:`~sersnake.evaluation.intervals.speaker_bootstrap`). Rho is below 0 if utterances that are
    hard for a network are hard for people.

    Args:
        hard_index: Columns network, fold, utterance and hard_index.
        recognised: Share of people, by utterance.
        speakers: Speaker of each utterance, by utterance.
        seed: Seed of the draws.
        resamples: Number of draws.

    Returns:
        One row per network: network, utterances (that have both), rho, low and high (NaN
        where rho or the interval is not defined).

    Raises:
        SersnakeError: No utterance has both, or one has no speaker.
    """
    means = mean_hard_index(hard_index)
    rows = []
    for network in means:
        both = pd.DataFrame({"hard": means[network], "people": recognised}).dropna()
        if both.empty:
            raise SersnakeError(
                "no utterance has both a hard index and a rate of recognition; give files of the "
                "same corpus"
            )
        if unknown := sorted(set(both.index) - set(speakers.index)):
            raise SersnakeError(
                f"hard index: utterance {unknown[0]!r} is not in the manifest; give the manifest "
                "of the same run"
            )
        low, high = _bounds(both, speakers.loc[both.index], seed, resamples)
        rho = _spearman(both["hard"].to_numpy(), both["people"].to_numpy())
        rows.append((network, len(both), rho, low, high))
    return pd.DataFrame(rows, columns=["network", "utterances", "rho", "low", "high"])


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    """NaN if all values of either are the same."""
    from scipy.stats import ConstantInputWarning, spearmanr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantInputWarning)
        return float(spearmanr(first, second).statistic)


def _bounds(
    both: pd.DataFrame, speakers: pd.Series, seed: int, resamples: int
) -> tuple[float, float]:
    hard, people = both["hard"].to_numpy(), both["people"].to_numpy()
    groups = [np.flatnonzero(speakers.to_numpy() == name) for name in sorted(set(speakers))]
    if len(groups) < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        chosen = np.concatenate([groups[i] for i in rng.integers(len(groups), size=len(groups))])
        drawn.append(_spearman(hard[chosen], people[chosen]))
    low, high = np.nanquantile(drawn, TAILS)
    return float(low), float(high)
