"""Whether a difference between two arms is more than chance, and what the paper's value says."""

from __future__ import annotations

from sersnake.statistics.arm_intervals import arm_intervals
from sersnake.statistics.comparisons import compare_arms, default_pairs
from sersnake.statistics.correction import holm
from sersnake.statistics.mcnemar import mcnemar_p, utterance_votes
from sersnake.statistics.optimism import optimism
from sersnake.statistics.resampled import Estimate, corrected_resampled_t, train_ratio
from sersnake.statistics.verdicts import verdict

__all__ = [
    "Estimate",
    "arm_intervals",
    "compare_arms",
    "corrected_resampled_t",
    "default_pairs",
    "holm",
    "mcnemar_p",
    "optimism",
    "train_ratio",
    "utterance_votes",
    "verdict",
]
