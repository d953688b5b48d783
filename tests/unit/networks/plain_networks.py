"""The networks of Tables 1 and 2 written with PyTorch's own layers, one utterance at a time.

They take their weights from one member of a stack, and gradients flow back into that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from sersnake.networks import Architecture, Network

DEFAULT = Architecture()


class PlainACLN(nn.Module):
    def __init__(self, classes: int, options: Architecture) -> None:
        super().__init__()
        self.options = options
        channels = (1, 32, 64, 128, 256)
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "convolution": nn.Conv2d(inputs, outputs, 5, padding=2, bias=False),
                    "norm": nn.BatchNorm2d(outputs),
                }
            )
            for inputs, outputs in pairwise(channels)
        )
        self.lstm = nn.LSTM(256, 128, batch_first=True)
        self.attention = nn.ModuleDict({"context": nn.Linear(128, options.heads, bias=False)})
        if options.attention == "additive":
            self.attention["projection"] = nn.Linear(128, 128)
        self.output = nn.Linear(128, classes)

    def embed(self, utterances: Sequence[Tensor], vectors: Tensor) -> Tensor:
        """Utterances ``(frames, coefficients)`` to ``(B, 128)``."""
        maps = [frames.T[None, None] for frames in utterances]
        for block in self.blocks:
            found = [block["convolution"](each) for each in maps]  # type: ignore[index]
            normal = block["norm"](torch.cat(found, 3))  # type: ignore[index]
            parts = normal.split([each.shape[3] for each in found], 3)
            maps = [self._pool(F.leaky_relu(part, self.options.leaky_slope)) for part in parts]
        return torch.cat([self._attend(each.mean(2).transpose(1, 2)) for each in maps])

    def _pool(self, maps: Tensor) -> Tensor:
        if self.options.coefficient_pooling == "floor" and maps.shape[2] % 2:
            maps = maps[:, :, :-1]
        return F.max_pool2d(maps, 2, ceil_mode=True)

    def _attend(self, steps: Tensor) -> Tensor:
        states = self.lstm(steps)[0]
        if self.options.attention == "dot":
            energy = states @ self.attention["context"].weight.T / 128**0.5
        else:
            energy = self.attention["context"](torch.tanh(self.attention["projection"](states)))
        each = zip(energy.softmax(1).unbind(2), states.chunk(self.options.heads, 2), strict=True)
        return torch.cat([(weight[..., None] * values).sum(1) for weight, values in each], 1)

    def forward(self, utterances: Sequence[Tensor], vectors: Tensor, keep: Tensor) -> Tensor:
        return self.output(self.embed(utterances, vectors) * keep)


class PlainFCN(nn.Module):
    def __init__(self, functionals: int, classes: int) -> None:
        super().__init__()
        widths = (functionals, 256, 512, 1024)
        self.linears = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))
        self.norms = nn.ModuleList(map(nn.BatchNorm1d, widths[1:]))
        self.output = nn.Linear(1024, classes)

    def embed(self, utterances: Sequence[Tensor], vectors: Tensor) -> Tensor:
        for linear, norm in zip(self.linears, self.norms, strict=True):
            vectors = F.relu(norm(linear(vectors)))
        return vectors

    def forward(self, utterances: Sequence[Tensor], vectors: Tensor, keep: Tensor) -> Tensor:
        return self.output(self.embed(utterances, vectors) * keep)


class PlainFused(nn.Module):
    def __init__(self, functionals: int, classes: int, options: Architecture) -> None:
        super().__init__()
        self.acln, self.fcn = PlainACLN(classes, options), PlainFCN(functionals, classes)
        del self.acln.output, self.fcn.output
        self.fusion = nn.Linear(1152, options.fusion_width)
        self.output = nn.Linear(options.fusion_width, classes)

    def embed(self, utterances: Sequence[Tensor], vectors: Tensor) -> Tensor:
        both = [part.embed(utterances, vectors) for part in (self.acln, self.fcn)]
        return F.relu(self.fusion(torch.cat(both, 1)))

    def forward(self, utterances: Sequence[Tensor], vectors: Tensor, keep: Tensor) -> Tensor:
        return self.output(self.embed(utterances, vectors) * keep)


def make_plain(
    name: str, functionals: int, classes: int, options: Architecture
) -> PlainACLN | PlainFCN | PlainFused:
    if name == "acln":
        return PlainACLN(classes, options)
    if name == "fcn":
        return PlainFCN(functionals, classes)
    return PlainFused(functionals, classes, options)


class PlainMember:
    """One member of a stack in plain PyTorch.

    Attributes:
        weights: Copies of the member's arrays, by their names in the stack. Batch norm moves its
            running statistics in place; the others are leaves that collect gradients.
    """

    def __init__(
        self,
        name: str,
        network: Network,
        member: int,
        functionals: int,
        classes: int,
        options: Architecture = DEFAULT,
    ) -> None:
        self.network = make_plain(name, functionals, classes, options)
        parameters = dict(network.named_parameters())
        self.weights = {
            key: tensor[member].detach().clone().requires_grad_(key in parameters)
            for key, tensor in network.state_dict().items()
        }

    def __call__(self, utterances: Sequence[Tensor], vectors: Tensor, keep: Tensor) -> Tensor:
        self.network.train()
        weights = translated(self.weights)
        return functional_call(self.network, weights, (utterances, vectors, keep))

    @torch.no_grad()
    def embed(self, utterances: Sequence[Tensor], vectors: Tensor) -> Tensor:
        """Each utterance alone, with the running statistics."""
        self.network.load_state_dict(translated(self.weights), strict=False)
        self.network.eval()
        pairs = zip(utterances, vectors, strict=True)
        return torch.cat([self.network.embed([frames], row[None]) for frames, row in pairs])


def translated(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A member's arrays by the names, and in the layout, of PyTorch's layers."""
    found = {}
    for name, tensor in weights.items():
        path, _, kind = name.rpartition(".")
        if path.endswith("lstm"):
            key = {"inputs": "weight_ih_l0", "recurrent": "weight_hh_l0", "bias": "bias_ih_l0"}
            i, f, o, g = tensor.T.chunk(4) if tensor.ndim == 2 else tensor.chunk(4)
            found[f"{path}.{key[kind]}"] = torch.cat([i, f, g, o])
            if kind == "bias":
                found[f"{path}.bias_hh_l0"] = torch.zeros_like(tensor)
        else:
            found[name] = tensor
    return found
