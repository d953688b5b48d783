"""What training asks of a network."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class Network(nn.Module):
    """Turns a batch into embeddings, and these into logits.

    Any :class:`torch.nn.Module` with these members will do. A network of one feature set is given a
    :class:`~sersnake.networks.Batch`, one of several a dictionary of them by the sets' names.

    Attributes:
        embedding_dimension: D.
        output: The output layer, from D to the number of emotions.
    """

    embedding_dimension: int
    output: nn.Module

    def embed(self, batch: Any) -> Tensor:
        """Embeddings ``(B, D)`` of a batch."""
        raise NotImplementedError

    def forward(self, batch: Any) -> Tensor:
        """Logits ``(B, classes)`` of a batch."""
        raise NotImplementedError
