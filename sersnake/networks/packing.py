"""The placement of a batch's utterances side by side, with little padding.

Utterances follow each other on a few strips of equal length, with gaps of zeros between them that
are as wide as a convolution reaches, in every block: an utterance sees its own frames and zeros, as
if it were alone. Each begins at a multiple of 16 frames, so pooling never joins two of them and the
strips of one block are the halves of those before.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.networks.batch import to_device
from sersnake.settings.acln import BLOCKS

TIME_REDUCTION = 2**BLOCKS
REACH = 2  # steps to each side that a convolution sees
STRIP_FRAMES = 1024  # about; convolutions are fastest on images of this size
STRIP_UNIT = 4 * TIME_REDUCTION  # so that few shapes occur and cached kernels are used again

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Packing:
    """Where utterances lie on N strips of T frames.

    Attributes:
        frames: ``int64 (N, T)``, index into the frames of the padded batch, utterance after
            utterance; in gaps the index after the last.
        masks: ``bool (N, T / 2**i)`` for each block i and the last pooling: false in gaps.
        steps: ``int64 (B, S)``, position in the flattened last mask of each utterance's steps;
            beyond the end of an utterance, the size of that mask.
        lengths: ``int64 (B,)``, steps of each utterance.
    """

    frames: Tensor
    masks: tuple[Tensor, ...]
    steps: Tensor
    lengths: Tensor

    def to(self, device: torch.device) -> Packing:
        """The same on a device; nothing waits for the copy."""
        moved = [to_device(x, device) for x in (self.frames, *self.masks, self.steps, self.lengths)]
        return Packing(moved[0], tuple(moved[1:-2]), moved[-2], moved[-1])


def pack(lengths: Index, padded: int) -> Packing:
    """Lays out a batch.

    Args:
        lengths: ``(B,)``, frames of each utterance, at least 1.
        padded: T, frames of each in the padded batch.
    """
    strips, begins, shape = _layout(lengths)
    frames, masks, counts = np.full(shape, len(lengths) * padded), [], lengths
    for block in range(BLOCKS + 1):
        if block > 0:
            counts = (counts + 1) // 2
        each, within = _spread(counts)
        places = (strips[each], (begins[each] >> block) + within)
        if block == 0:
            frames[places] = each * padded + within
        masks.append(np.zeros((shape[0], shape[1] >> block), bool))
        masks[block][places] = True
    steps = np.full((len(lengths), int(counts.max())), masks[-1].size)
    steps[each, within] = np.ravel_multi_index(places, masks[-1].shape)
    tensors = [torch.from_numpy(array) for array in (frames, *masks, steps, counts)]
    return Packing(tensors[0], tuple(tensors[1:-2]), tensors[-2], tensors[-1])


def _layout(lengths: Index) -> tuple[Index, Index, tuple[int, int]]:
    """Strip and first frame of each utterance, and the number of strips and of their frames."""
    slots = _slots(lengths)
    count = max(1, round(int(slots.sum()) / STRIP_FRAMES))
    strips, begins = _place(slots, count)
    end = int((begins + slots).max())
    return strips, begins, (count, -(-end // STRIP_UNIT) * STRIP_UNIT)


def _slots(lengths: Index) -> Index:
    """Frames that an utterance takes with the gap behind it."""
    last_block = -(-lengths // (TIME_REDUCTION // 2)) + REACH
    return -(-last_block // 2) * TIME_REDUCTION


def _place(slots: Index, count: int) -> tuple[Index, Index]:
    """Strip and first frame of each utterance: the longest first, to the emptiest strip."""
    strips, begins = np.zeros(len(slots), np.int64), np.zeros(len(slots), np.int64)
    emptiest = [(0, strip) for strip in range(count)]
    for index in np.argsort(-slots, kind="stable"):
        begins[index], strips[index] = emptiest[0]
        heapq.heapreplace(emptiest, (int(begins[index] + slots[index]), int(strips[index])))
    return strips, begins


def _spread(counts: Index) -> tuple[Index, Index]:
    """For every step of every utterance, the utterance and the step's number in it."""
    each = np.repeat(np.arange(len(counts)), counts)
    return each, np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts)
