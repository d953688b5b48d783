"""The networks of a model in PyTorch's own layers, each with its z-score, to be exported."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.model.model import Model
from sersnake.networks import ACLN, FCN, Batch
from sersnake.networks.packing import REACH
from sersnake.training.scaling import ZScore


class _Scale(nn.Module):
    """A z-score as a part of the network."""

    mean: Tensor
    scale: Tensor

    def __init__(self, z: ZScore) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(z.mean))
        self.register_buffer("scale", torch.from_numpy(z.scale))

    def forward(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.scale


class ScaledACLN(nn.Module):
    """ACLN with its z-score: frames in; ALF, logits and attention out.

    One utterance needs no packing, and PyTorch's own layers are what an exporter knows.
    """

    inputs = ("frames",)
    outputs = ("alf", "logits", "attention")

    def __init__(self, z: ZScore, network: ACLN) -> None:
        """Takes the z-score of a frame and the network."""
        super().__init__()
        self.z, self.network = _Scale(z), network

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Frames ``(1, T, F)`` to ALF ``(1, 128)``, logits ``(1, C)``, weights ``(1, steps)``."""
        network = self.network
        maps = self.z(frames).transpose(1, 2)[:, None]
        for block in network.blocks:
            maps = _whole(block, maps)
        columns = maps.mean(2).transpose(1, 2)
        valid = torch.ones_like(columns[..., 0], dtype=torch.bool)
        alf, weights = network.weigh(columns, valid)
        return alf, network.output(alf), weights.mean(2)


def _whole(block: Any, maps: Tensor) -> Tensor:
    """A convolution block of maps ``(1, C, F, T)`` that are of one utterance alone."""
    convolution = F.conv2d(maps, block.convolution.weight, padding=REACH)
    maps = F.leaky_relu(block.norm(convolution), block.options.leaky_slope)
    if block.options.coefficient_pooling == "floor":
        maps = maps[:, :, : maps.shape[2] // 2 * 2]
    return F.max_pool2d(maps, 2, ceil_mode=True)


class ScaledFCN(nn.Module):
    """FCN with its z-score: functionals in; ELF and logits out."""

    inputs = ("functionals",)
    outputs = ("elf", "logits")

    def __init__(self, z: ZScore, network: FCN) -> None:
        """Takes the z-score of the functionals and the network."""
        super().__init__()
        self.z, self.network = _Scale(z), network

    def forward(self, functionals: Tensor) -> tuple[Tensor, Tensor]:
        """Functionals ``(N, D)`` to ELF ``(N, 1024)`` and logits ``(N, C)``."""
        elf = self.network.embed(Batch(self.z(functionals)))
        return elf, self.network.output(elf)


def scaled_networks(model: Model, member: int) -> dict[str, ScaledACLN | ScaledFCN]:
    """ACLN and FCN of a member of a model, as far as it has them, ready to evaluate."""
    networks: dict[str, ScaledACLN | ScaledFCN] = {}
    for name in model.networks:
        network = model.build(name)[member]
        if isinstance(network, ACLN):
            networks[name] = ScaledACLN(model.frames, network).eval()
        elif isinstance(network, FCN):
            networks[name] = ScaledFCN(model.vectors, network).eval()
    return networks
