"""FCN: the fully connected network of Table 2, whose output is the ELF."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.batch import Batch
from sersnake.networks.layer_weights import weigh_layers
from sersnake.networks.network import Network
from sersnake.settings.encoder_networks import FcnOptions

WIDTHS = (256, 512, 1024)
ELF_DIMENSION = WIDTHS[-1]


class BatchNorm(nn.BatchNorm1d):
    """Batch norm with running statistics for a batch of one utterance.

    One utterance has no variance, and a single hard example must still be trainable.
    """

    def forward(self, vectors: Tensor) -> Tensor:
        """Normalises ``(B, D)``."""
        if not self.training or len(vectors) > 1:
            return super().forward(vectors)
        running = self.running_mean, self.running_var
        return F.batch_norm(vectors, *running, self.weight, self.bias, eps=self.eps)


class FCN(Network):
    """Three fully connected layers, each with batch norm and ReLU (Table 2).

    The embedding (ELF) is the last of them, ``float32 (B, 1024)``.
    """

    embedding_dimension = ELF_DIMENSION

    def __init__(self, inputs: int, classes: int, *, layers: int = 1, dropout: float = 0.0) -> None:
        """Takes the numbers of functionals and emotions, and the dropout rate.

        Args:
            inputs: Number of values per utterance.
            classes: Number of emotions.
            layers: Number of encoder layers whose weighted mean the first layer reads.
            dropout: Rate before the output layer.

        Raises:
            SersnakeError: The layers cannot be of one width.
        """
        super().__init__()
        self.layers = weigh_layers(inputs, layers)
        widths = (inputs // layers, *WIDTHS)
        self.linears = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))
        self.norms = nn.ModuleList(map(BatchNorm, WIDTHS))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(ELF_DIMENSION, classes)

    def forward(self, batch: Batch) -> Tensor:
        """Logits ``(B, classes)`` of a batch of vectors."""
        logits: Tensor = self.output(self.dropout(self.embed(batch)))
        return logits

    def embed(self, batch: Batch) -> Tensor:
        """ELF ``(B, 1024)`` of a batch of vectors."""
        vectors = self.layers(batch.values)
        for linear, norm in zip(self.linears, self.norms, strict=True):
            vectors = F.relu(norm(linear(vectors)))
        return vectors


def build(inputs: int, classes: int, options: FcnOptions, dropout: float) -> FCN:
    """Builds the network for :func:`sersnake.networks.build_network`."""
    return FCN(inputs, classes, layers=options.layers, dropout=dropout)
