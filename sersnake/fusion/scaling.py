"""The input of a classifier: its blocks of features joined, scaled by those of a training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.normal_scores import NormalScores
from sersnake.settings.classifiers import Fusion
from sersnake.training.scaling import ZScore

# Features by name, ``float32 (S, N, D)`` of N utterances; S members of an ensemble, or 1.
Blocks = Mapping[str, NDArray[Any]]
SCALINGS: dict[str, type[ZScore | NormalScores]] = {
    "z_scores": ZScore,
    "normal_scores": NormalScores,
}


@dataclass(frozen=True)
class BlockScaling:
    """How some blocks are scaled and joined, separately for each ensemble member.

    Attributes:
        names: The blocks, in the order of their columns.
        members: The scaling of each of S members.
        weights: ``float32 (D,)``, factors on the scaled columns.
    """

    names: tuple[str, ...]
    members: tuple[ZScore | NormalScores, ...]
    weights: NDArray[np.float32]

    @classmethod
    def fit(cls, names: Sequence[str], blocks: Blocks, settings: Fusion) -> BlockScaling:
        """Fits on the training set."""
        scaling = SCALINGS[settings.scaling]
        widths = [blocks[name].shape[2] for name in names]
        weights = balance(widths) if settings.balanced else np.ones(sum(widths), np.float32)
        return cls(tuple(names), tuple(map(scaling.fit, _joined(names, blocks))), weights)

    def __call__(self, blocks: Blocks) -> list[NDArray[np.float32]]:
        """The input of each member's classifier, S times ``(N, D)``."""
        rows = _joined(self.names, blocks)
        pairs = zip(self.members, rows, strict=True)
        return [scale(member) * self.weights for scale, member in pairs]


def _joined(names: Sequence[str], blocks: Blocks) -> list[NDArray[np.float32]]:
    members = zip(*(blocks[name] for name in names), strict=True)
    return [np.concatenate(member, axis=1) for member in members]


def side_by_side(scalings: Sequence[BlockScaling], blocks: Blocks) -> NDArray[np.float32]:
    """The blocks under all of these scalings, joined, ``float32 (S, N, D)``."""
    return np.concatenate([np.stack(scale(blocks)) for scale in scalings], axis=2)


def rows_of(blocks: Blocks, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """The blocks of some utterances, in the order of their positions."""
    # Not by indexing: its result has another memory order, in which sums round differently.
    return {name: np.take(block, rows, axis=1) for name, block in blocks.items()}


def balance(widths: Sequence[int]) -> NDArray[np.float32]:
    """Factors that give each of several scaled blocks the same share of the variance.

    Without factors, the 1024 values of the ELF have eight times the weight of the 128 of the ALF in
    any distance, and so in a linear SVM. The total variance does not change.

    Args:
        widths: Number of features of each block.

    Returns:
        ``float32 (D,)``; all 1 where the blocks are of the same width.
    """
    share = sum(widths) / len(widths)
    factors = [np.full(width, np.sqrt(share / width)) for width in widths]
    return np.concatenate(factors).astype(np.float32)
