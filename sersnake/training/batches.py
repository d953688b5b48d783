"""Which utterances are trained on together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_batches(
    utterances: NDArray[np.int64], batch_size: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Cuts utterances into batches at random.

    Lengths play no part: utterances are packed without padding, and batches of similar lengths,
    which are the same few sentences, mislead batch norm. The sizes of the batches differ by one at
    most, so that no batch is tiny.

    Args:
        utterances: Positions to draw from.
        batch_size: Utterances per batch, at most.
        rng: Source of randomness.
    """
    return np.array_split(rng.permutation(utterances), -(-len(utterances) // batch_size))


def sorted_batches(lengths: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    """All utterances once, in batches by length, in a fixed order (for evaluation)."""
    ordered = np.argsort(lengths, kind="stable")
    return np.array_split(ordered, -(-len(ordered) // batch_size))
