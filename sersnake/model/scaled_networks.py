"""The networks of a model in PyTorch's own layers, each with its z-score, to be exported."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sersnake.model.model import Model
from sersnake.networks.plain import PlainACLN, PlainFCN, plain_state
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
    """ACLN with its z-score: frames in; ALF, logits and attention out."""

    inputs = ("frames",)
    outputs = ("alf", "logits", "attention")

    def __init__(self, z: ZScore, network: PlainACLN) -> None:
        """Takes the z-score of a frame and the network."""
        super().__init__()
        self.z, self.network = _Scale(z), network

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Frames ``(1, T, F)`` to ALF ``(1, 128)``, logits ``(1, C)``, weights ``(1, steps)``."""
        alf, weights = self.network.embed_and_weigh(self.z(frames))
        return alf, self.network.output(alf), weights.mean(2)


class ScaledFCN(nn.Module):
    """FCN with its z-score: functionals in; ELF and logits out."""

    inputs = ("functionals",)
    outputs = ("elf", "logits")

    def __init__(self, z: ZScore, network: PlainFCN) -> None:
        """Takes the z-score of the functionals and the network."""
        super().__init__()
        self.z, self.network = _Scale(z), network

    def forward(self, functionals: Tensor) -> tuple[Tensor, Tensor]:
        """Functionals ``(N, D)`` to ELF ``(N, 1024)`` and logits ``(N, C)``."""
        elf = self.network.embed(self.z(functionals))
        return elf, self.network.output(elf)


def scaled_networks(model: Model, member: int) -> dict[str, ScaledACLN | ScaledFCN]:
    """ACLN and FCN of a member of a model, as far as it has them, ready to evaluate."""
    classes = len(model.labels)
    networks: dict[str, ScaledACLN | ScaledFCN] = {}
    for name, arrays in model.networks.items():
        state = plain_state({key: torch.from_numpy(array[member]) for key, array in arrays.items()})
        if name == "acln":
            acln = PlainACLN(classes, model.options)
            acln.load_state_dict(state)
            networks[name] = ScaledACLN(model.frames, acln).eval()
        elif name == "fcn":
            fcn = PlainFCN(len(model.vectors.mean), classes)
            fcn.load_state_dict(state)
            networks[name] = ScaledFCN(model.vectors, fcn).eval()
    return networks
