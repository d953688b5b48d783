"""Attention over the LSTM's states, of M members."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.networks.layers import Draw, Linear


class Attention(nn.Module):
    """Weighted means over steps, side by side; a learned context vector per head gives the weights.

    Each head looks at the whole state and weighs its own slice of the values.
    """

    def __init__(self, draw: Draw, dimension: int, kind: str, heads: int) -> None:
        """Takes the members' draw, the dimension of a step, ``additive`` or ``dot``, and heads."""
        super().__init__()
        self.projection = Linear(draw, dimension, dimension) if kind == "additive" else None
        self.context = Linear(draw, dimension, heads, bias=False)

    def forward(self, steps: Tensor, valid: Tensor) -> Tensor:
        """Steps ``(M, B, S, D)`` to ``(M, B, D)``; steps that are not valid weigh nothing."""
        weights = self.weights(steps, valid)
        slices = steps.unflatten(3, (weights.shape[2], -1)).transpose(2, 3)  # M, B, heads, S, .
        return (weights[:, :, :, None] @ slices).flatten(2)

    def weights(self, steps: Tensor, valid: Tensor) -> Tensor:
        """What each head weighs each step with, ``(M, B, heads, S)``; the sum over steps is 1."""
        energy = self._energy(steps.flatten(1, 2)).unflatten(1, valid.shape[1:]).transpose(2, 3)
        return F.softmax(energy.masked_fill(~valid[:, :, None], -torch.inf), dim=3)

    def _energy(self, states: Tensor) -> Tensor:
        """States ``(M, B * S, D)`` to ``(M, B * S, heads)``."""
        if self.projection is None:
            energy: Tensor = self.context(states) * states.shape[2] ** -0.5
        else:
            energy = self.context(torch.tanh(self.projection(states)))
        return energy
