"""The convolutions of a stack against PyTorch's, a member at a time."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from sersnake.networks import Draw
from sersnake.networks.convolution import Convolution


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("inputs", [1, 2, 8])
def test_values_and_gradients_are_conv2d_s(members: int, inputs: int) -> None:
    generator = torch.Generator().manual_seed(0)
    layer = Convolution(Draw(range(members)), inputs, 6).double()
    shape = (2, 7, 20, members, inputs)  # strips, coefficients, steps
    maps = torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
    images = maps.permute(3, 0, 4, 1, 2)
    pairs = zip(images, layer.weight, strict=True)
    expected = torch.stack([F.conv2d(x, kernel, padding=2) for x, kernel in pairs])
    output = layer(maps).permute(3, 0, 4, 1, 2)
    torch.testing.assert_close(output, expected, rtol=1e-12, atol=1e-12)
    upstream = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    leaves = (maps, layer.weight)
    gradients = torch.autograd.grad(output, leaves, upstream)
    torch.testing.assert_close(
        gradients, torch.autograd.grad(expected, leaves, upstream), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("inputs", [1, 8])
def test_autocast_computes_in_bfloat16(inputs: int) -> None:
    layer = Convolution(Draw([0]), inputs, 6)
    maps = torch.randn((1, 7, 20, 1, inputs), generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = layer(maps)
    assert output.dtype == torch.bfloat16
    torch.testing.assert_close(output.float(), layer(maps), rtol=0, atol=0.02)
