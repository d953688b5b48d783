"""Batch norm, (leaky) ReLU and 2x2 max pooling of utterances that share strips of memory.

A strip holds utterances one after the other, with gaps between them. Only the columns that belong
to an utterance count: the others take no part in the statistics, and a pooled column without any
of them is zero.

On the CPU the C++ kernel does it in two passes over the maps, forwards as backwards, instead of the
dozen of PyTorch's operations; they define the result and serve everything else.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from sersnake.features.extension import instruction_set, kernel
from sersnake.networks.layers import EPSILON, MOMENTUM

_KERNEL_TYPES = (torch.float32, torch.bfloat16)


def norm_relu_pool(
    maps: Tensor,
    mask: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    *,
    training: bool,
    slope: float = 0.0,
) -> Tensor:
    """Batch norm of each member's columns, (leaky) ReLU and max pooling over pairs of both axes.

    In training the statistics of the batch normalise, and the running statistics move towards
    them in place; a member with fewer than two positions, and evaluation, use the running ones.

    Args:
        maps: ``(N, F, T, M, C)``: N strips, F coefficients, T columns (even), M members of a
            stack, C channels.
        mask: ``bool (N, T, M)``, the columns that belong to an utterance.
        gamma: ``(M, C)``, the scale after normalisation.
        beta: ``(M, C)``, the shift after it.
        running_mean: ``(M, C)``.
        running_var: ``(M, C)``, unbiased.
        training: Whether the batch's statistics normalise.
        slope: Of the leaky ReLU below zero, at least 0 and less than 1; 0 is ReLU.

    Returns:
        ``(N, ceil(F / 2), T / 2, M, C)`` of the type of ``maps``. The arithmetic is float32, and
        float64 where ``maps`` is. NaN at a valid position stays visible.

    Raises:
        SersnakeError: The C++ extension is missing, or SERSNAKE_SIMD names what it has not.
    """
    arguments = (maps, mask, gamma, beta, running_mean, running_var)
    unknown = maps.device.type != "cpu" or maps.dtype not in _KERNEL_TYPES
    if unknown or maps.shape[3] != 1:
        return reference(*arguments, training=training, slope=slope)
    if not training:
        if torch.is_grad_enabled() and any(t.requires_grad for t in (maps, gamma, beta)):
            return reference(*arguments, training=False, slope=slope)
        return _leaked(_evaluated(*arguments, _floor(slope)), slope)
    if maps.shape[1] * int(mask.sum()) < 2:
        return reference(*arguments, training=True, slope=slope)
    return _leaked(_KernelNormPool.apply(*arguments, _floor(slope)), slope)


def reference(
    maps: Tensor,
    mask: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    *,
    training: bool,
    slope: float = 0.0,
) -> Tensor:
    """What :func:`norm_relu_pool` does, in PyTorch's operations alone."""
    exact = maps.to(torch.promote_types(maps.dtype, torch.float32))
    valid = mask[:, None, :, :, None]
    exact = torch.where(valid, exact, 0)
    mean, var = running_mean, running_var
    if training:
        count = maps.shape[1] * mask.sum((0, 1))[:, None]
        mean, var = _batch_statistics(exact, valid, count, running_mean, running_var)
    scale = gamma * torch.rsqrt(var + EPSILON)
    # Both rectifiers are monotone: what is largest before them is largest after them.
    pooled = _pool(torch.where(valid, (exact - mean) * scale + beta, -torch.inf))
    return _rectified(pooled, mask, slope).to(maps.dtype)


def _batch_statistics(
    maps: Tensor, valid: Tensor, count: Tensor, running_mean: Tensor, running_var: Tensor
) -> tuple[Tensor, Tensor]:
    """Mean and biased variance ``(M, C)`` that normalise; the running ones are updated."""
    divisor = count.clamp(min=2).to(maps.dtype)
    mean = maps.sum((0, 1, 2)) / divisor
    var = torch.where(valid, maps - mean, 0).square().sum((0, 1, 2)) / divisor
    usable = count > 1
    mean = torch.where(usable, mean, running_mean)
    unbiased = torch.where(usable, var * (divisor / (divisor - 1)), running_var)
    var = torch.where(usable, var, running_var)
    with torch.no_grad():
        running_mean.lerp_(mean.to(running_mean.dtype), MOMENTUM)
        running_var.lerp_(unbiased.to(running_var.dtype), MOMENTUM)
    return mean, var


def _pool(maps: Tensor) -> Tensor:
    """Maximum over pairs of both axes of ``(N, F, T, M, C)``; an odd last one stands alone."""
    planes = maps.flatten(3).permute(0, 3, 1, 2)
    pooled = F.max_pool2d(planes, 2, ceil_mode=True).permute(0, 2, 3, 1)
    return pooled.unflatten(3, maps.shape[3:])


def _rectified(pooled: Tensor, mask: Tensor, slope: float) -> Tensor:
    """ReLU or leaky ReLU of pooled maps; minus infinity, where nothing was pooled, becomes 0."""
    if slope == 0:
        return F.relu(pooled)
    left = mask.unflatten(1, (-1, 2)).any(2)[:, None, :, :, None]
    return F.leaky_relu(pooled, slope).where(left, 0)


def _floor(slope: float) -> float:
    """What the kernel takes for the lowest value; a leaky ReLU follows its pooling."""
    return -math.inf if slope else 0.0


def _leaked(pooled: Tensor, slope: float) -> Tensor:
    """What the kernel pooled, with the leaky ReLU that it has not got."""
    return F.leaky_relu(pooled, slope) if slope else pooled


def _evaluated(
    maps: Tensor,
    mask: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    floor: float,
) -> Tensor:
    """The kernel's result with the running statistics, without a gradient."""
    maps, mask = _single(maps.detach(), mask)
    scale = gamma.detach()[0] * torch.rsqrt(running_var[0] + EPSILON)
    shift = beta.detach()[0] - running_mean[0] * scale
    return _forward(maps, mask, scale, shift, floor)[0][:, :, :, None]


class _KernelNormPool(torch.autograd.Function):
    """Training with the kernel; one member, at least two positions."""

    @staticmethod
    def forward(
        ctx: Any,
        maps: Tensor,
        mask: Tensor,
        gamma: Tensor,
        beta: Tensor,
        running_mean: Tensor,
        running_var: Tensor,
        floor: float,
    ) -> Tensor:
        maps, mask = _single(maps, mask)
        moments = kernel().masked_moments(instruction_set(), _array(maps), _array(mask), _threads())
        mean, var = (torch.from_numpy(vector) for vector in moments[:2])
        ctx.count = moments[2]
        running_mean[0].lerp_(mean, MOMENTUM)
        running_var[0].lerp_(var * (ctx.count / (ctx.count - 1)), MOMENTUM)
        inverse_deviation = torch.rsqrt(var + EPSILON)
        scale = gamma[0] * inverse_deviation
        out, winner = _forward(maps, mask, scale, beta[0] - mean * scale, floor)
        ctx.save_for_backward(maps, mask, winner, mean, inverse_deviation, gamma)
        return out[:, :, :, None]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, mask, winner, mean, inverse_deviation, gamma = ctx.saved_tensors
        out = torch.empty_like(maps)
        gammas, betas = kernel().norm_pool_backward(
            instruction_set(),
            _array(gradient[:, :, :, 0].contiguous()),
            *map(_array, (winner, maps, mask, mean, inverse_deviation, gamma[0])),
            ctx.count,
            _array(out),
            _threads(),
        )
        vectors = (torch.from_numpy(vector)[None] for vector in (gammas, betas))
        return out[:, :, :, None], None, *vectors, None, None, None


def _single(maps: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Maps and mask of the only member, as the kernel takes them."""
    return maps[:, :, :, 0].contiguous(), mask[:, :, 0].contiguous().view(torch.uint8)


def _forward(
    maps: Tensor, mask: Tensor, scale: Tensor, shift: Tensor, floor: float
) -> tuple[Tensor, Tensor]:
    """The pooled maps and which position of its window each value comes from."""
    strips, coefficients, columns, channels = maps.shape
    out = maps.new_empty((strips, (coefficients + 1) // 2, columns // 2, channels))
    winner = torch.empty_like(out, dtype=torch.uint8)
    inputs = map(_array, (maps, mask, scale, shift))
    kernel().norm_pool(instruction_set(), *inputs, floor, _array(out), _array(winner), _threads())
    return out, winner


def _array(tensor: Tensor) -> NDArray[Any]:
    """The memory of a tensor, which NumPy has no bfloat16 for."""
    tensor = tensor.detach()
    array: NDArray[Any] = (
        tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    ).numpy()
    return array


def _threads() -> int:
    """Threads that the kernel takes; the result does not depend on them."""
    return torch.get_num_threads()
