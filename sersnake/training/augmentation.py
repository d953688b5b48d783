"""What training hides of its features: spans of frames and coefficients, single functionals.

The draws are the course's, fold by fold, so that a fold in a stack sees what it would see alone.
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
from sersnake.training.course import Course
from sersnake.training.dataset import Dataset
from sersnake.training.recipe import Recipe

TIME_SPANS = 2
Spans = tuple[NDArray[np.int64], NDArray[np.int64]]


def augment(
    batch: Batch,
    active: Mapping[int, Course],
    chosen: Sequence[NDArray[np.int64]],
    dataset: Dataset,
    recipe: Recipe,
) -> Batch:
    """The batch with what the recipe hides of it set to 0, the scaled mean.

    Args:
        batch: The utterances' features, of which only those that are there are augmented.
        active: Courses of the members that train.
        chosen: Positions of the batch's utterances, an array a member.
        dataset: What the batch is of.
        recipe: ``frame_mask``, ``coefficient_mask`` and ``vector_mask`` say what is hidden.
    """
    if batch.frames is not None and (recipe.frame_mask or recipe.coefficient_mask):
        batch = _hide_spans(batch, active, chosen, dataset, recipe)
    if batch.vectors is not None and recipe.vector_mask:
        keep = np.zeros(batch.vectors.shape, np.float32)
        for member, positions in enumerate(chosen):
            if count := len(positions):
                drawn = active[member].generator("vector_mask").random((count, keep.shape[2]))
                keep[member, :count] = (drawn >= recipe.vector_mask) / (1 - recipe.vector_mask)
        factor = to_device(torch.from_numpy(keep), batch.vectors.device)
        batch = replace(batch, vectors=batch.vectors * factor)
    return batch


def draw_spans(
    generator: np.random.Generator, longest: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Spans:
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


def _hide_spans(
    batch: Batch,
    active: Mapping[int, Course],
    chosen: Sequence[NDArray[np.int64]],
    dataset: Dataset,
    recipe: Recipe,
) -> Batch:
    assert batch.frames is not None and batch.packing is not None
    hidden = torch.zeros_like(batch.frames, dtype=torch.bool)
    for member, positions in enumerate(chosen):
        if not len(positions):
            continue
        course, view = active[member], hidden[..., member]
        slots, steps = _places(dataset.starts[positions], batch.packing.frames[..., member])
        if recipe.frame_mask:
            lengths = np.stack([dataset.lengths[positions]] * TIME_SPANS)
            longest = np.floor(recipe.frame_mask * lengths / TIME_SPANS).astype(np.int64)
            begins, ends = draw_spans(course.generator("frame_mask"), longest, lengths)
            for span in zip(begins, ends, strict=True):
                view |= _covered(span, slots, steps)[:, None]
        if recipe.coefficient_mask:
            lengths = np.full(len(positions), dataset.coefficients)
            longest = np.minimum(lengths, recipe.coefficient_mask)
            span = draw_spans(course.generator("coefficient_mask"), longest, lengths)
            number = torch.arange(dataset.coefficients, device=hidden.device)
            view |= _covered(span, slots[:, None], number[:, None])
    return replace(batch, frames=batch.frames.masked_fill(hidden, 0))


def _places(starts: NDArray[np.int64], rows: Tensor) -> tuple[Tensor, Tensor]:
    """Which utterance each of the ``rows (N, T)`` is of, and which of its frames it is.

    A gap is row 0, which may be of no utterance: it is zero whatever is hidden of one.
    """
    order = np.argsort(starts, kind="stable")
    ordered = to_device(torch.from_numpy(starts[order]), rows.device)
    place = (torch.searchsorted(ordered, rows.contiguous(), right=True) - 1).clamp_min(0)
    return to_device(torch.from_numpy(order), rows.device)[place], rows - ordered[place]


def _covered(span: Spans, slots: Tensor, numbers: Tensor) -> Tensor:
    """Whether the numbers lie within the span of the utterance in their slot."""
    begins, ends = (to_device(torch.from_numpy(array), slots.device)[slots] for array in span)
    return (begins <= numbers) & (numbers < ends)
