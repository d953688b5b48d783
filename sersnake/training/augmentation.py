"""Spans of frames that training hides (SpecAugment in time, Park et al. 2019).

The draws are the fold's, fold by fold, so that a fold in a stack sees what it would see alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.networks import Batch
from sersnake.networks.packing import to_device
from sersnake.training.dataset import Dataset
from sersnake.training.fold_epochs import FoldEpochs

SPANS = 2
Span = tuple[NDArray[np.int64], NDArray[np.int64]]


def hide_frames(
    batch: Batch,
    active: Mapping[int, FoldEpochs],
    chosen: Sequence[NDArray[np.int64]],
    dataset: Dataset,
    share: float,
) -> Batch:
    """The batch with spans of its frames set to 0, the scaled mean.

    Args:
        batch: The utterances' features; without frames it stays as it is.
        active: Courses of the folds that train.
        chosen: Positions of the batch's utterances, an array per fold.
        dataset: What the batch is of.
        share: What the spans of an utterance may cover together, of its frames.
    """
    if batch.frames is None or not share:
        return batch
    assert batch.packing is not None
    hidden = torch.zeros_like(batch.packing.frames, dtype=torch.bool)
    for fold, positions in enumerate(chosen):
        if not len(positions):
            continue
        slots, steps = _places(dataset.starts[positions], batch.packing.frames[..., fold])
        lengths = np.stack([dataset.lengths[positions]] * SPANS)
        longest = np.floor(share * lengths / SPANS).astype(np.int64)
        begins, ends = draw_spans(active[fold].mask_rng, longest, lengths)
        for span in zip(begins, ends, strict=True):
            hidden[..., fold] |= _covered(span, slots, steps)
    return replace(batch, frames=batch.frames.masked_fill(hidden[:, None], 0))


def draw_spans(
    generator: np.random.Generator, longest: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Span:
    """Spans of uniform length at uniform places.

    Args:
        generator: Source of randomness.
        longest: ``int64 (...)``, greatest length of each span; the least is 0.
        lengths: Of what each span lies within, of the same shape.

    Returns:
        First position of each span and the position behind it.
    """
    widths = generator.integers(0, longest, endpoint=True)
    begins = generator.integers(0, lengths - widths, endpoint=True)
    return begins, begins + widths


def _places(starts: NDArray[np.int64], rows: Tensor) -> tuple[Tensor, Tensor]:
    """Which utterance each of the ``rows (N, T)`` is of, and which of its frames it is.

    A gap is row 0, which may be of no utterance: it is zero whatever is hidden of one.
    """
    order = np.argsort(starts, kind="stable")
    ordered = to_device(torch.from_numpy(starts[order]), rows.device)
    place = (torch.searchsorted(ordered, rows.contiguous(), right=True) - 1).clamp_min(0)
    return to_device(torch.from_numpy(order), rows.device)[place], rows - ordered[place]


def _covered(span: Span, slots: Tensor, numbers: Tensor) -> Tensor:
    """Whether the numbers lie within the span of the utterance in their slot."""
    begins, ends = (to_device(torch.from_numpy(array), slots.device)[slots] for array in span)
    return (begins <= numbers) & (numbers < ends)
