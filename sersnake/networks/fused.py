"""The fused baseline: both networks' features meet in one layer under one softmax and loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.layers import Draw, Linear

FUSED_DIMENSION = 256


class FusedNetwork(nn.Module):
    """ACLN and FCN trained as one network (Section IV-C, "Fused training"), of M members.

    The embedding is the fully connected fusion layer, ``float32 (M, B, 256)``.
    """

    embedding_dimension = FUSED_DIMENSION
    reads = ACLN.reads | FCN.reads

    def __init__(self, draw: Draw, functionals: int, classes: int) -> None:
        """Takes the members' draw, the number of functionals an utterance and of emotions."""
        super().__init__()
        self.acln, self.fcn = ACLN(draw, classes), FCN(draw, functionals, classes)
        del self.acln.output, self.fcn.output
        inputs = ACLN.embedding_dimension + FCN.embedding_dimension
        self.fusion = Linear(draw, inputs, FUSED_DIMENSION)
        self.output = Linear(draw, FUSED_DIMENSION, classes)

    def embed(self, batch: Batch) -> Tensor:
        """Fused features ``(M, B, 256)`` of a batch."""
        both = torch.cat([self.acln.embed(batch), self.fcn.embed(batch)], dim=2)
        return F.relu(self.fusion(both))

    def forward(self, batch: Batch, keep: Tensor) -> Tensor:
        """Logits ``(M, B, classes)``; ``keep`` is dropout's factor ``(M, B, 256)``."""
        return self.output(self.embed(batch) * keep)
