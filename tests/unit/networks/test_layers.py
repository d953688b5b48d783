"""The fully connected layer of a stack against PyTorch's, and its gradient against differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional as F

from sersnake.networks import Draw
from sersnake.networks.layers import Linear


def make(members: int, bias: bool) -> tuple[Linear, Tensor]:
    """A layer and 5 vectors per member for it, in float64."""
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn((members, 5, 3), generator=generator, dtype=torch.float64)
    return Linear(Draw(range(members)), 3, 2, bias).double(), vectors.requires_grad_()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("members", [1, 2])
def test_each_member_is_a_linear_layer(members: int, bias: bool) -> None:
    layer, vectors = make(members, bias)
    each = zip(vectors, *layer.parameters(), strict=True)
    expected = [F.linear(*arrays) for arrays in each]
    torch.testing.assert_close(layer(vectors), torch.stack(expected), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("members", [1, 2])
def test_gradients_agree_with_differences(members: int, bias: bool) -> None:
    layer, vectors = make(members, bias)
    names = [name for name, _ in layer.named_parameters()]

    def multiplied(vectors: Tensor, *weights: Tensor) -> Tensor:
        return functional_call(layer, dict(zip(names, weights, strict=True)), vectors)

    assert torch.autograd.gradcheck(multiplied, (vectors, *layer.parameters()))
    # As of a first layer, whose vectors need no gradient.
    assert torch.autograd.gradcheck(multiplied, (vectors.detach(), *layer.parameters()))


@pytest.mark.parametrize("members", [1, 2])
def test_autocast_multiplies_in_bfloat16_and_gives_float32_gradients(members: int) -> None:
    layer, vectors = make(members, bias=False)
    layer, vectors = layer.float(), vectors.detach().float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        output = layer(vectors)
        expected = vectors @ layer.weight.transpose(1, 2)
    assert output.dtype == torch.bfloat16
    leaves = (vectors, layer.weight)
    upstream = torch.ones_like(output)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(
        torch.autograd.grad(output, leaves, upstream),
        torch.autograd.grad(expected, leaves, upstream),
    )
