"""Training repeats to the byte, counts what it got wrong, and stops where it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.io.seeds import derived_seed
from sersnake.settings.losses import Objective
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.settings.streams import PAPER, Streams
from sersnake.training.batches import draw_batches
from sersnake.training.dataset import FeatureTable
from sersnake.training.devices import pick_device
from sersnake.training.fold_training import FoldTraining
from sersnake.training.normalisation import Scaling
from sersnake.training.phase import Phase
from sersnake.training.scaling import ZScore

COUNT = 24
EMOTIONS = ["angry", "happy", "neutral", "sad"]
SCHEDULE = Schedule(epochs=3, batch_size=8, learning_rate=1e-3)
FOLDS = ["0", "1", "2"]
UTTERANCES = [f"u{i:02d}" for i in range(COUNT)]
SPEAKERS = [f"s{i % 3}" for i in range(COUNT)]


def parts_of(fold: str) -> NDArray[np.str_]:
    """Eight utterances after the other are tested: the last in fold 0, the first in fold 1."""
    return np.where((np.arange(COUNT) // 8 + 1 - int(fold)) % 3, "train", "test")


@pytest.fixture
def float64() -> Iterator[None]:
    """New networks and features are float64, so that rounding hides no difference."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def features(rows: Sequence[NDArray[np.float32]]) -> Features:
    """Packed features of PyTorch's default type."""
    pack = Features.stack(UTTERANCES, rows, {})
    return replace(pack, values=torch.from_numpy(pack.values).to(torch.get_default_dtype()).numpy())


def made_up(middles: NDArray[np.float64], seed: int = 3) -> dict[str, Features]:
    """Frames and vectors about a middle for each of the 24 utterances."""
    rng = np.random.default_rng(seed)
    mfcc = [
        rng.normal(middle, 1, (int(rng.integers(10, 40)), 13)).astype(np.float32)
        for middle in middles
    ]
    vectors = (rng.normal(0, 1, (COUNT, 384)) + middles[:, None]).astype(np.float32)
    return {"mfcc": features(mfcc), "is09": features([row[None] for row in vectors])}


def make_fold(
    network: str = "fcn",
    shift: float = 0.0,
    seed: int = 0,
    loss: str = "cross_entropy",
    name: str = "0",
    device: str = "cpu",
    recipe: Recipe | None = None,
    precision: str = "float32",
    streams: Streams = PAPER,
    copies: Sequence[Mapping[str, Features]] = (),
) -> FoldTraining:
    """24 utterances of made-up features; ``shift`` moves those that are tested in fold 0."""
    labels = np.arange(COUNT) % 4
    offset = np.where(parts_of("0") == "train", 0.0, shift)
    emotions = [EMOTIONS[label] for label in labels]
    parts = [
        pd.DataFrame({"fold": fold, "utterance": UTTERANCES, "part": parts_of(fold)})
        for fold in FOLDS
    ]
    named = {"utterance": UTTERANCES, "emotion": emotions, "speaker": SPEAKERS}
    return FoldTraining(
        network,
        manifest=pd.DataFrame({**named, "corpus": "demo"}),
        folds=pd.concat(parts),
        fold=name,
        features=made_up(labels + offset),
        seed=seed,
        recipe=(recipe or Recipe()).replace(device=device, precision=precision),
        streams=streams,
        objective=Objective(loss=loss),
        copies=copies,
    )


def silent(row: dict[str, float]) -> None:
    """Reports nothing."""


def train(fold: FoldTraining, schedule: Schedule = SCHEDULE, first_epoch: int = 0) -> Phase:
    return fold.train(schedule, first_epoch, silent)


def retrain(
    fold: FoldTraining, hard: pd.DataFrame, schedule: Schedule = SCHEDULE, first_epoch: int = 3
) -> Phase:
    return fold.retrain(hard, schedule, first_epoch, silent)


def assert_same_weights(one: FoldTraining, other: FoldTraining) -> None:
    left, right = one.state(), other.state()
    assert left.keys() == right.keys()
    assert all(np.array_equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_same_seed_same_bytes(network: str) -> None:
    one, other = make_fold(network), make_fold(network)
    assert train(one).history == train(other).history
    assert_same_weights(one, other)
    assert one.embed().tobytes() == other.embed().tobytes()


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_nothing_is_read_before_it_is_written(network: str, precision: str) -> None:
    """PyTorch fills new memory with NaN in its deterministic mode, unless told not to."""
    plain, filled = (make_fold(network, precision=precision) for _ in range(2))
    torch.set_deterministic_debug_mode("error")
    assert torch.utils.deterministic.fill_uninitialized_memory
    try:
        history = train(filled).history
        embedding = filled.embed()
    finally:
        torch.set_deterministic_debug_mode("default")
    assert train(plain).history == history
    assert_same_weights(plain, filled)
    assert plain.embed().tobytes() == embedding.tobytes()


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_precision_is_that_of_the_products(network: str) -> None:
    one, other = (make_fold(network, precision=name) for name in ("float32", "bfloat16"))
    losses = [train(fold).history[0]["loss"] for fold in (one, other)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


def test_another_seed_gives_other_weights() -> None:
    one, other = make_fold(seed=0), make_fold(seed=1)
    name = "network.linears.0.weight"
    assert not np.array_equal(one.state()[name], other.state()[name])


@pytest.mark.parametrize("network", ["acln", "fcn"])
def test_the_test_part_reaches_neither_weights_nor_history(network: str) -> None:
    plain, shifted = make_fold(network), make_fold(network, shift=50.0)
    assert train(plain).history == train(shifted).history
    assert_same_weights(plain, shifted)


def test_folds_have_weights_of_their_own() -> None:
    one, other = make_fold(name="0"), make_fold(name="1")
    key = "network.linears.0.weight"
    assert not np.array_equal(one.state()[key], other.state()[key])


def test_going_on_from_saved_weights_equals_going_on() -> None:
    whole, resumed = make_fold(), make_fold()
    train(whole)
    state = {name: array.copy() for name, array in whole.state().items()}
    after = train(whole, first_epoch=3)
    resumed.restore(state)
    assert train(resumed, first_epoch=3).history == after.history
    assert_same_weights(whole, resumed)


def test_counts_are_of_the_training_part_and_agree_with_the_accuracy() -> None:
    fold = make_fold(name="1")
    phase = train(fold)
    counts = fold.counts(phase)
    assert list(counts) == ["fold", "utterance", "misclassified", "epochs"]
    assert set(counts["fold"]) == {"1"}
    assert counts["utterance"].tolist() == UTTERANCES[8:]
    assert set(counts["epochs"]) == {3}
    wrong = sum((1 - row["accuracy"]) * 16 for row in phase.history)
    assert counts["misclassified"].sum() == round(wrong)
    assert phase.misclassified[parts_of("1") == "test"].sum() == 0


def test_the_users_random_numbers_stay_as_they_are() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(make_fold())
    assert torch.equal(torch.rand(3), expected)


def hard_frame(hard: list[int], index: list[float], fold: str = "0") -> pd.DataFrame:
    names = np.array(UTTERANCES)[parts_of(fold) == "train"]
    return pd.DataFrame({"fold": fold, "utterance": names, "hard_index": index, "hard": hard})


def test_easy_examples_have_no_part_in_retraining() -> None:
    hard = [1] * 6 + [0] * 10
    one, other = make_fold(), make_fold()
    retrain(one, hard_frame(hard, [0.8] * 16))
    retrain(other, hard_frame(hard, [0.8] * 6 + [0.1] * 10))
    assert_same_weights(one, other)


def test_the_loss_of_retraining_is_equation_3() -> None:
    """Equation 3 written out in float64, on the first batch, before the first step.

    It is so whatever the loss of the phase before.
    """
    recipe = Recipe(dropout=0.0)
    fold, twin = make_fold(recipe=recipe, loss="focal"), make_fold(recipe=recipe)
    index = np.linspace(0.1, 1.0, 16)
    still = Schedule(epochs=1, batch_size=16, learning_rate=1e-12)
    row = retrain(fold, hard_frame([1] * 16, list(index)), still, 0).history[0]
    part = np.arange(16)
    logits = twin.trainer.network.train()(twin.dataset.batch(part)).detach().double()
    chances = torch.softmax(logits, 1)[part, twin.dataset.labels[:16]].numpy()
    expected = np.mean(-index * (1 - 0.25) * np.log(chances))
    assert row["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_a_single_hard_example_can_be_trained_on(network: str) -> None:
    fold = make_fold(network)
    phase = retrain(fold, hard_frame([1] + [0] * 15, [1.0] * 16))
    assert [row["epoch"] for row in phase.history] == [4, 5, 6]
    assert np.isfinite(fold.embed()).all()


def test_a_fold_without_a_hard_example_stays_as_it_is() -> None:
    fold = make_fold()
    train(fold)
    before = {name: array.copy() for name, array in fold.state().items()}
    phase = retrain(fold, hard_frame([0] * 16, [0.0] * 16))
    assert phase.history == []
    after = fold.state()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_hard_index_of_another_fold_is_refused() -> None:
    whole = hard_frame([1] * 16, [1.0] * 16)
    for hard in (whole[:8], whole.assign(fold="1"), pd.concat([whole, whole])):
        with pytest.raises(SersnakeError, match="another fold"):
            retrain(make_fold(), hard)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(SersnakeError, match="another network"):
        make_fold("fcn").restore(make_fold("acln").state())


def test_training_is_adam_on_the_gradient(float64: None) -> None:
    """Three epochs of two batches of FCN by PyTorch's optimiser, from the fold's seed."""
    fold, twin = make_fold(), make_fold()
    network = twin.trainer.network.train()
    optimizer = torch.optim.Adam(network.parameters(), SCHEDULE.learning_rate)
    for epoch in (1, 2, 3):
        torch.manual_seed(derived_seed(fold.seed, epoch))
        rng = np.random.default_rng(derived_seed(fold.seed, epoch))
        for positions in draw_batches(np.arange(16), SCHEDULE.batch_size, rng):
            logits = network(twin.dataset.batch(positions)).float()
            optimizer.zero_grad()
            F.cross_entropy(logits, twin.dataset.labels[positions]).backward()
            optimizer.step()
    train(fold)
    expected = twin.state()
    for name, array in fold.state().items():
        if name.startswith("network."):
            # The loss is float32, and a step 1e-3.
            np.testing.assert_allclose(array, expected[name], rtol=0, atol=5e-5, err_msg=name)


def test_every_epoch_is_reported() -> None:
    seen: list[float] = []
    make_fold().train(SCHEDULE, 3, lambda row: seen.append(row["epoch"]))
    assert seen == [4, 5, 6]


def test_a_loss_that_is_not_finite_stops_with_fold_epoch_and_batch() -> None:
    with pytest.raises(SersnakeError, match=r"fcn, fold 0: the loss of epoch \d+, batch \d of 2,"):
        train(make_fold(), Schedule(epochs=20, batch_size=8, learning_rate=1e30))


def test_a_loss_that_is_not_finite_is_named_with_its_batch() -> None:
    """One utterance has a loss that is not finite; its batch is known from the seed."""
    fold, part, spoilt = make_fold(name="2"), np.arange(10), 7
    weights = np.ones(COUNT)
    weights[spoilt] = np.inf
    drawn = draw_batches(part, 4, np.random.default_rng(derived_seed(fold.seed, 6)))
    (batch,) = (number for number, chosen in enumerate(drawn, 1) if spoilt in chosen)
    message = f"^fcn, fold 2: the loss of epoch 6, batch {batch} of 3, is not finite"
    schedule = Schedule(3, 4, 1e-3)
    with pytest.raises(SersnakeError, match=message):
        fold.trainer.fit(part, schedule, fold.seed, weights=weights, first_epoch=5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no CUDA device")
@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_a_gpu_gives_what_the_processor_gives(network: str) -> None:
    """Up to float32's rounding, after two epochs."""
    results = []
    for device in ("cpu", "cuda"):
        with torch.backends.cudnn.flags(deterministic=True, allow_tf32=False):
            # Dropout is drawn where the network is.
            fold = make_fold(network, device=device, recipe=Recipe(dropout=0.0))
            losses = [row["loss"] for row in train(fold, Schedule(2, 8, 1e-4)).history]
            results.append((losses, fold.embed()))
    (losses, embeddings), (gpu_losses, gpu_embeddings) = results
    np.testing.assert_allclose(gpu_losses, losses, rtol=1e-3)
    np.testing.assert_allclose(gpu_embeddings, embeddings, rtol=0, atol=1e-3)


def test_cosine_falls_to_zero_at_the_end() -> None:
    schedule = Schedule(epochs=10, batch_size=8, learning_rate=1.0, decay_epochs=4)
    rates = [row["learning_rate"] for row in train(make_fold(), schedule).history]
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
    assert train(make_fold(), schedule).epochs == 2 * 5 + 3


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


def test_padding_is_zero_whatever_the_features_are() -> None:
    rows = [np.full((3, 2), 5.0, np.float32), np.full((20, 2), 7.0, np.float32)]
    pack, device = Features.stack(["a", "b"], rows, {}), torch.device("cpu")
    scaling = Scaling.fit(pack, True, np.array([0, 1]), None, device)
    batch = FeatureTable(pack, scaling, device, frames=True).batch(np.array([1, 0]))
    assert batch.lengths is not None and batch.lengths.tolist() == [20, 3]
    assert torch.all(batch.values[1, 3:] == 0)
    assert torch.all(batch.values[0] != 0) and torch.all(batch.values[1, :3] != 0)


def test_scaling_keeps_constant_columns_finite() -> None:
    rows = np.stack([np.full(100, 0.1), np.arange(100.0)], axis=1).astype(np.float32)
    scaled = ZScore.fit(rows)(rows)
    np.testing.assert_allclose(scaled[:, 0], 0, atol=1e-6)
    np.testing.assert_allclose(scaled[:, 1].std(), 1, rtol=1e-5)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(SersnakeError, match="device: 'gpu'"):
        pick_device("gpu")
