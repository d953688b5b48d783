"""The 5x5 convolution of packed utterances with two fifths of the multiplications.

Over time, Winograd's F(4, 5) computes four outputs with eight products instead of twenty (Lavin and
Gray, "Fast Algorithms for Convolutional Neural Networks", 2016). Over coefficients, of which few
are left after some poolings, rows of padding are skipped. The products are matrix products, and the
C++ kernel transforms maps into their operands and back.

For float32 on the CPU it is 1.6 to 2.7 times as fast as PyTorch's convolution with AVX2 and 1.2 to
1.7 times with AVX-512; all other cases use PyTorch's. The two differ by rounding, 1e-5 of the
outputs' standard deviation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from sersnake.features.extension import instruction_set, kernel

POINTS, COLUMNS, CHANNELS = 8, 4, 16  # per tile; columns and channels have to be multiples
# The five weights evaluated at 0, 1, -1, 2, -2, 1/2, -1/2 and infinity: G, (8, 5).
_AT = torch.tensor([0, 1, -1, 2, -2, 0.5, -0.5], dtype=torch.float64)
_SCALES = torch.tensor([-1, -4.5, -4.5, 90, 90, 1.40625, 1.40625], dtype=torch.float64)
_FINITE = _AT[:, None] ** torch.arange(5) / _SCALES[:, None]
_INFINITE = torch.tensor([[0, 0, 0, 0, 1]], dtype=torch.float64)
WEIGHTS_AT_POINTS = torch.cat([_FINITE, _INFINITE]).float()


class WinogradConvolution(nn.Conv2d):
    """A convolution of 5x5 with padding 2 and without bias."""

    def forward(self, maps: Tensor) -> Tensor:
        """Maps ``(N, C, F, T)`` to ``(N, outputs, F, T)``."""
        if not self._fits(maps):
            return super().forward(maps)
        columns = maps.permute(0, 2, 3, 1).contiguous()
        convolved: Tensor = _Winograd.apply(columns, self.weight)
        return convolved.permute(0, 3, 1, 2)

    def _fits(self, maps: Tensor) -> bool:
        channels = self.in_channels % CHANNELS == self.out_channels % CHANNELS == 0
        columns = maps.shape[3] % COLUMNS == 0
        lower = torch.is_autocast_enabled("cpu")
        plain = maps.device.type == "cpu" and maps.dtype == torch.float32 and not lower
        return channels and columns and plain


class _Winograd(torch.autograd.Function):
    """Maps ``(N, F, T, C)`` and weights ``(outputs, C, 5, 5)`` to ``(N, F, T, outputs)``."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor) -> Tensor:
        points = _points_of("inputs", maps)
        weights = _weights_at_points(weight)
        products = points.new_empty((*points.shape[:3], len(weight)))
        for row, rows, taps in _neighbours(maps.shape[1]):
            torch.bmm(
                points[:, :, rows].flatten(2),
                weights[:, taps].flatten(1, 2),
                out=products[:, :, row],
            )
        out = maps.new_empty((*maps.shape[:3], len(weight)))
        _transform("outputs", out, products)
        ctx.save_for_backward(points, weights)
        ctx.shape = maps.shape
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        points, weights = ctx.saved_tensors
        products = _points_of("outputs_back", gradient.contiguous())
        of_points, of_weights = torch.zeros_like(points), torch.zeros_like(weights)
        for row, rows, taps in _neighbours(points.shape[2]):
            # Views: the sums stay in of_points and of_weights.
            of_points[:, :, rows].flatten(2).baddbmm_(
                products[:, :, row], weights[:, taps].flatten(1, 2).transpose(1, 2)
            )
            of_weights[:, taps].flatten(1, 2).baddbmm_(
                points[:, :, rows].flatten(2).transpose(1, 2), products[:, :, row]
            )
        maps = gradient.new_empty(ctx.shape)
        _transform("inputs_back", maps, of_points)
        of_steps = WEIGHTS_AT_POINTS.T @ of_weights.flatten(1)
        return maps, of_steps.view(-1, *of_weights.shape[1:]).permute(3, 2, 1, 0)


def _weights_at_points(weight: Tensor) -> Tensor:
    """Weights ``(outputs, C, 5, 5)``, whose last axis is time, as ``(8, 5, C, outputs)``."""
    of_steps = weight.permute(3, 2, 1, 0).contiguous()
    return (WEIGHTS_AT_POINTS @ of_steps.flatten(1)).view(POINTS, *of_steps.shape[1:])


def _neighbours(count: int) -> Iterator[tuple[int, slice, slice]]:
    """Each row, the rows within reach of it, and the kernel's rows that meet these."""
    for row in range(count):
        rows = slice(max(0, row - 2), min(count, row + 3))
        yield row, rows, slice(rows.start - row + 2, rows.stop - row + 2)


def _points_of(transform: str, maps: Tensor) -> Tensor:
    """The points ``(8, N * T / 4, F, C)`` of maps ``(N, F, T, C)``."""
    strips, rows, columns, channels = maps.shape
    points = maps.new_empty((POINTS, strips * columns // COLUMNS, rows, channels))
    _transform(transform, maps, points)
    return points


def _transform(transform: str, maps: Tensor, points: Tensor) -> None:
    arrays = [tensor.detach().numpy() for tensor in (maps, points)]
    kernel().winograd(instruction_set(), transform, *arrays, torch.get_num_threads())
