"""Adam for M members of a stack, each with its own rate and its own number of steps."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

BETAS, EPSILON = (0.9, 0.999), 1e-8


class StackedAdam:
    """Adam (Kingma and Ba 2015) on each member's part of the weights.

    Weight decay is decoupled (AdamW, Loshchilov and Hutter 2019) and of matrices and kernels alone;
    biases and batch norm's parameters, one value a channel, have none.

    A member that does not take part in a step keeps its weights, moments and step count. The
    arithmetic is PyTorch's fused operation; its optimiser classes would load a compiler first,
    which takes longer than many a training.

    Attributes:
        state: ``average.*``, ``square.*`` (as the weights) and ``step.*`` ``(M,)``, by the names
            of the weights.
    """

    def __init__(self, network: nn.Module, weight_decay: float = 0.0) -> None:
        """Takes a network all of whose parameters have the members' axis in front, and the decay.

        In a step a weight loses the learning rate times the decay of itself.
        """
        self.weight_decay = weight_decay
        self.parameters = dict(network.named_parameters())
        weights = {name: parameter.detach() for name, parameter in self.parameters.items()}
        members = len(next(iter(weights.values())))
        kinds = {
            "average": {name: torch.zeros_like(weight) for name, weight in weights.items()},
            "square": {name: torch.zeros_like(weight) for name, weight in weights.items()},
            "step": {name: weight.new_zeros(members) for name, weight in weights.items()},
        }
        self.state = {f"{k}.{n}": x for k, tensors in kinds.items() for n, x in tensors.items()}
        matrices = [name for name, weight in weights.items() if weight.ndim > 2]
        decaying = set(matrices if weight_decay else ())
        self.groups = {
            # What decays, and what does not; without decay one group holds all.
            decays: [name for name in weights if (name in decaying) == decays]
            for decays in (True, False)
            if decaying or not decays
        }
        self.views = [
            {
                decays: [
                    [tensors[name][member] for name in names]
                    for tensors in (weights, *kinds.values())
                ]
                for decays, names in self.groups.items()
            }
            for member in range(members)
        ]

    def step(self, rates: Mapping[int, float]) -> None:
        """One step with the network's gradients, of the members that have a learning rate."""
        gradients = {name: parameter.grad for name, parameter in self.parameters.items()}
        for member, rate in rates.items():
            for decays, names in self.groups.items():
                weights, averages, squares, steps = self.views[member][decays]
                torch._foreach_add_(steps, 1)
                update = torch._fused_adamw_ if decays else torch._fused_adam_
                found = (gradients[name] for name in names)
                update(
                    weights,
                    [gradient[member] for gradient in found if gradient is not None],
                    averages,
                    squares,
                    [],
                    steps,
                    lr=rate,
                    beta1=BETAS[0],
                    beta2=BETAS[1],
                    eps=EPSILON,
                    weight_decay=self.weight_decay if decays else 0.0,
                    amsgrad=False,
                    maximize=False,
                )
