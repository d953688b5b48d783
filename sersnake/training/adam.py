"""Adam without what PyTorch's optimiser classes load."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim.adam import adam


class Adam:
    """Adam (Kingma and Ba 2015), by PyTorch's own function.

    PyTorch's class of that name imports a compiler, which takes longer than many a training.

    Attributes:
        state: ``average.*`` and ``square.*``, of the shapes of the weights, and ``step.*``, each by
            the names of the weights.
    """

    def __init__(self, network: nn.Module) -> None:
        """Takes a network; weights that need no gradient stay as they are."""
        weights = {k: weight for k, weight in network.named_parameters() if weight.requires_grad}
        self.weights: list[Tensor] = list(weights.values())
        self.averages = [torch.zeros_like(weight) for weight in self.weights]
        self.squares = [torch.zeros_like(weight) for weight in self.weights]
        self.steps = [weight.new_zeros((), dtype=torch.float32) for weight in self.weights]
        kinds = {"average": self.averages, "square": self.squares, "step": self.steps}
        self.state: dict[str, Tensor] = {
            f"{kind}.{name}": tensor
            for kind, tensors in kinds.items()
            for name, tensor in zip(weights, tensors, strict=True)
        }

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """One step with the gradients that the weights have."""
        adam(
            self.weights,
            [torch.zeros_like(w) if w.grad is None else w.grad for w in self.weights],
            self.averages,
            self.squares,
            [],
            self.steps,
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=learning_rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )
