"""Each loss and its gradient against the formula written out, term by term, in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from sersnake.settings.losses import Objective
from sersnake.settings.schedule import Schedule
from sersnake.training.losses import cross_entropy, focal_loss, hard_example_weights, make_loss
from tests.unit.training.test_training import make_fold, train

LOGITS = torch.tensor(
    [[2.0, -1.0, 0.5], [0.1, 0.2, 0.3], [-3.0, 4.0, 1.0], [0.0, 0.0, 9.0], [8.0, -2.0, 0.0]],
    dtype=torch.float64,
)
LABELS = torch.tensor([0, 2, 1, 2, 1])
SHARES = np.array([0.2, 0.4, 0.4])
HARD_INDEX = np.array([0.1, 1.0, 0.0, 0.35, 0.8])


def chances() -> list[float]:
    """Predicted probability of each true class."""
    probabilities = []
    for row, label in zip(LOGITS.tolist(), LABELS.tolist(), strict=True):
        powers = [math.exp(value) for value in row]
        probabilities.append(powers[label] / sum(powers))
    return probabilities


def he_loss(logits: Tensor, labels: Tensor) -> Tensor:
    weights = torch.from_numpy(hard_example_weights(HARD_INDEX, labels.numpy(), SHARES))
    return weights * cross_entropy(logits, labels)


def focal(logits: Tensor, labels: Tensor) -> Tensor:
    return focal_loss(logits, labels, gamma=2.0, alpha=torch.from_numpy(1 - SHARES))


def test_cross_entropy_by_hand() -> None:
    expected = [-math.log(p) for p in chances()]
    np.testing.assert_allclose(cross_entropy(LOGITS, LABELS), expected, rtol=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_focal_loss_by_hand(gamma: float) -> None:
    alpha = [0.5, 1.0, 2.0]
    expected = [
        -alpha[label] * (1 - p) ** gamma * math.log(p)
        for p, label in zip(chances(), LABELS.tolist(), strict=True)
    ]
    losses = focal_loss(LOGITS, LABELS, gamma=gamma, alpha=torch.tensor(alpha, dtype=torch.float64))
    np.testing.assert_allclose(losses, expected, rtol=1e-10)


def test_hard_example_loss_by_hand() -> None:
    expected = [
        -h * (1 - SHARES[label]) * math.log(p)
        for h, p, label in zip(HARD_INDEX, chances(), LABELS.tolist(), strict=True)
    ]
    np.testing.assert_allclose(he_loss(LOGITS, LABELS), expected, rtol=1e-12)


@pytest.mark.parametrize("loss", [cross_entropy, focal, he_loss])
def test_gradients_are_those_of_the_formula(loss: object) -> None:
    logits = LOGITS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, LABELS), (logits,))  # type: ignore[operator]


@pytest.mark.parametrize("loss", [cross_entropy, focal, he_loss])
def test_certain_answers_have_finite_losses_and_gradients(loss: object) -> None:
    logits = torch.tensor([[200.0, -200, 0], [-200, 200, 0]] * 2 + [[0.0, 0, 0]]).requires_grad_()
    labels = torch.tensor([0, 0, 0, 0, 0])
    values = loss(logits, labels)  # type: ignore[operator]
    values.sum().backward()
    assert logits.grad is not None
    assert values.isfinite().all() and logits.grad.isfinite().all()


def test_the_focal_loss_of_a_fold_weighs_a_class_by_what_it_is_not() -> None:
    loss = make_loss(Objective(loss="focal"), SHARES, torch.device("cpu"))
    np.testing.assert_allclose(loss(LOGITS, LABELS), focal(LOGITS, LABELS), rtol=1e-6)
    assert make_loss(Objective(), SHARES, torch.device("cpu")) is cross_entropy


def test_a_fold_trains_with_the_focal_loss() -> None:
    schedule = Schedule(epochs=8, batch_size=8, learning_rate=1e-3)
    fold, plain = make_fold(loss="focal"), make_fold()
    losses, plain_losses = (
        [row["loss"] for row in train(folds, schedule).history] for folds in (fold, plain)
    )
    assert losses[-1] < losses[0]
    assert losses != plain_losses
