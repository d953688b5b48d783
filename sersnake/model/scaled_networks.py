"""The networks of a model in PyTorch's own layers, each with its z-score, to be exported."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.model.model import Model
from sersnake.model.torch_network import restored
from sersnake.networks import ACLN, Batch, Network
from sersnake.networks.packing import REACH
from sersnake.settings.networks import FUSED
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


class ScaledNetwork(nn.Module):
    """A network with its z-score: features in; embedding and logits out."""

    outputs: tuple[str, ...] = ("embedding", "logits")

    def __init__(self, z: ZScore, network: Network, frames: bool) -> None:
        """Takes the z-score, the network, and whether it reads a row per frame."""
        super().__init__()
        self.z, self.network, self.frames = _Scale(z), network, frames

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Frames ``(1, T, F)`` or vectors ``(N, F)`` to embedding and logits of each utterance."""
        lengths = torch.full((1,), features.shape[1]) if self.frames else None
        batch = Batch(self.z(features), lengths)
        return self.network.embed(batch), self.network(batch)


class ScaledACLN(ScaledNetwork):
    """ACLN with its z-score: frames in; ALF, logits and attention out.

    One utterance needs no packing, and PyTorch's own layers are what an exporter knows.
    """

    outputs = (*ScaledNetwork.outputs, "attention")
    network: Any

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Frames ``(1, T, F)`` to ALF ``(1, 128)``, logits ``(1, C)``, weights ``(1, steps)``."""
        network = self.network
        maps = self.z(features).transpose(1, 2)[:, None]
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


def scaled_networks(model: Model, member: int) -> dict[str, ScaledNetwork]:
    """The networks of a member of a model by their streams, ready to evaluate; no fused one."""
    networks: dict[str, ScaledNetwork] = {}
    for name in model.networks:
        if name == FUSED:
            continue
        stream = model.read_by(name)[name]
        weights = {key: array[member] for key, array in model.networks[name].items()}
        width = len(model.scalings[stream.features].mean)
        network = restored(stream.network, weights, width, len(model.labels))
        form = ScaledACLN if isinstance(network, ACLN) else ScaledNetwork
        frames = model.extraction.frames(stream.features)
        networks[name] = form(model.scalings[stream.features], network, frames).eval()
    return networks
