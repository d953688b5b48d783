"""Attention against the sums that define it, written out an utterance and a head at a time."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from sersnake.networks import Draw
from sersnake.networks.attention import Attention
from sersnake.networks.batch import valid_steps

DIMENSION = 6
LENGTHS = torch.tensor([[3, 1, 5], [2, 5, 0]])  # of two members; 0 is an utterance that is missing

kinds = pytest.mark.parametrize("kind", ["additive", "dot"])
heads_ = pytest.mark.parametrize("heads", [1, 2, 6])


def make(kind: str, heads: int) -> tuple[Attention, Tensor, Tensor]:
    """A layer, steps ``(2, 3, 5, D)`` in float64, and which of them are valid."""
    layer = Attention(Draw(range(2)), DIMENSION, kind, heads).double()
    generator = torch.Generator().manual_seed(0)
    steps = 3 * torch.randn((2, 3, 5, DIMENSION), generator=generator, dtype=torch.float64)
    return layer, steps.requires_grad_(), valid_steps(LENGTHS.clamp_min(1), 5)


def written_out(layer: Attention, steps: Tensor, member: int, utterance: int) -> Tensor:
    """The output ``(D,)`` for one utterance."""
    length, heads = max(1, int(LENGTHS[member, utterance])), layer.context.weight.shape[1]
    states, heads_output = steps[member, utterance, :length], []
    for head, context in enumerate(layer.context.weight[member]):
        if layer.projection is None:
            energies = [state @ context / DIMENSION**0.5 for state in states]
        else:
            assert layer.projection.bias is not None
            weight, bias = layer.projection.weight[member], layer.projection.bias[member]
            energies = [torch.tanh(weight @ state + bias) @ context for state in states]
        shares = torch.stack(energies).exp()
        width = DIMENSION // heads
        values = states[:, head * width : (head + 1) * width]
        heads_output.append(shares @ values / shares.sum())
    return torch.cat(heads_output)


@kinds
@heads_
def test_each_head_weighs_its_slice_of_the_valid_steps(kind: str, heads: int) -> None:
    layer, steps, valid = make(kind, heads)
    expected = torch.stack(
        [torch.stack([written_out(layer, steps, m, u) for u in range(3)]) for m in range(2)]
    )
    output = layer(steps, valid)
    torch.testing.assert_close(output, expected, rtol=1e-12, atol=1e-12)
    leaves = (steps, *layer.parameters())
    upstream = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).view_as(output)
    torch.testing.assert_close(
        torch.autograd.grad(output, leaves, upstream),
        torch.autograd.grad(expected, leaves, upstream),
        rtol=1e-10,
        atol=1e-12,
    )


@kinds
@heads_
def test_gradients_agree_with_differences(kind: str, heads: int) -> None:
    layer, steps, valid = make(kind, heads)
    names = [name for name, _ in layer.named_parameters()]

    def attended(steps: Tensor, *weights: Tensor) -> Tensor:
        return functional_call(layer, dict(zip(names, weights, strict=True)), (steps, valid))

    assert torch.autograd.gradcheck(attended, (steps, *layer.parameters()))


@kinds
def test_one_step_is_taken_as_it_is(kind: str) -> None:
    layer, steps, valid = make(kind, 2)
    output = layer(steps, valid)
    torch.testing.assert_close(output[0, 1], steps[0, 1, 0], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("kind", "arrays"), [("additive", 3), ("dot", 1)])
def test_dot_attention_learns_the_context_alone(kind: str, arrays: int) -> None:
    assert len(list(make(kind, 2)[0].parameters())) == arrays
