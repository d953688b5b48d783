"""What a network is given: packed frames, and one vector per utterance, of M members of a stack."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sersnake.networks.packing import Packing


@dataclass(frozen=True)
class Batch:
    """Up to B utterances of each of M members (folds that are trained together).

    Attributes:
        frames: ``(N, coefficients, T, M)`` scaled MFCCs on N strips, zero in gaps; None where a
            network does not read them.
        packing: Where each utterance lies in them; None like them.
        vectors: ``(M, B, functionals)`` scaled functionals, zero where no utterance is; None where
            not read.
        present: ``bool (M, B)``, false where a member has fewer than B utterances.
    """

    frames: Tensor | None
    packing: Packing | None
    vectors: Tensor | None
    present: Tensor


def valid_steps(lengths: Tensor, steps: int) -> Tensor:
    """Mask ``bool (..., steps)``, true where an utterance has data."""
    return torch.arange(steps, device=lengths.device) < lengths[..., None]
