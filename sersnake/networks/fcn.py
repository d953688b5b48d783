"""FCN: the fully connected network of Table 2, whose output is the ELF."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.batch import Batch

WIDTHS = (256, 512, 1024)
ELF_DIMENSION = WIDTHS[-1]


class BatchNorm(nn.BatchNorm1d):
    """Batch norm that takes its running statistics where a batch has a single utterance.

    One utterance has no variance, and a single hard example must still be trainable.
    """

    def forward(self, vectors: Tensor) -> Tensor:
        """Normalises ``(N, D)``."""
        if self.training and len(vectors) == 1:
            return F.batch_norm(
                vectors, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(vectors)


class FCN(nn.Module):
    """Three fully connected layers, each with batch norm and ReLU (Table 2).

    The embedding (ELF) is the last of them, ``float32 (N, 1024)``.
    """

    embedding_dimension = ELF_DIMENSION

    def __init__(self, functionals: int, classes: int, dropout: float) -> None:
        """Takes the number of functionals an utterance, of emotions, and the dropout rate."""
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in zip((functionals, *WIDTHS[:-1]), WIDTHS, strict=True):
            layers += [nn.Linear(inputs, outputs), BatchNorm(outputs), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(ELF_DIMENSION, classes)

    def embed(self, batch: Batch) -> Tensor:
        """ELF ``(N, 1024)`` of a batch."""
        return self.layers(batch.vectors)

    def forward(self, batch: Batch) -> Tensor:
        """Logits ``(N, classes)`` of a batch."""
        return self.output(self.dropout(self.embed(batch)))
