"""Attention over the steps of an utterance, with a learned context vector per head."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Weighted means over steps, side by side; a learned context vector per head gives the weights.

    Each head reads the whole state and weights its own slice of the values.
    """

    def __init__(self, dimension: int, kind: str, heads: int) -> None:
        """Takes the dimension of a step, ``additive`` or ``dot``, and heads."""
        super().__init__()
        self.projection = nn.Linear(dimension, dimension) if kind == "additive" else None
        self.context = nn.Linear(dimension, heads, bias=False)

    def forward(self, states: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Attends to the valid steps.

        Args:
            states: ``(B, S, D)``.
            valid: ``bool (B, S)``.

        Returns:
            ``(B, D)``, and the weights ``(B, S, heads)``, whose sum over the steps is 1.
        """
        energy = self._energy(states).masked_fill(~valid[..., None], -torch.inf)
        weights = energy.softmax(1)
        slices = states.unflatten(2, (weights.shape[2], -1))  # B, S, heads, .
        return (weights[..., None] * slices).sum(1).flatten(1), weights

    def _energy(self, states: Tensor) -> Tensor:
        if self.projection is None:
            energy: Tensor = self.context(states) * states.shape[2] ** -0.5
        else:
            energy = self.context(torch.tanh(self.projection(states)))
        return energy
