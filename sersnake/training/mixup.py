"""Manifold mixup (Verma et al. 2019) of a batch's embeddings, each fold's with its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.networks.packing import padded_size, to_device
from sersnake.training.course import Course


@dataclass(frozen=True)
class Mixing:
    """Who is mixed with whom.

    Attributes:
        partners: ``int64 (M, B)``, place of each utterance's partner in its member's batch.
        shares: ``float32 (M, 1)``, what an utterance keeps of itself.
    """

    partners: Tensor
    shares: Tensor

    @classmethod
    def draw(
        cls,
        active: Mapping[int, Course],
        chosen: Sequence[NDArray[np.int64]],
        alpha: float,
        device: torch.device,
    ) -> Mixing:
        """Draws a share from Beta(alpha, alpha) and a permutation of the batch for each member.

        Args:
            active: Courses of the members that train.
            chosen: Positions of the batch's utterances, an array a member.
            alpha: Of the distribution, above 0.
            device: Where the embeddings are.
        """
        size = padded_size(max(map(len, chosen)))
        partners = np.tile(np.arange(size), (len(chosen), 1))
        shares = np.ones((len(chosen), 1), np.float32)
        for member, positions in enumerate(chosen):
            if count := len(positions):
                generator = active[member].generator("mixup")
                shares[member] = generator.beta(alpha, alpha)
                partners[member, :count] = generator.permutation(count)
        return cls(*(to_device(torch.from_numpy(array), device) for array in (partners, shares)))

    def partner(self, values: Tensor) -> Tensor:
        """The partners' values, of ``(M, B)`` or ``(M, B, D)``."""
        if values.ndim == 2:
            return values.gather(1, self.partners)
        return values.gather(1, self.partners[..., None].expand_as(values))

    def embeddings(self, own: Tensor) -> Tensor:
        """Mixes embeddings ``(M, B, D)`` with their partners'."""
        dtype = torch.promote_types(own.dtype, self.shares.dtype)
        own = own.to(dtype)
        return torch.lerp(self.partner(own), own, self.shares[..., None].to(dtype))

    def losses(self, own: Tensor, others: Tensor) -> Tensor:
        """Mixes the losses ``(M, B)`` against the own and the partners' labels alike."""
        return torch.lerp(others, own, self.shares)
