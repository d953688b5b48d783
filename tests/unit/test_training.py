"""Training repeats to the byte, counts what it got wrong, and stops where it should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from sersnake.batches import draw_batches, sorted_batches
from sersnake.dataset import Dataset
from sersnake.errors import SersnakeError
from sersnake.fold_training import FoldTraining
from sersnake.io import Features
from sersnake.scaling import ZScore
from sersnake.training import Schedule, pick_device

COUNT = 24
EMOTIONS = ["angry", "happy", "neutral", "sad"]
SCHEDULE = Schedule(epochs=3, batch_size=8, learning_rate=1e-3)


def make_fold(
    network: str = "fcn", shift: float = 0.0, seed: int = 0, loss: str = "cross_entropy"
) -> FoldTraining:
    """24 utterances of made-up features, 16 of them for training; ``shift`` moves the others."""
    rng = np.random.default_rng(3)
    names = [f"u{i:02d}" for i in range(COUNT)]
    labels = np.arange(COUNT) % 4
    train = np.arange(COUNT) < 16
    offset = np.where(train, 0.0, shift)
    mfcc = [
        rng.normal(labels[i] + offset[i], 1, (int(rng.integers(10, 40)), 13)).astype(np.float32)
        for i in range(COUNT)
    ]
    vectors = (rng.normal(0, 1, (COUNT, 384)) + (labels + offset)[:, None]).astype(np.float32)
    emotions = [EMOTIONS[label] for label in labels]
    parts = np.where(train, "train", "test")
    return FoldTraining(
        network,
        manifest=pd.DataFrame({"utterance": names, "emotion": emotions, "corpus": "demo"}),
        folds=pd.DataFrame({"fold": "0", "utterance": names, "part": parts}),
        fold="0",
        mfcc=Features.stack(names, mfcc, {}),
        functionals=Features.stack(names, [row[None] for row in vectors], {}),
        dropout=0.25,
        seed=seed,
        device="cpu",
        precision="float32",
        loss=loss,
    )


def weights_of(fold: FoldTraining) -> dict[str, NDArray[np.float32]]:
    return {k: v.copy() for k, v in fold.trainer.state().items()}


def silent(row: dict[str, float]) -> None:
    """Reports nothing."""


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_same_seed_same_bytes(network: str) -> None:
    runs = []
    for _ in range(2):
        fold = make_fold(network)
        phase = fold.train(SCHEDULE, 0, silent)
        runs.append((weights_of(fold), phase.history, fold.trainer.embed().tobytes()))
    assert runs[0][1] == runs[1][1]
    assert runs[0][2] == runs[1][2]
    assert all(np.array_equal(runs[0][0][name], runs[1][0][name]) for name in runs[0][0])


def test_another_seed_gives_other_weights() -> None:
    one, other = make_fold(seed=0), make_fold(seed=1)
    name = "network.layers.0.weight"
    assert not np.array_equal(weights_of(one)[name], weights_of(other)[name])


@pytest.mark.parametrize("network", ["acln", "fcn"])
def test_the_test_part_reaches_neither_weights_nor_history(network: str) -> None:
    plain, shifted = make_fold(network), make_fold(network, shift=50.0)
    assert plain.train(SCHEDULE, 0, silent).history == shifted.train(SCHEDULE, 0, silent).history
    left, right = weights_of(plain), weights_of(shifted)
    assert all(np.array_equal(left[name], right[name]) for name in left)


def test_going_on_from_saved_weights_equals_going_on() -> None:
    whole, resumed = make_fold(), make_fold()
    whole.train(SCHEDULE, 0, silent)
    state = weights_of(whole)
    after = whole.train(SCHEDULE, 3, silent)
    resumed.trainer.restore(state)
    assert resumed.train(SCHEDULE, 3, silent).history == after.history
    left, right = weights_of(whole), weights_of(resumed)
    assert all(np.array_equal(left[name], right[name]) for name in left)


def test_counts_are_of_the_training_part_and_agree_with_the_accuracy() -> None:
    fold = make_fold()
    phase = fold.train(SCHEDULE, 0, silent)
    counts = fold.counts(phase)
    assert counts["utterance"].tolist() == [f"u{i:02d}" for i in range(16)]
    assert set(counts["epochs"]) == {3}
    wrong = sum((1 - row["accuracy"]) * 16 for row in phase.history)
    assert counts["misclassified"].sum() == round(wrong)
    assert phase.misclassified[16:].sum() == 0


def hard_frame(hard: list[int], index: list[float]) -> pd.DataFrame:
    names = [f"u{i:02d}" for i in range(16)]
    return pd.DataFrame({"utterance": names, "hard_index": index, "hard": hard})


def test_easy_examples_have_no_part_in_retraining() -> None:
    hard = [1] * 6 + [0] * 10
    one, other = make_fold(), make_fold()
    one.retrain(hard_frame(hard, [0.8] * 16), SCHEDULE, 3, silent)
    other.retrain(hard_frame(hard, [0.8] * 6 + [0.1] * 10), SCHEDULE, 3, silent)
    left, right = weights_of(one), weights_of(other)
    assert all(np.array_equal(left[name], right[name]) for name in left)


def test_the_loss_of_retraining_is_equation_3() -> None:
    """Equation 3 written out in float64, on the first batch, before the first step."""
    fold = make_fold()
    index = np.linspace(0.1, 1.0, 16)
    still = Schedule(epochs=1, batch_size=16, learning_rate=1e-12)
    fold.trainer.network.dropout.p = 0.0
    row = fold.retrain(hard_frame([1] * 16, list(index)), still, 0, silent).history[0]
    twin = make_fold()
    twin.trainer.network.dropout.p = 0.0
    twin.trainer.network.train()
    batch = torch.arange(16)
    logits = twin.trainer.network(twin.trainer.dataset.batch(batch)).detach().double()
    chances = torch.softmax(logits, 1)[batch, twin.trainer.dataset.labels[:16]].numpy()
    expected = np.mean(-index * (1 - 0.25) * np.log(chances))
    assert row["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_a_single_hard_example_can_be_trained_on(network: str) -> None:
    fold = make_fold(network)
    phase = fold.retrain(hard_frame([1] + [0] * 15, [1.0] * 16), SCHEDULE, 3, silent)
    assert [row["epoch"] for row in phase.history] == [4, 5, 6]
    assert np.isfinite(fold.trainer.embed()).all()


def test_no_hard_example_leaves_the_network_as_it_is() -> None:
    fold = make_fold()
    before = weights_of(fold)
    assert fold.retrain(hard_frame([0] * 16, [0.0] * 16), SCHEDULE, 3, silent).history == []
    after = weights_of(fold)
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_hard_index_of_another_fold_is_refused() -> None:
    with pytest.raises(SersnakeError, match="another fold"):
        make_fold().retrain(hard_frame([1] * 16, [1.0] * 16)[:8], SCHEDULE, 3, silent)


def test_weights_of_another_network_are_refused() -> None:
    state = weights_of(make_fold("acln"))
    with pytest.raises(SersnakeError, match="another network"):
        make_fold("fcn").trainer.restore(state)


def test_a_loss_that_is_not_finite_stops_with_fold_epoch_and_batch() -> None:
    with pytest.raises(SersnakeError, match=r"fcn, fold 0: the loss of epoch \d+, batch \d of 2,"):
        make_fold().train(Schedule(epochs=20, batch_size=8, learning_rate=1e30), 0, silent)


def test_cosine_falls_to_zero_at_the_end() -> None:
    schedule = Schedule(epochs=10, batch_size=8, learning_rate=1.0, decay_epochs=4)
    rates = [row["learning_rate"] for row in make_fold().train(schedule, 0, silent).history]
    np.testing.assert_allclose(rates[:6], 1.0)
    np.testing.assert_allclose(rates[6:], [1.0, 0.8535534, 0.5, 0.1464466], rtol=1e-6)


def test_a_steady_loss_ends_the_phase_after_its_decay() -> None:
    schedule = Schedule(
        epochs=100,
        batch_size=8,
        learning_rate=1e-9,  # nothing is learnt: the loss is steady at once
        decay_epochs=3,
        steady_window=5,
        steady_tolerance=0.2,
    )
    assert make_fold().train(schedule, 0, silent).epochs == 2 * 5 + 3


def test_steadiness_compares_two_windows() -> None:
    schedule = Schedule(100, 8, 1e-3, steady_window=2, steady_tolerance=0.1)
    assert not schedule.is_steady([1.0, 1.0, 0.8])
    assert not schedule.is_steady([1.0, 1.0, 0.8, 0.8])
    assert schedule.is_steady([1.0, 1.0, 0.95, 0.9])


@pytest.mark.parametrize(
    "fields",
    [{"batch_size": 0}, {"learning_rate": 0.0}, {"decay_epochs": 4}, {"epochs": -1}],
)
def test_impossible_schedules_are_refused(fields: dict[str, float]) -> None:
    plain = {"epochs": 3, "batch_size": 8, "learning_rate": 1e-3}
    with pytest.raises(SersnakeError, match=next(iter(fields))):
        Schedule(**{**plain, **fields})  # type: ignore[arg-type]


def test_batches_hold_every_utterance_once_and_none_is_tiny() -> None:
    lengths = np.random.default_rng(0).integers(50, 500, 100)
    utterances = np.flatnonzero(np.arange(100) % 3 != 0)
    batches = draw_batches(utterances, lengths, 16, np.random.default_rng(1))
    assert sorted(np.concatenate(batches)) == sorted(utterances)
    assert {len(batch) for batch in batches} <= {13, 14}
    spread = np.mean([np.ptp(lengths[batch]) for batch in batches])
    assert spread < 0.75 * np.ptp(lengths)


def test_sorted_batches_hold_every_utterance_once() -> None:
    lengths = np.array([5, 3, 9, 1, 7])
    assert [list(batch) for batch in sorted_batches(lengths, 2)] == [[3, 1], [0, 4], [2]]


def test_padding_is_zero_whatever_the_features_are() -> None:
    names = ["a", "b"]
    rows = [np.full((3, 2), 5.0, np.float32), np.full((20, 2), 7.0, np.float32)]
    vectors = Features.stack(names, [np.zeros((1, 4), np.float32)] * 2, {})
    cpu = torch.device("cpu")
    labels = np.array([0, 1])
    dataset = Dataset(Features.stack(names, rows, {}), vectors, labels, np.array([0, 1]), cpu)
    batch = dataset.batch(torch.tensor([0, 1]))
    assert batch.frames.shape == (2, 32, 2)
    assert torch.all(batch.frames[0, 3:] == 0)
    assert torch.all(batch.frames[1, 20:] == 0)
    assert torch.all(batch.frames[0, :3] != 0)


def test_scaling_keeps_constant_columns_finite() -> None:
    rows = np.stack([np.full(100, 0.1), np.arange(100.0)], axis=1).astype(np.float32)
    scaled = ZScore.fit(rows)(rows)
    np.testing.assert_allclose(scaled[:, 0], 0, atol=1e-6)
    np.testing.assert_allclose(scaled[:, 1].std(), 1, rtol=1e-5)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(SersnakeError, match="device: 'gpu'"):
        pick_device("gpu")
