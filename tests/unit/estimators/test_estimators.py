"""The scikit-learn estimators and the losses as modules."""

from __future__ import annotations

import math
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch.nn import functional as F

import sersnake
from sersnake import (
    FocalLoss,
    HardExampleClassifier,
    HardExampleLoss,
    IndependentFusionClassifier,
    hard_index,
)
from sersnake.errors import SersnakeError, SersnakeWarning
from sersnake.training.losses import focal_loss, hard_example_weights
from sersnake.training.mining import choose_beta

# Ten times as quick as the defaults, which leaves the hard index few values.
QUICK = HardExampleClassifier(
    epochs=4, retraining_epochs=2, learning_rate=1e-3, device="cpu", random_state=0
)
pytestmark = pytest.mark.filterwarnings("ignore::sersnake.errors.SersnakeWarning")
ESTIMATORS = [QUICK, IndependentFusionClassifier(network=QUICK, random_state=0)]


@parametrize_with_checks(ESTIMATORS)
def test_estimators_keep_what_scikit_learn_promises(
    estimator: Any, check: Callable[[Any], None]
) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Three classes, some examples of which are of the wrong one."""
    X, y = make_classification(
        200, 12, n_informative=6, n_classes=3, flip_y=0.15, class_sep=1.5, random_state=1
    )
    return X, np.array(["low", "mid", "top"])[y]


def test_hard_examples_are_those_that_were_misclassified(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    classifier = HardExampleClassifier(hard_share=0.3, random_state=0, device="cpu").fit(*data)
    assert classifier.hard_index_.shape == classifier.hard_.shape == (200,)
    assert classifier.beta_ == choose_beta(classifier.hard_index_, 0.3)
    assert np.array_equal(classifier.hard_, classifier.hard_index_ >= classifier.beta_)
    wrong = classifier.predict(data[0]) != data[1]
    assert classifier.hard_index_[wrong].mean() > 3 * classifier.hard_index_[~wrong].mean()
    phases = [row["phase"] for row in classifier.history_]
    assert phases == ["cross_entropy"] * 40 + ["hard_examples"] * 10


@pytest.mark.parametrize("seed", range(3))
def test_the_defaults_can_reach_the_share_of_hard_examples(seed: int) -> None:
    X, y = make_classification(
        120, 12, n_informative=6, n_classes=3, flip_y=0.15, class_sep=1.5, random_state=seed
    )
    slow = HardExampleClassifier(retraining_epochs=0, random_state=seed, device="cpu").fit(X, y)
    fast = HardExampleClassifier(
        epochs=10, learning_rate=1e-3, retraining_epochs=0, random_state=seed, device="cpu"
    ).fit(X, y)
    assert len(np.unique(slow.hard_index_)) > 2 * len(np.unique(fast.hard_index_))
    for asked in (0.2, 0.3, 0.506):
        reached = np.mean(slow.hard_index_ >= choose_beta(slow.hard_index_, asked))
        assert reached == pytest.approx(asked, abs=0.1)


def test_the_answers_depend_on_no_number_of_threads_and_leave_it_as_it_was() -> None:
    X, y = make_classification(86, 384, n_informative=40, n_classes=3, random_state=0)
    before, answers = torch.get_num_threads(), []
    try:
        for threads in (1, 4):
            torch.set_num_threads(threads)
            network = HardExampleClassifier(epochs=2, device="cpu", random_state=0).fit(X, y)
            answers.append(network.embed(X))
            assert torch.get_num_threads() == threads
            with pytest.raises(SersnakeError):
                network.set_params(dropout=1.0).fit(X, y)
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(*answers)


def test_a_share_that_is_missed_is_told_with_the_reason(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    coarse = HardExampleClassifier(epochs=2, hard_share=0.02, random_state=0, device="cpu")
    with pytest.warns(SersnakeWarning, match="hard_share is 2.0%: the hard index has") as told:
        coarse.fit(*data)
    assert f"{coarse.hard_.mean():.1%} of the examples" in str(told[0].message)
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        coarse.set_params(beta=0.5).fit(*data)


def test_beta_overrides_the_share_and_no_epochs_leave_re_training_out(
    data: tuple[np.ndarray, np.ndarray],
) -> None:
    words: dict[str, Any] = QUICK.get_params() | {"retraining_epochs": 10}
    first = HardExampleClassifier(**(words | {"beta": 0.9})).fit(*data)
    assert np.array_equal(first.hard_, first.hard_index_ >= 0.9)
    without = HardExampleClassifier(**(words | {"retraining_epochs": 0})).fit(*data)
    assert {row["phase"] for row in without.history_} == {"cross_entropy"}
    assert np.array_equal(without.hard_index_, first.hard_index_)
    assert not np.allclose(without.predict_proba(data[0]), first.predict_proba(data[0]))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_same_seed_same_answers_another_seed_others(
    estimator: Any, data: tuple[np.ndarray, np.ndarray]
) -> None:
    X, y = data
    score = "predict_proba" if hasattr(estimator, "predict_proba") else "decision_function"
    answers = [
        getattr(clone(estimator).set_params(random_state=seed).fit(X, y), score)(X)
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(answers[0], answers[1])
    assert not np.array_equal(answers[0], answers[2])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_they_work_in_pipelines_and_cross_validation_and_are_kept(
    estimator: Any, data: tuple[np.ndarray, np.ndarray]
) -> None:
    X, y = data
    model = make_pipeline(StandardScaler(), estimator)
    assert cross_val_score(model, X, y, cv=3).mean() > 0.6
    fitted = model.fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))  # what scikit-learn's users do with their own
    assert np.array_equal(again.predict(X), fitted.predict(X))


def test_each_network_of_a_fusion_sees_its_own_block(data: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = data
    fused = IndependentFusionClassifier(split=5, network=QUICK, random_state=0).fit(X, y)
    assert [network.n_features_in_ for network in fused.networks_] == [5, 7]
    changed = X.copy()
    changed[:, 5:] = 0
    first, second = fused.networks_
    np.testing.assert_array_equal(first.embed(X[:, :5]), first.embed(changed[:, :5]))
    (part,) = fused.classifier_.parts
    assert part.scaling.weights.shape == (2 * 1024,)
    assert second.random_state != first.random_state


@pytest.mark.parametrize("split", [0, 12, -1])
def test_a_block_without_columns_is_refused(
    split: int, data: tuple[np.ndarray, np.ndarray]
) -> None:
    with pytest.raises(ValueError, match="split"):
        IndependentFusionClassifier(split=split).fit(*data)


def test_settings_out_of_range_are_refused(data: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(SersnakeError, match="dropout"):
        HardExampleClassifier(dropout=1.0).fit(*data)
    with pytest.raises(SersnakeError, match="hard_share"):
        HardExampleClassifier(epochs=1, hard_share=0.0).fit(*data)


# ---- Losses


def test_the_hard_example_loss_is_equation_3() -> None:
    shares, index = torch.tensor([0.2, 0.3, 0.5]), torch.tensor([1.0, 0.5, 0.0])
    labels = torch.tensor([0, 2, 1])
    logits = torch.randn(3, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    losses = HardExampleLoss(shares, reduction="none")(logits, labels, index)
    p = logits.softmax(1)[range(3), labels]
    expected = -index * (1 - shares[labels]) * p.log()
    torch.testing.assert_close(losses, expected)
    weights = hard_example_weights(index.numpy(), labels.numpy(), shares.numpy())
    torch.testing.assert_close(
        losses, torch.tensor(weights) * F.cross_entropy(logits, labels, reduction="none")
    )
    torch.testing.assert_close(HardExampleLoss(shares)(logits, labels, index), losses.mean())
    total = HardExampleLoss(shares, "sum")(logits, labels, index)
    torch.testing.assert_close(total, losses.sum())
    total.backward()
    assert logits.grad is not None and (logits.grad[2] == 0).all()  # h_i = 0 teaches nothing


def test_the_focal_loss_is_that_of_the_workflow() -> None:
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    labels, alpha = torch.tensor([0, 1, 2, 1, 0]), torch.tensor([0.3, 0.7, 1.0])
    losses = FocalLoss(gamma=1.5, alpha=alpha, reduction="none")(logits, labels)
    torch.testing.assert_close(losses, focal_loss(logits, labels, gamma=1.5, alpha=alpha))
    torch.testing.assert_close(FocalLoss(gamma=0)(logits, labels), F.cross_entropy(logits, labels))


def test_losses_go_to_a_device_and_a_file_with_their_weights() -> None:
    assert set(HardExampleLoss(torch.tensor([0.5, 0.5])).state_dict()) == {"shares"}
    assert set(FocalLoss(alpha=torch.ones(2)).state_dict()) == {"alpha"}
    assert not list(FocalLoss().state_dict())


@pytest.mark.parametrize(
    "make",
    [
        lambda: HardExampleLoss(torch.tensor([0.5, 1.5])),
        lambda: HardExampleLoss(torch.ones(2, 2)),
        lambda: HardExampleLoss(torch.ones(2), "median"),  # type: ignore[arg-type]
        lambda: FocalLoss(gamma=-1),
        lambda: FocalLoss(gamma=math.nan),
        lambda: FocalLoss(reduction="all"),  # type: ignore[arg-type]
    ],
)
def test_losses_refuse_what_they_cannot_be(make: Callable[[], object]) -> None:
    with pytest.raises(SersnakeError):
        make()


# ---- The names at the top


def test_every_public_name_is_there() -> None:
    for name in sersnake.__all__:
        assert getattr(sersnake, name) is not None
    # R of 0, 3 and 5 of 6 is 0, 1 and log2(6); who was always wrong has 1.
    index = hard_index(np.array([0, 3, 5, 6]), np.array([6, 6, 6, 6]))
    np.testing.assert_allclose(index, [0, 1 / math.log2(6), 1, 1])
