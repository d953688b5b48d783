"""Batch norm, (leaky) ReLU and 2x2 max pooling of utterances that share strips of memory.

A strip holds utterances one after the other, with gaps between them. Only the columns that belong
to an utterance count: the others take no part in the statistics, and a pooled column without any
of them is zero.

On the CPU the C++ kernel takes two passes over the maps, forwards and backwards, instead of the
dozen of PyTorch's operations. The operations define the result and are used in all other cases.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from sersnake.features.extension import instruction_set, kernel

_KERNEL_TYPES = (torch.float32, torch.bfloat16)


def norm_relu_pool(maps: Tensor, mask: Tensor, norm: nn.BatchNorm2d, slope: float = 0.0) -> Tensor:
    """Batch norm of the columns that count, (leaky) ReLU and max pooling over pairs of both axes.

    In training the statistics of the batch normalise, and the running statistics move towards
    them; fewer than two positions, and evaluation, use the running ones.

    Args:
        maps: ``(N, C, F, T)``: N strips, C channels, F coefficients, T columns (even).
        mask: ``bool (N, T)``, the columns that belong to an utterance.
        norm: The batch norm.
        slope: Of the leaky ReLU below zero, at least 0 and less than 1; 0 is ReLU.

    Returns:
        ``(N, C, ceil(F / 2), T / 2)`` of the type of ``maps``. The arithmetic is float32, and
        float64 where ``maps`` is. NaN at a valid position stays visible.

    Raises:
        SersnakeError: The C++ extension is missing, or does not support the value of SERSNAKE_SIMD.
    """
    if maps.device.type != "cpu" or maps.dtype not in _KERNEL_TYPES:
        return reference(maps, mask, norm, slope)
    # A leaky ReLU follows its pooling.
    floor = -math.inf if slope else 0.0
    columns = maps.permute(0, 2, 3, 1).contiguous()
    if norm.training and maps.shape[2] * int(mask.sum()) > 1:
        pooled = _KernelNormPool.apply(columns, mask, norm.weight, norm.bias, norm, floor)
    elif torch.is_grad_enabled() and (maps.requires_grad or norm.weight.requires_grad):
        return reference(maps, mask, norm, slope)
    else:
        scale, shift = _affine(norm)
        pooled = _forward(columns, mask, scale.detach(), shift.detach(), floor)[0]
    pooled = pooled.permute(0, 3, 1, 2)
    return F.leaky_relu(pooled, slope) if slope else pooled


def reference(maps: Tensor, mask: Tensor, norm: nn.BatchNorm2d, slope: float = 0.0) -> Tensor:
    """:func:`norm_relu_pool` in PyTorch operations alone."""
    exact = maps.to(torch.promote_types(maps.dtype, torch.float32))
    valid = mask[:, None, None]
    exact = torch.where(valid, exact, 0)
    mean, var = norm.running_mean, norm.running_var
    if norm.training:
        mean, var = _batch_statistics(exact, valid, norm)
    assert mean is not None and var is not None
    scale = norm.weight * torch.rsqrt(var + norm.eps)
    normal = (exact - mean[:, None, None]) * scale[:, None, None] + norm.bias[:, None, None]
    # Both rectifiers are monotone: what is largest before them is largest after them.
    pooled = F.max_pool2d(torch.where(valid, normal, -torch.inf), 2, ceil_mode=True)
    return _rectified(pooled, mask, slope).to(maps.dtype)


def _batch_statistics(maps: Tensor, valid: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Mean and biased variance ``(C,)`` that normalise; the running ones are updated."""
    assert norm.running_mean is not None and norm.running_var is not None
    assert norm.momentum is not None
    count = maps.shape[2] * valid.sum()
    divisor = count.clamp(min=2).to(maps.dtype)
    mean = maps.sum((0, 2, 3)) / divisor
    var = torch.where(valid, maps - mean[:, None, None], 0).square().sum((0, 2, 3)) / divisor
    usable = count > 1
    mean = torch.where(usable, mean, norm.running_mean)
    unbiased = torch.where(usable, var * (divisor / (divisor - 1)), norm.running_var)
    var = torch.where(usable, var, norm.running_var)
    with torch.no_grad():
        norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), norm.momentum)
        norm.running_var.lerp_(unbiased.to(norm.running_var.dtype), norm.momentum)
    return mean, var


def _rectified(pooled: Tensor, mask: Tensor, slope: float) -> Tensor:
    """ReLU or leaky ReLU of pooled maps; minus infinity, where nothing was pooled, becomes 0."""
    if slope == 0:
        return F.relu(pooled)
    left = mask.unflatten(1, (-1, 2)).any(2)[:, None, None]
    return F.leaky_relu(pooled, slope).where(left, 0)


def _affine(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Factor and summand of each channel, by the running statistics."""
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return scale, norm.bias - norm.running_mean * scale


class _KernelNormPool(torch.autograd.Function):
    """Training with the kernel, of maps ``(N, F, T, C)`` with at least two positions."""

    @staticmethod
    def forward(
        ctx: Any,
        maps: Tensor,
        mask: Tensor,
        gamma: Tensor,
        beta: Tensor,
        norm: nn.BatchNorm2d,
        floor: float,
    ) -> Tensor:
        assert norm.running_mean is not None and norm.running_var is not None
        assert norm.momentum is not None
        moments = kernel().masked_moments(
            instruction_set(), _array(maps), _array(mask.view(torch.uint8)), _threads()
        )
        mean, var = (torch.from_numpy(vector) for vector in moments[:2])
        ctx.count = moments[2]
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(var * (ctx.count / (ctx.count - 1)), norm.momentum)
        inverse_deviation = torch.rsqrt(var + norm.eps)
        scale = gamma * inverse_deviation
        out, winner = _forward(maps, mask, scale, beta - mean * scale, floor)
        ctx.save_for_backward(maps, mask, winner, mean, inverse_deviation, gamma)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        maps, mask, winner, mean, inverse_deviation, gamma = ctx.saved_tensors
        out = torch.empty_like(maps)
        inputs = (winner, maps, mask.view(torch.uint8), mean, inverse_deviation, gamma)
        gammas, betas = kernel().norm_pool_backward(
            instruction_set(),
            _array(gradient.contiguous()),
            *map(_array, inputs),
            ctx.count,
            _array(out),
            _threads(),
        )
        return out, None, torch.from_numpy(gammas), torch.from_numpy(betas), None, None


def _forward(
    maps: Tensor, mask: Tensor, scale: Tensor, shift: Tensor, floor: float
) -> tuple[Tensor, Tensor]:
    """The pooled maps and which position of its window each value comes from."""
    strips, coefficients, columns, channels = maps.shape
    out = maps.new_empty((strips, (coefficients + 1) // 2, columns // 2, channels))
    winner = torch.empty_like(out, dtype=torch.uint8)
    inputs = map(_array, (maps, mask.view(torch.uint8), scale, shift))
    kernel().norm_pool(instruction_set(), *inputs, floor, _array(out), _array(winner), _threads())
    return out, winner


def _array(tensor: Tensor) -> NDArray[Any]:
    """The memory of a tensor as a type that NumPy has, unlike bfloat16."""
    tensor = tensor.detach()
    array: NDArray[Any] = (
        tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    ).numpy()
    return array


def _threads() -> int:
    """Number of threads of the kernel; the result does not depend on it."""
    return torch.get_num_threads()
