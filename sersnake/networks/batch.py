"""The input of a network: one feature set of some utterances."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """One feature set of B utterances, scaled.

    Attributes:
        values: ``float32 (B, T, F)``, frames, zero after the end of each utterance; or ``float32
            (B, D)``, one vector per utterance.
        lengths: ``int64 (B,)``, frames of each utterance, at least 1, in CPU memory; None for
            vectors.
    """

    values: Tensor
    lengths: Tensor | None = None


def valid_steps(lengths: Tensor, steps: int) -> Tensor:
    """Mask ``bool (B, steps)``, true where an utterance has data."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """A copy on the device, without waiting for it."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
