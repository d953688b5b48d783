"""Adam for M members of a stack, each with its own rate and its own number of steps."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

BETAS, EPSILON = (0.9, 0.999), 1e-8


class StackedAdam:
    """Adam (Kingma and Ba 2015) on each member's part of the weights.

    A member that does not take part in a step keeps its weights, moments and step count. The
    arithmetic is PyTorch's fused operation; its optimiser classes would load a compiler first,
    which takes longer than many a training.

    Attributes:
        state: ``average.*``, ``square.*`` (as the weights) and ``step.*`` ``(M,)``, by the names
            of the weights.
    """

    def __init__(self, network: nn.Module) -> None:
        """Takes a network all of whose parameters have the members' axis in front."""
        self.parameters = list(network.parameters())
        weights = {name: weight.detach() for name, weight in network.named_parameters()}
        members = len(next(iter(weights.values())))
        kinds = {
            "average": {name: torch.zeros_like(weight) for name, weight in weights.items()},
            "square": {name: torch.zeros_like(weight) for name, weight in weights.items()},
            "step": {name: weight.new_zeros(members) for name, weight in weights.items()},
        }
        self.state = {f"{k}.{n}": x for k, tensors in kinds.items() for n, x in tensors.items()}
        self.views = [
            [
                [tensor[member] for tensor in tensors.values()]
                for tensors in (weights, *kinds.values())
            ]
            for member in range(members)
        ]

    def step(self, rates: Mapping[int, float]) -> None:
        """One step with the network's gradients, of the members that have a learning rate."""
        gradients = [parameter.grad for parameter in self.parameters]
        for member, rate in rates.items():
            weights, averages, squares, steps = self.views[member]
            torch._foreach_add_(steps, 1)
            torch._fused_adam_(
                weights,
                [gradient[member] for gradient in gradients if gradient is not None],
                averages,
                squares,
                [],
                steps,
                lr=rate,
                beta1=BETAS[0],
                beta2=BETAS[1],
                eps=EPSILON,
                weight_decay=0.0,
                amsgrad=False,
                maximize=False,
            )
