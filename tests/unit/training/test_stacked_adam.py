"""Adam on a stack against PyTorch's on each member alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from sersnake.networks import Draw
from sersnake.networks.layers import Linear
from sersnake.training.stacked_adam import StackedAdam

RATES = (1e-3, 0.1, 1.0)
TAKING_PART = [(True, True, False), (False, True, False), (True, False, True), (True, True, True)]


def draw_gradients(layer: nn.Module) -> list[Tensor]:
    """Gradients from 1e-6 to 1, a different one in every call."""
    generator = torch.Generator().manual_seed(len(list(layer.parameters())))
    sizes = (1e-6, 1.0)
    pairs = zip(layer.parameters(), sizes, strict=True)
    return [size * torch.randn(p.shape, generator=generator) for p, size in pairs]


def arrays(layer: nn.Module, adam: StackedAdam, member: int) -> dict[str, bytes]:
    """Weights, moments and step count of a member."""
    tensors = {**layer.state_dict(), **adam.state}
    return {name: tensor[member].numpy().tobytes() for name, tensor in tensors.items()}


def test_every_member_is_what_it_is_alone_and_rests_where_it_takes_no_part() -> None:
    layer = Linear(Draw(range(3)), 7, 5)
    adam = StackedAdam(layer)
    twins = [
        [nn.Parameter(p[member].detach().clone()) for p in layer.parameters()]
        for member in range(3)
    ]
    optimizers = [torch.optim.Adam(twin, lr=rate) for twin, rate in zip(twins, RATES, strict=True)]
    for step, taking_part in enumerate(TAKING_PART):
        gradients = [gradient * (step + 1) for gradient in draw_gradients(layer)]
        for parameter, gradient in zip(layer.parameters(), gradients, strict=True):
            parameter.grad = gradient
        before = [arrays(layer, adam, member) for member in range(3)]
        rates = {m: RATES[m] / 2**step for m in range(3) if taking_part[m]}
        adam.step(rates)
        for member, (twin, optimizer) in enumerate(zip(twins, optimizers, strict=True)):
            if not taking_part[member]:
                assert arrays(layer, adam, member) == before[member]
                continue
            for group in optimizer.param_groups:
                group["lr"] = rates[member]
            for parameter, gradient in zip(twin, gradients, strict=True):
                parameter.grad = gradient[member]
            optimizer.step()
            for weight, parameter in zip(layer.parameters(), twin, strict=True):
                torch.testing.assert_close(weight[member], parameter, rtol=1e-5, atol=1e-7)
    steps = [adam.state[f"step.{name}"].tolist() for name in ("weight", "bias")]
    np.testing.assert_array_equal(steps, [np.sum(TAKING_PART, 0)] * 2)
