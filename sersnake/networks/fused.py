"""The fused baseline: both networks' features meet in one layer under one softmax and loss."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.layers import Draw, Linear
from sersnake.networks.network import Network
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE, Architecture


class FusedNetwork(Network):
    """ACLN and FCN trained as one network (Section IV-C, "Fused training"), of M members.

    The embedding is the fully connected fusion layer, ``float32 (M, B, fusion_width)``.
    """

    reads = ACLN.reads | FCN.reads

    def __init__(
        self,
        draw: Draw,
        functionals: int,
        classes: int,
        options: Architecture = DEFAULT_ARCHITECTURE,
    ) -> None:
        """Takes the members' draw, the number of functionals and of emotions, and options."""
        super().__init__()
        self.embedding_dimension = options.fusion_width
        self.acln, self.fcn = ACLN(draw, classes, options), FCN(draw, functionals, classes)
        del self.acln.output, self.fcn.output
        inputs = ACLN.embedding_dimension + FCN.embedding_dimension
        self.fusion = Linear(draw, inputs, options.fusion_width)
        self.output = Linear(draw, options.fusion_width, classes)

    def embed(self, batch: Batch) -> Tensor:
        """Fused features ``(M, B, fusion_width)`` of a batch."""
        return self.fuse(self.acln.embed(batch), self.fcn.embed(batch))

    def fuse(self, alf: Tensor, elf: Tensor) -> Tensor:
        """ALF ``(M, B, 128)`` and ELF ``(M, B, 1024)`` to the fused features."""
        return F.relu(self.fusion(torch.cat([alf, elf], dim=2)))


def build(
    draw: Draw, widths: Mapping[str, int], classes: int, options: Architecture
) -> FusedNetwork:
    """As :func:`sersnake.networks.build_network` calls it."""
    return FusedNetwork(draw, widths["functionals"], classes, options)
