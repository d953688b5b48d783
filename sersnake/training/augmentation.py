"""Time masking of frames in training (SpecAugment, Park et al. 2019)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from sersnake.networks.batch import Batch, to_device
from sersnake.training.dataset import Batches

SPANS = 2
Span = tuple[NDArray[np.int64], NDArray[np.int64]]


def hide_frames(batches: Batches, share: float, generator: np.random.Generator) -> Batches:
    """The batch with spans of its frames set to 0, the scaled mean.

    Args:
        batches: One feature set, or several; vectors stay as they are.
        share: Largest share of an utterance's frames that its spans cover together.
        generator: Source of randomness.
    """
    if not share:
        return batches
    if isinstance(batches, dict):
        return {name: _hidden(batch, share, generator) for name, batch in batches.items()}
    return _hidden(batches, share, generator)


def _hidden(batch: Batch, share: float, generator: np.random.Generator) -> Batch:
    if batch.lengths is None:
        return batch
    lengths = np.stack([batch.lengths.numpy()] * SPANS)
    longest = np.floor(share * lengths / SPANS).astype(np.int64)
    begins, ends = draw_spans(generator, longest, lengths)
    steps = np.arange(batch.values.shape[1])
    covered = ((begins[..., None] <= steps) & (steps < ends[..., None])).any(0)
    hidden = to_device(torch.from_numpy(covered), batch.values.device)
    return replace(batch, values=batch.values.masked_fill(hidden[..., None], 0))


def draw_spans(
    generator: np.random.Generator, longest: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Span:
    """Spans of uniform length at uniform places.

    Args:
        generator: Source of randomness.
        longest: ``int64 (...)``, greatest length of each span; the least is 0.
        lengths: Length of the range that each span lies in, of the same shape.

    Returns:
        First position of each span and the position after it.
    """
    widths = generator.integers(0, longest, endpoint=True)
    begins = generator.integers(0, lengths - widths, endpoint=True)
    return begins, begins + widths
