"""The fused network: one layer joins the networks' embeddings, with one softmax and loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.batch import Batch
from sersnake.networks.network import Network


class FusedNetwork(Network):
    """Networks trained as one (Section IV-C, "Fused training").

    The embedding is the fully connected fusion layer, ``float32 (B, width)``.
    """

    def __init__(
        self, networks: Mapping[str, Network], classes: int, *, width: int, dropout: float = 0.0
    ) -> None:
        """Takes the network of each stream by its name, and the number of emotions.

        Args:
            networks: By stream; their output layers are replaced by the identity.
            classes: Number of emotions.
            width: Of the fusion layer.
            dropout: Rate before the output layer.
        """
        super().__init__()
        for network in networks.values():
            if hasattr(network, "output"):
                network.output = nn.Identity()
        self.networks = nn.ModuleDict(dict(networks))
        self.embedding_dimension = width
        inputs = sum(network.embedding_dimension for network in networks.values())
        self.fusion = nn.Linear(inputs, width)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, classes)

    def forward(self, batches: Batch | Mapping[str, Batch]) -> Tensor:
        """Logits ``(B, classes)`` of the same utterances in every stream."""
        logits: Tensor = self.output(self.dropout(self.embed(batches)))
        return logits

    def embed(self, batches: Batch | Mapping[str, Batch]) -> Tensor:
        """Fused features ``(B, width)`` of the same utterances in every stream."""
        networks: Any = self.networks.items()
        if isinstance(batches, Batch):  # of the only stream
            batches = dict.fromkeys(self.networks, batches)
        return self.fuse([network.embed(batches[name]) for name, network in networks])

    def fuse(self, embeddings: list[Tensor]) -> Tensor:
        """Embeddings ``(B, D)`` of each network, in their order, to the fused features."""
        return F.relu(self.fusion(torch.cat(embeddings, dim=1)))
