"""The fused baseline: both networks' features meet in one layer under one softmax and loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN

FUSED_DIMENSION = 256


class FusedNetwork(nn.Module):
    """ACLN and FCN trained as one network (Section IV-C, "Fused training").

    The embedding is the fully connected fusion layer, ``float32 (N, 256)``.
    """

    embedding_dimension = FUSED_DIMENSION

    def __init__(self, acln: ACLN, fcn: FCN, classes: int, dropout: float) -> None:
        """Takes the two networks (their own output layers go) and the dropout rate."""
        super().__init__()
        del acln.output, fcn.output
        self.acln, self.fcn = acln, fcn
        self.fusion = nn.Linear(acln.embedding_dimension + fcn.embedding_dimension, FUSED_DIMENSION)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(FUSED_DIMENSION, classes)

    def embed(self, batch: Batch) -> Tensor:
        """Fused features ``(N, 256)`` of a batch."""
        both = torch.cat([self.acln.embed(batch), self.fcn.embed(batch)], dim=1)
        return F.relu(self.fusion(both))

    def forward(self, batch: Batch) -> Tensor:
        """Logits ``(N, classes)`` of a batch."""
        return self.output(self.dropout(self.embed(batch)))
