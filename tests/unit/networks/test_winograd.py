"""The convolution by Winograd's algorithm is PyTorch's, but for rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sersnake.features.extension import SIMD_VARIABLE, kernel
from sersnake.networks.winograd import WinogradConvolution

PATHS = kernel().supported()
SHAPES = [  # strips, inputs, coefficients, columns, outputs
    (3, 32, 7, 40, 64),
    (2, 64, 4, 24, 128),
    (2, 128, 2, 8, 256),
    (1, 32, 1, 4, 16),
    (1, 16, 6, 12, 32),
]
TOLERANCE = 1e-4  # of the deviation; the largest of float32's errors


def layer(inputs: int, outputs: int) -> WinogradConvolution:
    torch.manual_seed(0)
    return WinogradConvolution(inputs, outputs, 5, padding=2, bias=False)


def random_maps(strips: int, channels: int, coefficients: int, columns: int) -> Tensor:
    shape = (strips, channels, coefficients, columns)
    values = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    return values.contiguous(memory_format=torch.channels_last)


def run(convolution: nn.Conv2d, maps: Tensor) -> list[Tensor]:
    """The output, and the gradients of maps and weights."""
    maps = maps.clone().requires_grad_()
    out = convolution(maps)
    out.backward(torch.arange(out.numel()).remainder(23).sub(11).view_as(out).to(out))
    assert maps.grad is not None and convolution.weight.grad is not None
    return [out.detach(), maps.grad, convolution.weight.grad]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("shape", SHAPES)
def test_output_and_gradients_are_those_of_a_convolution(
    shape: tuple[int, int, int, int, int], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SIMD_VARIABLE, path)
    *of_maps, outputs = shape
    maps, convolution = random_maps(*of_maps), layer(of_maps[1], outputs)
    exact = nn.Conv2d(of_maps[1], outputs, 5, padding=2, bias=False).double()
    exact.load_state_dict(convolution.state_dict())
    for actual, expected in zip(run(convolution, maps), run(exact, maps.double()), strict=True):
        assert (actual - expected).abs().max() <= TOLERANCE * expected.std()


def test_its_kernel_is_asked_where_it_fits_and_pytorch_elsewhere() -> None:
    convolution, plain = layer(16, 32), nn.Conv2d(16, 32, 5, padding=2, bias=False)
    plain.load_state_dict(convolution.state_dict())
    fitting = random_maps(1, 16, 3, 8)
    assert not torch.equal(convolution(fitting), plain(fitting))  # they round in other ways
    odd = random_maps(1, 16, 3, 6)
    assert torch.equal(convolution(odd), plain(odd))
    with torch.autocast("cpu", torch.bfloat16):
        assert convolution(fitting).dtype == torch.bfloat16
    assert convolution.double()(fitting.double()).dtype == torch.float64


@pytest.mark.parametrize(
    ("maps", "points", "message"),
    [
        ((1, 2, 6, 16), (8, 1, 2, 16), "no multiple of 4"),
        ((1, 2, 8, 12), (8, 2, 2, 12), "none of 16"),
        ((1, 2, 8, 16), (8, 3, 2, 16), "points: wrong"),
        ((2, 8, 16), (8, 2, 2, 16), "four dimensions"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    maps: tuple[int, ...], points: tuple[int, ...], message: str
) -> None:
    arrays = [np.zeros(shape, np.float32) for shape in (maps, points)]
    with pytest.raises(ValueError, match=message):
        kernel().winograd(PATHS[0], "inputs", *arrays, 1)


def test_an_unknown_transform_is_refused() -> None:
    arrays = np.zeros((1, 1, 4, 16), np.float32), np.zeros((8, 1, 1, 16), np.float32)
    with pytest.raises(ValueError, match="inputs_back or outputs_back, not forwards"):
        kernel().winograd(PATHS[0], "forwards", *arrays, 1)
