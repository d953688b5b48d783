"""Long recordings, whose convolutions are computed a stretch at a time.

A network's convolution blocks see 30 frames to each side of a step. So a stretch with that much
around it gives the numbers that the whole recording would, in memory that does not grow with it.
What follows, LSTM and attention, sees the whole recording, a row of 256 numbers for 16 frames.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.networks import ACLN, Batch
from sersnake.networks.packing import STRIP_FRAMES, TIME_REDUCTION
from sersnake.training.dataset import Dataset

LONG = 2 * STRIP_FRAMES  # frames; up to here recordings share batches

AROUND = 2 * TIME_REDUCTION  # frames to each side of a stretch
STRETCH = (
    STRIP_FRAMES - 2 * AROUND - TIME_REDUCTION
)  # with them, and a gap behind, it fills a strip
TOGETHER = 16  # stretches at a time

Frames = NDArray[np.float32]


@torch.no_grad()
def embed_and_weigh_long(
    network: ACLN, frames: Frames, dataset: Callable[[list[Frames]], Dataset]
) -> tuple[Tensor, NDArray[np.float32]]:
    """ALF of a recording of any length, and what the attention weighs each step with.

    Args:
        network: ACLN, evaluating.
        frames: ``(frames, coefficients)``, not scaled.
        dataset: Scales the frames of some utterances for the network.

    Returns:
        ``float32 (1, 128)`` and ``float32 (steps,)``, the mean over the heads.
    """
    parts = []
    every = range(0, len(frames), STRETCH)
    for starts in (every[i : i + TOGETHER] for i in range(0, len(every), TOGETHER)):
        cut = [frames[max(0, start - AROUND) : start + STRETCH + AROUND] for start in starts]
        batch = dataset(cut).batch(np.arange(len(cut)))
        assert isinstance(batch, Batch)
        columns, _ = network.columns(batch)
        parts += [_middle(columns[slot], start, len(frames)) for slot, start in enumerate(starts)]
    joined = torch.cat(parts)[None]
    embedding, weights = network.weigh(joined, joined.new_ones(joined.shape[:2], dtype=torch.bool))
    return embedding, weights[0].mean(1).cpu().numpy()


def _middle(columns: Tensor, start: int, frames: int) -> Tensor:
    """The columns ``(steps, 256)`` of a stretch without those of what is around it."""
    first = AROUND // TIME_REDUCTION if start else 0
    steps = -(-min(STRETCH, frames - start) // TIME_REDUCTION)
    return columns[first : first + steps]
