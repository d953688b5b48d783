"""The version of an utterance that an epoch reads: itself, or a degraded copy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from sersnake.networks.batch import Batch, to_device

Places = NDArray[np.int64]


def draw_versions(utterances: int, copies: int, seed: int) -> NDArray[np.int64]:
    """A version of each utterance, all equally likely.

    Args:
        utterances: Number of utterances.
        copies: Number of copies of each.
        seed: Seed of the draw.

    Returns:
        ``int64 (utterances,)``, 0 for the utterance itself, from 1 on for a copy.
    """
    return np.random.default_rng(seed).integers(0, copies, utterances, endpoint=True)


def joined(parts: Sequence[tuple[Places, Batch]]) -> Batch:
    """Merges several batches into one.

    Args:
        parts: Batches of vectors, or of frames, with the place of each utterance in the result.
    """
    order = torch.from_numpy(np.argsort(np.concatenate([places for places, _ in parts])))
    batches = [batch for _, batch in parts]
    lengths = [batch.lengths for batch in batches if batch.lengths is not None]
    values = [batch.values for batch in batches]
    if lengths:
        steps = max(rows.shape[1] for rows in values)
        values = [F.pad(rows, (0, 0, 0, steps - rows.shape[1])) for rows in values]
    together = torch.cat(values)
    together = together[to_device(order, together.device)]
    return Batch(together, torch.cat(lengths)[order] if lengths else None)
