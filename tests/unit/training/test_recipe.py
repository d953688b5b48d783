"""Each option of the recipe does what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training.evaluation import predict
from sersnake.training.fold_training import FoldTraining
from tests.unit.training.test_training import (
    COUNT,
    SCHEDULE,
    assert_same_weights,
    hard_frame,
    make_fold,
    silent,
    train,
)

STILL = Schedule(epochs=1, batch_size=16, learning_rate=1e-12)
PART = np.arange(16)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dropout", -0.1),
        ("dropout", 1.0),
        ("counted_epochs", -1),
        ("crop", -1),
        ("frame_mask", 1.1),
        ("frame_mask", float("nan")),
        ("counting", "test"),
        ("normalisation", "utterance"),
    ],
)
def test_options_out_of_range_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SersnakeError, match=f"^{name}: "):
        Recipe().replace(**{name: value})


def test_last_epochs_must_be_known_before_a_steady_loss_ends_a_phase() -> None:
    steady = Schedule(100, 8, 1e-9, decay_epochs=3, steady_window=3, steady_tolerance=0.5)
    with pytest.raises(SersnakeError, match="counted_epochs: 4 is more than decay_epochs, 3"):
        train(make_fold(recipe=Recipe(counted_epochs=4)), steady)
    phase = train(make_fold(recipe=Recipe(counted_epochs=3)), steady)
    assert phase.epochs == 2 * 3 + 3
    assert phase.counted == 3


def predictions(fold: FoldTraining) -> NDArray[np.int64]:
    """What the softmax says of every utterance, from embeddings and the output layer's weights."""
    state = fold.state()
    weight, bias = state["network.output.weight"], state["network.output.bias"]
    predicted: NDArray[np.int64] = (fold.embed() @ weight.T + bias).argmax(1)
    return predicted


@pytest.mark.parametrize(("last", "counted"), [(0, 5), (2, 2)])
def test_evaluation_counts_what_the_weights_after_each_epoch_get_wrong(
    last: int, counted: int
) -> None:
    schedule = Schedule(epochs=5, batch_size=8, learning_rate=1e-5)
    recipe = Recipe(counting="evaluation", counted_epochs=last)
    fold, twin = make_fold(recipe=recipe), make_fold()
    wrong: list[NDArray[np.int64]] = []

    def look(row: dict[str, float]) -> None:
        wrong.append((predictions(twin) != twin.labels).astype(int))

    twin.train(schedule, 0, look)
    phase = train(fold, schedule)
    expected = np.sum(wrong[-counted:], 0)
    expected[16:] = 0
    np.testing.assert_array_equal(phase.misclassified, expected)
    assert expected.any() and phase.counted == counted
    assert_same_weights(fold, twin)


@pytest.mark.parametrize("last", [1, 3])
def test_the_last_epochs_alone_are_counted(last: int) -> None:
    def run(epochs: int, counted: int) -> tuple[NDArray[np.int64], pd.DataFrame]:
        fold = make_fold(recipe=Recipe(counted_epochs=counted))
        phase = train(fold, Schedule(epochs, 8, 1e-5))
        return phase.misclassified, fold.counts(phase)

    misclassified, counts = run(5, last)
    np.testing.assert_array_equal(misclassified, run(5, 0)[0] - run(5 - last, 0)[0])
    assert set(counts["epochs"]) == {last}
    assert misclassified.any()


def batch_of(fold: FoldTraining, positions: NDArray[np.int64]) -> tuple[Any, Any]:
    """Frames of each utterance ``(T, F)``, and vectors, scaled."""
    tables = fold.dataset.tables
    batch = tables["acln"].batch(positions)
    assert batch.lengths is not None
    pairs = zip(batch.values.numpy(), batch.lengths.tolist(), strict=True)
    vectors = tables["fcn"].batch(positions).values.numpy() if len(tables) > 1 else None
    return [frames[:length] for frames, length in pairs], vectors


def test_speakers_are_scaled_by_all_their_recordings() -> None:
    fold = make_fold("fused", shift=30.0, recipe=Recipe(normalisation="speaker"))
    for speaker in range(3):
        frames, vectors = batch_of(fold, np.arange(speaker, COUNT, 3))
        for values in (np.concatenate(frames), vectors):
            np.testing.assert_allclose(values.mean(0), 0, atol=1e-4)
            np.testing.assert_allclose(values.std(0), 1, atol=1e-4)
    by_fold, _ = batch_of(make_fold("fused", shift=30.0), np.arange(0, COUNT, 3))
    assert abs(np.concatenate(by_fold).mean()) > 1


def test_an_unknown_speaker_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.training.test_training.SPEAKERS", ["s1"] * 23 + [""])
    with pytest.raises(SersnakeError, match="speaker of every utterance"):
        make_fold(recipe=Recipe(normalisation="speaker"))


def test_the_first_frames_alone_are_used() -> None:
    cropped, whole = make_fold("acln", recipe=Recipe(crop=15)), make_fold("acln")
    positions = np.arange(COUNT)
    (short, _), (long, _) = batch_of(cropped, positions), batch_of(whole, positions)
    assert max(map(len, long)) > 15
    assert min(map(len, long)) < 15
    for cut, array in zip(short, long, strict=True):
        np.testing.assert_array_equal(cut, array[:15])


def test_evaluation_hides_nothing() -> None:
    plain, masked = make_fold("acln"), make_fold("acln", recipe=Recipe(frame_mask=0.5))
    assert plain.embed().tobytes() == masked.embed().tobytes()
    train(plain)
    train(masked)
    assert plain.embed().tobytes() != masked.embed().tobytes()


def test_hidden_frames_change_nothing_where_none_are_read() -> None:
    plain, masked = make_fold("fcn"), make_fold("fcn", recipe=Recipe(frame_mask=0.5))
    train(plain)
    train(masked)
    assert_same_weights(plain, masked)


@pytest.mark.parametrize(
    ("alpha_shares", "alpha"),
    [("train", [0.25] * 4), ("hard", [0.5, 0.25, 0.125, 0.125])],
)
def test_alpha_is_the_share_in_the_training_part_or_within_the_hard_examples(
    alpha_shares: str, alpha: list[float]
) -> None:
    """Of the hard examples four are angry, two happy, one neutral, one sad."""
    hard = np.isin(PART, [0, 4, 8, 12, 1, 5, 2, 3])
    fold = make_fold(recipe=Recipe(dropout=0.0))
    frame = hard_frame(hard.astype(int).tolist(), [0.8] * 16)
    phase = fold.retrain(frame, STILL, 0, silent, alpha_shares=alpha_shares)
    twin = make_fold()
    network, chosen = twin.trainer.network.train(), PART[hard]
    network.dropout.p = 0.0
    logits = network(twin.dataset.batch(chosen)).detach().double()
    logs = torch.log_softmax(logits, 1).numpy()[np.arange(len(chosen)), chosen % 4]
    expected = np.mean(-0.8 * (1 - np.array(alpha)[chosen % 4]) * logs)
    assert phase.history[0]["loss"] == pytest.approx(expected, rel=1e-5)


def test_retraining_begins_again_where_a_fold_has_hard_examples() -> None:
    hard = hard_frame([1] * 16, [1.0] * 16)
    trained, fresh = make_fold(), make_fold()
    train(trained)
    phase = trained.retrain(hard, SCHEDULE, 3, silent, re_initialise=True, curve=True)
    fresh.retrain(hard, SCHEDULE, 3, silent)
    assert [row["epoch"] for row in phase.curve] == [4, 5, 6]
    assert_same_weights(trained, fresh)


def test_without_a_hard_example_nothing_begins_again() -> None:
    fold = make_fold()
    train(fold)
    before = {name: array.copy() for name, array in fold.state().items()}
    easy = hard_frame([0] * 16, [0.0] * 16)
    phase = fold.retrain(easy, SCHEDULE, 3, silent, re_initialise=True, curve=True)
    assert phase.history == phase.curve == []
    assert all(np.array_equal(before[name], array) for name, array in fold.state().items())


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(counting="evaluation")])
def test_the_curve_is_the_accuracy_of_the_softmax_and_changes_nothing(recipe: Recipe) -> None:
    from sklearn.metrics import accuracy_score, recall_score

    fold, plain = make_fold(recipe=recipe), make_fold(recipe=recipe)
    schedule = Schedule(epochs=4, batch_size=8, learning_rate=1e-4)
    seen: list[tuple[float, float]] = []

    def look(row: dict[str, float]) -> None:
        truth, predicted = (a[plain.test_set] for a in (plain.labels, predictions(plain)))
        recall = recall_score(truth, predicted, average="macro")
        seen.append((accuracy_score(truth, predicted), recall))

    without = plain.train(schedule, 7, look)
    phase = fold.train(schedule, 7, silent, curve=True)
    assert [row["epoch"] for row in phase.curve] == [8, 9, 10, 11]
    np.testing.assert_allclose([(row["wa"], row["ua"]) for row in phase.curve], seen)
    assert without.curve == []
    assert phase.history == without.history
    np.testing.assert_array_equal(phase.misclassified, without.misclassified)
    assert_same_weights(fold, plain)


@pytest.mark.parametrize("positions", [np.tile(np.arange(COUNT), 6), np.array([7, 3]), []])
def test_any_number_of_utterances_is_predicted(positions: NDArray[np.int64]) -> None:
    """More than a batch, less than one, none."""
    fold = make_fold()
    train(fold)
    chosen = np.array(positions, np.int64)
    predicted = predict(fold.trainer.network, fold.dataset, chosen)
    np.testing.assert_array_equal(predicted, predictions(fold)[chosen])


@pytest.mark.parametrize("network", ["acln", "fcn"])
def test_batch_norm_may_take_the_statistics_of_the_training_set(network: str) -> None:
    """Of the whole of it, even where hard examples alone are trained on; the curve ends there."""
    recipe = Recipe(norm_statistics="training_set")
    fold, running = make_fold(network, recipe=recipe), make_fold(network)
    schedule = Schedule(epochs=2, batch_size=COUNT, learning_rate=1e-3)
    phases = [each.train(schedule, 0, silent, curve=True) for each in (fold, running)]
    assert phases[0].history == phases[1].history
    truth, predicted = fold.labels[fold.test_set], predictions(fold)[fold.test_set]
    assert phases[0].curve[-1]["wa"] == pytest.approx((truth == predicted).mean())
    fold.retrain(hard_frame([1] * 4 + [0] * 12, [0.5] * 16), schedule, 2, silent)
    network_of = fold.trainer.network.train()
    layer = network_of.get_submodule("norms.0" if network == "fcn" else "blocks.0.norm")
    before = layer.running_mean.clone()
    with torch.no_grad():
        network_of(fold.dataset.batch(fold.train_part))
    # One batch holds the training set, so its statistics are what the running ones stay at.
    torch.testing.assert_close(layer.running_mean, before, rtol=1e-4, atol=1e-5)
    assert layer.momentum == 0.1
