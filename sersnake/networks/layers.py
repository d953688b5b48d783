"""Layers of a stack: M members with weights of their own, computed in one go.

Every tensor has the member's axis in front. A stack of one is an ordinary network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM, EPSILON = 0.1, 1e-5  # of batch norm, PyTorch's


class Draw:
    """Draws first weights, each member's from its own seed alone."""

    def __init__(self, seeds: Sequence[int]) -> None:
        """Takes a seed per member."""
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __len__(self) -> int:
        """Number of members."""
        return len(self.generators)

    def __call__(self, *shape: int, fan_in: int) -> nn.Parameter:
        """``(M, *shape)``, uniform within one over the root of the fan-in, as PyTorch draws."""
        bound = fan_in**-0.5
        drawn = [torch.empty(shape).uniform_(-bound, bound, generator=g) for g in self.generators]
        return nn.Parameter(torch.stack(drawn))

    def constant(self, value: float, *shape: int) -> nn.Parameter:
        """``(M, *shape)``, all the same."""
        return nn.Parameter(torch.full((len(self), *shape), float(value)))


def product(left: Tensor, right: Tensor) -> Tensor:
    """Matrix product per member, ``(M, ., K)`` by ``(M, K, .)``; one alone takes a shorter way."""
    return (left.squeeze(0) @ right.squeeze(0))[None] if len(left) == 1 else left @ right


def lowered(tensor: Tensor) -> Tensor:
    """The tensor in the type that autocast computes in, where it is on."""
    device = tensor.device.type
    if not torch.is_autocast_enabled(device):
        return tensor
    return tensor.to(torch.get_autocast_dtype(device))


class _Multiply(torch.autograd.Function):
    """``(M, B, inputs)`` by the weights ``(M, outputs, inputs)``.

    The weights' gradient comes as a product that has their own layout. Left to autograd it would be
    the transposed one, which takes a stack twice the time.
    """

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(vectors, weight)
        return product(vectors, weight.transpose(1, 2))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor]:
        vectors, weight = ctx.saved_tensors
        of_vectors = product(gradient, weight) if ctx.needs_input_grad[0] else None
        return of_vectors, product(gradient.transpose(1, 2), vectors)


class Linear(nn.Module):
    """Fully connected layer, ``(M, B, inputs)`` to ``(M, B, outputs)``."""

    def __init__(self, draw: Draw, inputs: int, outputs: int, bias: bool = True) -> None:
        """Takes the members' draw and the widths."""
        super().__init__()
        self.weight = draw(outputs, inputs, fan_in=inputs)
        self.bias = draw(outputs, fan_in=inputs) if bias else None

    def forward(self, vectors: Tensor) -> Tensor:
        """Multiplies and adds."""
        output = _Multiply.apply(lowered(vectors), lowered(self.weight))
        return output if self.bias is None else output + self.bias[:, None]


class Norm(nn.Module):
    """Weights and running statistics of batch norm, ``(M, channels)`` each."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, draw: Draw, channels: int) -> None:
        """Takes the members' draw and the number of channels."""
        super().__init__()
        self.weight, self.bias = draw.constant(1, channels), draw.constant(0, channels)
        self.register_buffer("running_mean", torch.zeros(len(draw), channels))
        self.register_buffer("running_var", torch.ones(len(draw), channels))


class BatchNorm(Norm):
    """Batch norm of vectors ``(M, B, D)``, each member by its own utterances.

    A member with a single utterance takes its running statistics: one utterance has no variance,
    and a single hard example must still be trainable.
    """

    def forward(self, vectors: Tensor, present: Tensor) -> Tensor:
        """Normalises; ``present`` is ``bool (M, B)``."""
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = self._statistics(vectors, present)
        scale = self.weight * torch.rsqrt(var + EPSILON)
        return torch.addcmul((self.bias - mean * scale)[:, None], vectors, scale[:, None])

    def _statistics(self, vectors: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        share = present[..., None].to(vectors.dtype)
        count = share.sum(1)
        mean = (vectors * share).sum(1) / count.clamp_min(1)
        var = ((vectors - mean[:, None]).square() * share).sum(1) / count.clamp_min(1)
        with torch.no_grad():
            rate = MOMENTUM * (count > 1)
            self.running_mean += rate * (mean - self.running_mean)
            unbiased = var * (count / (count - 1).clamp_min(1))
            self.running_var += rate * (unbiased - self.running_var)
        several = count > 1
        return (
            torch.where(several, mean, self.running_mean),
            torch.where(several, var, self.running_var),
        )
