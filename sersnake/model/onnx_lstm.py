"""PyTorch's LSTM as the operator of ONNX.

PyTorch's exporter traces the recurrence. In PyTorch 2.13 it then silently fixes the number of steps
of some networks, and of all networks after the first one of a process.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn


class OnnxLstm(nn.Module):
    """An LSTM of one layer and direction whose input has the batch in front; it is never run."""

    inputs: Tensor
    states: Tensor
    biases: Tensor

    def __init__(self, lstm: nn.LSTM) -> None:
        """Takes the LSTM that provides the weights."""
        super().__init__()
        self.hidden = lstm.hidden_size
        weights = lstm.state_dict()
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        inputs, states, *biases = (_reordered(weights[name]) for name in names)
        self.register_buffer("inputs", inputs[None])
        self.register_buffer("states", states[None])
        self.register_buffer("biases", torch.cat(biases)[None])

    def forward(
        self, steps: Tensor, start: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """States ``(N, S, D)`` of ``(N, S, F)``, and the last ones, as PyTorch's LSTM."""
        batch, count, _ = steps.shape
        last = (1, batch, self.hidden)
        states, hidden, cells = torch.onnx.ops.symbolic_multi_out(
            "LSTM",
            (
                *(steps.transpose(0, 1), self.inputs, self.states, self.biases),
                *((None, *start) if start else ()),
            ),
            {"hidden_size": self.hidden},
            dtypes=[steps.dtype] * 3,
            shapes=[(count, *last), last, last],
        )
        return states[:, 0].transpose(0, 1), (hidden, cells)


def _reordered(gates: Tensor) -> Tensor:
    """The gates input, forget, cell, output as input, output, forget, cell."""
    i, f, c, o = gates.chunk(4)
    return torch.cat([i, o, f, c])


def with_onnx_lstms(module: nn.Module) -> nn.Module:
    """A module whose LSTMs are exported as such; one of several layers or directions stays."""
    if not any(isinstance(child, nn.LSTM) for child in module.modules()):
        return module
    copy = deepcopy(module)
    for parent in list(copy.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.LSTM) and _plain(child):
                setattr(parent, name, OnnxLstm(child))
    return copy


def _plain(lstm: nn.LSTM) -> bool:
    further = lstm.bidirectional or lstm.proj_size or lstm.num_layers > 1
    return lstm.batch_first and lstm.bias and not further
