"""One LSTM layer for M members at once, with its gradient written out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from sersnake.networks.layers import Draw, product


class LSTM(nn.Module):
    """LSTM (Hochreiter and Schmidhuber 1997) over steps, from a state of zeros."""

    def __init__(self, draw: Draw, inputs: int, hidden: int) -> None:
        """Takes the members' draw and the widths. Gates lie in the order i, f, o, g."""
        super().__init__()
        self.inputs = draw(inputs, 4 * hidden, fan_in=hidden)
        self.recurrent = draw(hidden, 4 * hidden, fan_in=hidden)
        self.bias = draw(4 * hidden, fan_in=hidden)

    def forward(self, steps: Tensor) -> Tensor:
        """Steps ``(M, S, B, inputs)`` to hidden states ``(M, S, B, hidden)``."""
        driven = product(steps.flatten(1, 2), self.inputs) + self.bias[:, None]
        # The recurrence itself is small; float32 costs it little and keeps its sums exact.
        with torch.autocast(steps.device.type, enabled=False):
            return _Recurrence.apply(driven.unflatten(1, steps.shape[1:3]), self.recurrent)


class _Recurrence(torch.autograd.Function):
    """What an LSTM does with its inputs once they are multiplied.

    Step by step through autograd the bookkeeping costs more than the arithmetic.
    """

    @staticmethod
    def forward(ctx: Any, driven: Tensor, recurrent: Tensor) -> Tensor:
        members, steps, batch, width = driven.shape
        hidden = width // 4
        gates = driven.transpose(0, 1).clone(memory_format=torch.contiguous_format)
        cells = gates.new_zeros(steps + 1, members, batch, hidden)
        states = torch.zeros_like(cells)
        squashed = gates.new_empty(steps, members, batch, hidden)
        for step in range(steps):
            gate = gates[step].baddbmm_(states[step], recurrent)
            gate[..., : 3 * hidden].sigmoid_()
            gate[..., 3 * hidden :].tanh_()
            i, f, o, g = gate.chunk(4, -1)
            torch.mul(f, cells[step], out=cells[step + 1]).addcmul_(i, g)
            torch.tanh(cells[step + 1], out=squashed[step])
            torch.mul(o, squashed[step], out=states[step + 1])
        ctx.save_for_backward(gates, cells, states, squashed, recurrent)
        return states[1:].transpose(0, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        gates, cells, states, squashed, recurrent = ctx.saved_tensors
        steps, hidden = len(gates), cells.shape[-1]
        i, f, o, g = gates.chunk(4, -1)
        sigmoid, tanh = gates[..., : 3 * hidden], g
        # What each gate's derivative is multiplied with, for all steps at once.
        slopes = torch.cat([sigmoid * (1 - sigmoid), 1 - tanh.square()], -1)
        slopes[..., :hidden] *= g
        slopes[..., hidden : 2 * hidden] *= cells[:-1]
        slopes[..., 2 * hidden : 3 * hidden] *= squashed
        slopes[..., 3 * hidden :] *= i
        to_cell = o * (1 - squashed.square())
        state_gradients = gradient.transpose(0, 1)
        gate_gradients = torch.empty_like(gates)
        of_state, of_cell = torch.zeros_like(cells[0]), torch.zeros_like(cells[0])
        turned = recurrent.transpose(1, 2).contiguous()
        for step in reversed(range(steps)):
            of_state += state_gradients[step]
            of_cell.addcmul_(of_state, to_cell[step])
            by_gate, slope = (x[step].unflatten(-1, (4, hidden)) for x in (gate_gradients, slopes))
            torch.mul(slope, of_cell[..., None, :], out=by_gate)
            torch.mul(slope[..., 2, :], of_state, out=by_gate[..., 2, :])
            of_cell *= f[step]
            of_state = torch.bmm(gate_gradients[step], turned)
        before = states[:-1].transpose(0, 1).flatten(1, 2)
        of_gates = gate_gradients.transpose(0, 1)
        return of_gates, product(before.transpose(1, 2), of_gates.flatten(1, 2))
