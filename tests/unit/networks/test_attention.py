"""Attention against the sums that define it, written out an utterance and a head at a time."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from sersnake.networks.attention import Attention
from sersnake.networks.batch import valid_steps

DIMENSION = 6
LENGTHS = torch.tensor([3, 1, 5])

kinds = pytest.mark.parametrize("kind", ["additive", "dot"])
heads_ = pytest.mark.parametrize("heads", [1, 2, 6])


def make(kind: str, heads: int) -> tuple[Attention, Tensor, Tensor]:
    """A layer, steps ``(3, 5, D)`` in float64, and which of them are valid."""
    layer = Attention(DIMENSION, kind, heads).double()
    generator = torch.Generator().manual_seed(0)
    steps = 3 * torch.randn((3, 5, DIMENSION), generator=generator, dtype=torch.float64)
    return layer, steps.requires_grad_(), valid_steps(LENGTHS, 5)


def written_out(layer: Attention, steps: Tensor, utterance: int) -> Tensor:
    """The output ``(D,)`` for one utterance."""
    length, heads = int(LENGTHS[utterance]), layer.context.weight.shape[0]
    states, heads_output = steps[utterance, :length], []
    for head, context in enumerate(layer.context.weight):
        if layer.projection is None:
            energies = [state @ context / DIMENSION**0.5 for state in states]
        else:
            weight, bias = layer.projection.weight, layer.projection.bias
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
    expected = torch.stack([written_out(layer, steps, utterance) for utterance in range(3)])
    output, weights = layer(steps, valid)
    torch.testing.assert_close(weights.sum(1), torch.ones_like(weights[:, 0]))
    assert not weights[~valid].any()
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
def test_one_step_is_taken_as_it_is(kind: str) -> None:
    layer, steps, valid = make(kind, 2)
    output, _ = layer(steps, valid)
    torch.testing.assert_close(output[1], steps[1, 0], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("kind", "arrays"), [("additive", 3), ("dot", 1)])
def test_dot_attention_learns_the_context_alone(kind: str, arrays: int) -> None:
    assert len(list(make(kind, 2)[0].parameters())) == arrays
