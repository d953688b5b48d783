"""What training asks of a network."""

from __future__ import annotations

from torch import Tensor, nn

from sersnake.networks.batch import Batch
from sersnake.networks.layers import Linear


class Network(nn.Module):
    """M members that turn a batch into embeddings, and these into logits.

    Attributes:
        reads: What of a batch it reads, of ``frames`` and ``vectors``.
        embedding_dimension: D.
        output: The output layer, from D to the number of emotions.
    """

    reads: frozenset[str]
    embedding_dimension: int
    output: Linear

    def embed(self, batch: Batch) -> Tensor:
        """Embeddings ``(M, B, D)`` of a batch."""
        raise NotImplementedError

    def forward(self, batch: Batch, keep: Tensor) -> Tensor:
        """Logits ``(M, B, classes)``; ``keep`` is dropout's factor ``(M, B, D)``."""
        return self.output(self.embed(batch) * keep)
