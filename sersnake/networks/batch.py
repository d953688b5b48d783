"""What a network is given: padded frames with their lengths, and one vector an utterance."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """N utterances.

    Attributes:
        frames: ``(N, T, coefficients)`` MFCCs, zero beyond each utterance's length.
        lengths: ``int64 (N,)``, frames in each utterance.
        vectors: ``(N, functionals)``, one vector of functionals an utterance.
    """

    frames: Tensor
    lengths: Tensor
    vectors: Tensor


def valid_steps(lengths: Tensor, steps: int) -> Tensor:
    """Mask ``bool (N, steps)``, true where an utterance has data."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]
