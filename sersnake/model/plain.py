"""The networks of a model in PyTorch's own layers, one utterance at a time, to be exported."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.model.model import Model
from sersnake.networks.acln import CHANNELS
from sersnake.networks.convolution import KERNEL, REACH
from sersnake.networks.fcn import ELF_DIMENSION, WIDTHS
from sersnake.settings.architecture import ALF_DIMENSION, Architecture
from sersnake.training.scaling import ZScore

Weights = Mapping[str, Tensor]


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


class PlainACLN(nn.Module):
    """ACLN with its z-score: frames in; ALF, logits and attention out."""

    inputs = ("frames",)
    outputs = ("alf", "logits", "attention")

    def __init__(self, z: ZScore, weights: Weights, classes: int, options: Architecture) -> None:
        """Takes the z-score of a frame, a member's weights, the number of classes, options."""
        super().__init__()
        self.z, self.options = _Scale(z), options
        pairs = zip((1, *CHANNELS[:-1]), CHANNELS, strict=True)
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "convolution": nn.Conv2d(inputs, outputs, KERNEL, padding=REACH, bias=False),
                    "norm": nn.BatchNorm2d(outputs),
                }
            )
            for inputs, outputs in pairs
        )
        self.lstm = nn.LSTM(CHANNELS[-1], ALF_DIMENSION, batch_first=True)
        parts = {"context": nn.Linear(ALF_DIMENSION, options.heads, bias=False)}
        if options.attention == "additive":
            parts["projection"] = nn.Linear(ALF_DIMENSION, ALF_DIMENSION)
        self.attention = nn.ModuleDict(parts)
        self.output = nn.Linear(ALF_DIMENSION, classes)
        _load(self, _translated(weights))

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Frames ``(1, T, F)`` to ALF ``(1, 128)``, logits ``(1, C)``, weights ``(1, steps)``."""
        maps = self.z(frames).transpose(1, 2)[:, None]
        for block in self.blocks:
            normal = block["norm"](block["convolution"](maps))  # type: ignore[index]
            maps = self._pool(F.leaky_relu(normal, self.options.leaky_slope))
        states, _ = self.lstm(maps.mean(2).transpose(1, 2))
        weights = self._energy(states).softmax(1)
        slices = states.unflatten(2, (self.options.heads, -1))  # 1, steps, heads, .
        alf = (weights[..., None] * slices).sum(1).flatten(1)
        return alf, self.output(alf), weights.mean(2)

    def _pool(self, maps: Tensor) -> Tensor:
        if self.options.coefficient_pooling == "floor":
            maps = maps[:, :, : maps.shape[2] // 2 * 2]
        return F.max_pool2d(maps, 2, ceil_mode=True)

    def _energy(self, states: Tensor) -> Tensor:
        context = self.attention["context"]
        if "projection" not in self.attention:
            energy: Tensor = context(states) * ALF_DIMENSION**-0.5
        else:
            energy = context(torch.tanh(self.attention["projection"](states)))
        return energy


class PlainFCN(nn.Module):
    """FCN with its z-score: functionals in; ELF and logits out."""

    inputs = ("functionals",)
    outputs = ("elf", "logits")

    def __init__(self, z: ZScore, weights: Weights, classes: int) -> None:
        """Takes the z-score of the functionals, a member's weights, the number of classes."""
        super().__init__()
        self.z = _Scale(z)
        widths = (len(z.mean), *WIDTHS)
        self.linears = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))
        self.norms = nn.ModuleList(map(nn.BatchNorm1d, widths[1:]))
        self.output = nn.Linear(ELF_DIMENSION, classes)
        _load(self, weights)

    def forward(self, functionals: Tensor) -> tuple[Tensor, Tensor]:
        """Functionals ``(N, D)`` to ELF ``(N, 1024)`` and logits ``(N, C)``."""
        vectors = self.z(functionals)
        for linear, norm in zip(self.linears, self.norms, strict=True):
            vectors = F.relu(norm(linear(vectors)))
        return vectors, self.output(vectors)


def plain_networks(model: Model, member: int) -> dict[str, PlainACLN | PlainFCN]:
    """ACLN and FCN of a member of a model, as far as it has them."""
    found: dict[str, PlainACLN | PlainFCN] = {}
    for name, arrays in model.networks.items():
        weights = {key: torch.from_numpy(array[member]) for key, array in arrays.items()}
        if name == "acln":
            found[name] = PlainACLN(model.frames, weights, len(model.labels), model.options)
        elif name == "fcn":
            found[name] = PlainFCN(model.vectors, weights, len(model.labels))
    return found


def _load(network: nn.Module, weights: Weights) -> None:
    """Takes weights over; the z-score and batch norm's counters stay as they are."""
    known = network.state_dict()
    there = {name: tensor for name, tensor in known.items() if _is_not_trained(name)}
    network.load_state_dict({**there, **weights})
    network.eval()


def _is_not_trained(name: str) -> bool:
    return name.startswith("z.") or name.endswith("num_batches_tracked")


def _translated(weights: Weights) -> dict[str, Tensor]:
    """ACLN's weights with the LSTM's by the names, and in the order of gates, of PyTorch's."""
    found = {name: tensor for name, tensor in weights.items() if not name.startswith("lstm.")}
    named = {"inputs": "weight_ih_l0", "recurrent": "weight_hh_l0", "bias": "bias_ih_l0"}
    for name, other in named.items():
        tensor = weights[f"lstm.{name}"]
        i, f, o, g = (tensor.T if tensor.ndim == 2 else tensor).chunk(4)
        found[f"lstm.{other}"] = torch.cat([i, f, g, o])
    return found | {"lstm.bias_hh_l0": torch.zeros_like(found["lstm.bias_ih_l0"])}
