"""The LSTM of a stack against PyTorch's, and its gradient against differences."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from sersnake.networks import Draw
from sersnake.networks.lstm import LSTM
from sersnake.networks.plain import plain_state


def make(members: int, inputs: int, hidden: int, count: int = 6) -> tuple[LSTM, torch.Tensor]:
    """A layer and some steps of 3 utterances for it, in float64."""
    generator = torch.Generator().manual_seed(0)
    steps = torch.randn((members, count, 3, inputs), generator=generator, dtype=torch.float64)
    return LSTM(Draw(range(members)), inputs, hidden).double(), steps.requires_grad_()


@pytest.mark.parametrize("members", [1, 3])
def test_values_and_gradients_are_nn_lstm_s(members: int) -> None:
    """With the gates in the order i, f, o, g, which PyTorch has as i, f, g, o."""
    layer, steps = make(members, 5, 4)
    states = layer(steps)
    plain = nn.LSTM(5, 4).double()
    expected = []
    for member in range(members):
        weights = {f"lstm.{name}": p[member] for name, p in layer.named_parameters()}
        arrays = {name.removeprefix("lstm."): p for name, p in plain_state(weights).items()}
        expected.append(torch.func.functional_call(plain, arrays, steps[member])[0])
    torch.testing.assert_close(states, torch.stack(expected), rtol=1e-12, atol=1e-12)
    leaves = (steps, *layer.parameters())
    upstream = torch.cos(states.detach() * 50)
    gradients = torch.autograd.grad(states, leaves, upstream)
    expected_gradients = torch.autograd.grad(torch.stack(expected), leaves, upstream)
    torch.testing.assert_close(gradients, expected_gradients, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("members", [1, 2])
def test_gradients_agree_with_differences(members: int) -> None:
    layer, steps = make(members, 2, 2, count=3)
    names = [name for name, _ in layer.named_parameters()]

    def states(steps: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        arrays = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(layer, arrays, steps)

    assert torch.autograd.gradcheck(states, (steps, *layer.parameters()))


def test_later_steps_do_not_reach_earlier_ones() -> None:
    """So what lies behind the end of a shorter utterance does nothing to it."""
    layer, steps = make(2, 5, 4)
    changed = steps.detach().clone()
    changed[:, 4:] = 100.0
    assert torch.equal(layer(changed)[:, :4], layer(steps)[:, :4])
