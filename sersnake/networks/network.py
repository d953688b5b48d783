"""The interface of networks in training."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class Network(nn.Module):
    """Turns a batch into embeddings, and these into logits.

    Any :class:`torch.nn.Module` with these members can be used; it is made from the width of its
    features, the number of emotions and its options. The network of a stream reads a
    :class:`~sersnake.networks.Batch`, the fused one a dictionary of batches by stream.

    Attributes:
        embedding_dimension: D.
    """

    embedding_dimension: int

    def embed(self, batch: Any) -> Tensor:
        """Embeddings ``(B, D)`` of a batch."""
        raise NotImplementedError

    def forward(self, batch: Any) -> Tensor:
        """Logits ``(B, classes)`` of a batch."""
        raise NotImplementedError
