"""FCN: the fully connected network of Table 2, whose output is the ELF."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.batch import Batch
from sersnake.networks.layers import BatchNorm, Draw, Linear
from sersnake.networks.network import Network
from sersnake.settings.architecture import Architecture

WIDTHS = (256, 512, 1024)
ELF_DIMENSION = WIDTHS[-1]


class FCN(Network):
    """Three fully connected layers, each with batch norm and ReLU (Table 2), of M members.

    The embedding (ELF) is the last of them, ``float32 (M, B, 1024)``.
    """

    embedding_dimension = ELF_DIMENSION
    reads = frozenset({"vectors"})

    def __init__(self, draw: Draw, functionals: int, classes: int) -> None:
        """Takes the members' draw, the number of functionals per utterance and of emotions."""
        super().__init__()
        pairs = list(zip((functionals, *WIDTHS[:-1]), WIDTHS, strict=True))
        self.linears = nn.ModuleList(Linear(draw, inputs, outputs) for inputs, outputs in pairs)
        self.norms = nn.ModuleList(BatchNorm(draw, outputs) for outputs in WIDTHS)
        self.output = Linear(draw, ELF_DIMENSION, classes)

    def embed(self, batch: Batch) -> Tensor:
        """ELF ``(M, B, 1024)`` of a batch."""
        assert batch.vectors is not None
        vectors = batch.vectors
        for linear, norm in zip(self.linears, self.norms, strict=True):
            vectors = F.relu(norm(linear(vectors), batch.present))
        return vectors


def build(draw: Draw, widths: Mapping[str, int], classes: int, options: Architecture) -> FCN:
    """As :func:`sersnake.networks.build_network` calls it."""
    return FCN(draw, widths["functionals"], classes)
