"""Stochastic weight averaging (Izmailov et al. 2018) of M members of a stack."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PREFIX = "mean."


class WeightAverage:
    """Means over the ends of a phase's last epochs, of weights and running statistics.

    Attributes:
        state: ``mean.*``, named and shaped as the network's own tensors.
    """

    def __init__(self, network: nn.Module) -> None:
        """Takes a network all of whose tensors have the members' axis in front."""
        self._own = network.state_dict()
        self.state: dict[str, Tensor] = {
            PREFIX + name: torch.zeros_like(tensor) for name, tensor in self._own.items()
        }

    @torch.no_grad()
    def add(self, member: int, number: int) -> None:
        """Adds the end of an epoch, the ``number``-th (from 1) that a member's means are of."""
        for name, tensor in self._own.items():
            self.state[PREFIX + name][member].lerp_(tensor[member], 1 / number)

    @torch.no_grad()
    def take(self, member: int) -> None:
        """Puts the means in the place of a member's weights."""
        for name, tensor in self._own.items():
            tensor[member] = self.state[PREFIX + name][member]
