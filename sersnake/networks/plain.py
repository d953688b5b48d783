"""ACLN and FCN as one writes them in PyTorch: its own layers, one network, padded batches.

They say what the stacks compute: tests hold the stacks against them, benchmarks time them, and an
ONNX file is one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.acln import CHANNELS
from sersnake.networks.batch import valid_steps
from sersnake.networks.convolution import KERNEL, REACH
from sersnake.networks.fcn import ELF_DIMENSION, WIDTHS
from sersnake.settings.architecture import ALF_DIMENSION, DEFAULT_ARCHITECTURE, Architecture

# The LSTM's arrays in a stack, and what PyTorch calls them.
LSTM_NAMES = {"inputs": "weight_ih_l0", "recurrent": "weight_hh_l0", "bias": "bias_ih_l0"}


class PlainBlock(nn.Module):
    """Convolution, batch norm, (leaky) ReLU and pooling."""

    def __init__(self, inputs: int, outputs: int, options: Architecture) -> None:
        """Takes the numbers of channels, and options."""
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, KERNEL, padding=REACH, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.options = options

    def forward(self, maps: Tensor, valid: Tensor | None) -> Tensor:
        """Maps ``(B, inputs, F, T)`` to half of F and T.

        With ``valid``, ``bool (B, T)``, batch norm sees these steps alone, the others take no part
        in the pooling, and what is pooled of none of them is zero.
        """
        maps = self.convolution(maps)
        if valid is None:
            return self._pool(self._normalise(maps))
        columns = maps.movedim(3, 1)  # B, T, outputs, F
        normal = self._normalise(columns[valid][..., None])[..., 0]
        filled = torch.full_like(columns, -torch.inf).index_put((valid,), normal)
        pooled = self._pool(filled.movedim(1, 3))
        return pooled.masked_fill(pooled == -torch.inf, 0)

    def _normalise(self, maps: Tensor) -> Tensor:
        return F.leaky_relu(self.norm(maps), self.options.leaky_slope)

    def _pool(self, maps: Tensor) -> Tensor:
        if self.options.coefficient_pooling == "floor":
            maps = maps[:, :, : maps.shape[2] // 2 * 2]
        return F.max_pool2d(maps, 2, ceil_mode=True)


class PlainACLN(nn.Module):
    """Table 1; of more than 16 coefficients the mean over what four poolings leave is taken."""

    def __init__(
        self,
        classes: int,
        options: Architecture = DEFAULT_ARCHITECTURE,
        *,
        dropout: float = 0.0,
        masked: bool = True,
    ) -> None:
        """Takes the number of emotions, options, and the rate before the output layer.

        Not masked, padding is computed on like speech, and only the attention leaves it out.
        """
        super().__init__()
        self.options, self.masked = options, masked
        pairs = pairwise((1, *CHANNELS))
        self.blocks = nn.ModuleList(PlainBlock(*pair, options) for pair in pairs)
        self.lstm = nn.LSTM(CHANNELS[-1], ALF_DIMENSION, batch_first=True)
        self.attention = nn.ModuleDict()
        if options.attention == "additive":
            self.attention["projection"] = nn.Linear(ALF_DIMENSION, ALF_DIMENSION)
        self.attention["context"] = nn.Linear(ALF_DIMENSION, options.heads, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(ALF_DIMENSION, classes)

    def embed_and_weigh(
        self, frames: Tensor, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """ALF, and what the attention weighs each step with.

        Args:
            frames: ``(B, T, F)``, zero behind the end of each utterance.
            lengths: ``int64 (B,)``, frames of each utterance; all of them have T without it.

        Returns:
            ``(B, 128)`` and ``(B, steps, heads)``.
        """
        maps = frames.transpose(1, 2)[:, None]
        for block in self.blocks:
            valid = None
            if lengths is not None:
                valid = valid_steps(lengths, maps.shape[3]) if self.masked else None
                lengths = (lengths + 1) // 2
            maps = block(maps, valid)
        states, _ = self.lstm(maps.mean(2).transpose(1, 2))
        energy = self._energy(states)
        if lengths is not None:
            padding = ~valid_steps(lengths, states.shape[1])
            energy = energy.masked_fill(padding[..., None], -torch.inf)
        weights = energy.softmax(1)
        slices = states.unflatten(2, (self.options.heads, -1))  # B, steps, heads, .
        return (weights[..., None] * slices).sum(1).flatten(1), weights

    def embed(self, frames: Tensor, lengths: Tensor | None = None) -> Tensor:
        """ALF ``(B, 128)``; arguments as those of :meth:`embed_and_weigh`."""
        return self.embed_and_weigh(frames, lengths)[0]

    def forward(self, frames: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits ``(B, classes)``; arguments as those of :meth:`embed_and_weigh`."""
        logits: Tensor = self.output(self.dropout(self.embed(frames, lengths)))
        return logits

    def _energy(self, states: Tensor) -> Tensor:
        context = self.attention["context"]
        if "projection" not in self.attention:
            energy: Tensor = context(states) * ALF_DIMENSION**-0.5
        else:
            energy = context(torch.tanh(self.attention["projection"](states)))
        return energy


class PlainFCN(nn.Module):
    """Table 2."""

    def __init__(self, functionals: int, classes: int, *, dropout: float = 0.0) -> None:
        """Takes the numbers of functionals and emotions, and the rate before the output layer."""
        super().__init__()
        widths = (functionals, *WIDTHS)
        self.linears = nn.ModuleList(map(nn.Linear, widths[:-1], widths[1:]))
        self.norms = nn.ModuleList(map(nn.BatchNorm1d, WIDTHS))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(ELF_DIMENSION, classes)

    def embed(self, vectors: Tensor) -> Tensor:
        """Functionals ``(B, D)`` to ELF ``(B, 1024)``."""
        for linear, norm in zip(self.linears, self.norms, strict=True):
            vectors = F.relu(norm(linear(vectors)))
        return vectors

    def forward(self, vectors: Tensor) -> Tensor:
        """Functionals ``(B, D)`` to logits ``(B, classes)``."""
        logits: Tensor = self.output(self.dropout(self.embed(vectors)))
        return logits


def plain_state(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """One member's arrays by the names, and with the gates in the order, of PyTorch's layers.

    Args:
        weights: By their names in the stack, without the member's axis. Gradients flow back.
    """
    state = {}
    for name, tensor in weights.items():
        path, _, kind = name.rpartition(".")
        if not path.endswith("lstm"):
            state[name] = tensor
            continue
        i, f, o, g = (tensor.T if tensor.ndim == 2 else tensor).chunk(4)
        state[f"{path}.{LSTM_NAMES[kind]}"] = torch.cat([i, f, g, o])
        if kind == "bias":  # PyTorch adds two
            state[f"{path}.bias_hh_l0"] = torch.zeros_like(tensor)
    return state
