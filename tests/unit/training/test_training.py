"""Training repeats to the byte, counts what it got wrong, and stops where it should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.io.seeds import derived_seed
from sersnake.networks import NETWORKS, Batch
from sersnake.settings.losses import Objective
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training.batches import draw_batches
from sersnake.training.checkpoints import Checkpoint
from sersnake.training.dataset import Dataset
from sersnake.training.devices import pick_device
from sersnake.training.fold_epochs import Phase
from sersnake.training.fold_training import FoldTraining
from sersnake.training.scaling import ZScore
from tests.unit.networks.plain_networks import PlainMember

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


def make_fold(
    network: str = "fcn",
    shift: float = 0.0,
    seed: int = 0,
    loss: str = "cross_entropy",
    names: Sequence[str] = ("0",),
    device: str = "cpu",
    recipe: Recipe | None = None,
    precision: str = "float32",
) -> FoldTraining:
    """24 utterances of made-up features; ``shift`` moves those that are tested in fold 0."""
    rng = np.random.default_rng(3)
    labels = np.arange(COUNT) % 4
    offset = np.where(parts_of("0") == "train", 0.0, shift)
    mfcc = [
        rng.normal(labels[i] + offset[i], 1, (int(rng.integers(10, 40)), 13)).astype(np.float32)
        for i in range(COUNT)
    ]
    vectors = (rng.normal(0, 1, (COUNT, 384)) + (labels + offset)[:, None]).astype(np.float32)
    emotions = [EMOTIONS[label] for label in labels]
    parts = [
        pd.DataFrame({"fold": fold, "utterance": UTTERANCES, "part": parts_of(fold)})
        for fold in FOLDS
    ]
    named = {"utterance": UTTERANCES, "emotion": emotions, "speaker": SPEAKERS}
    folds = FoldTraining(
        network,
        manifest=pd.DataFrame({**named, "corpus": "demo"}),
        folds=pd.concat(parts),
        names=names,
        mfcc=features(mfcc),
        functionals=features([row[None] for row in vectors]),
        seed=seed,
        recipe=(recipe or Recipe()).replace(device=device, precision=precision),
        objective=Objective(loss=loss),
    )
    return folds


def silent(fold: str, row: dict[str, float]) -> None:
    """Reports nothing."""


def train(fold: FoldTraining, schedule: Schedule = SCHEDULE, first_epoch: int = 0) -> Phase:
    """Trains the only member."""
    (phase,) = fold.train(schedule, [first_epoch], silent)
    return phase


def retrain(
    fold: FoldTraining, hard: pd.DataFrame, schedule: Schedule = SCHEDULE, first_epoch: int = 3
) -> Phase:
    """Re-trains the only member."""
    (phase,) = fold.retrain(hard, schedule, [first_epoch], silent)
    return phase


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


@pytest.mark.parametrize("names", [["0"], ["1", "2"]], ids=["one fold", "two folds"])
def test_going_on_from_saved_weights_equals_going_on(names: list[str]) -> None:
    whole, resumed = make_fold(names=names), make_fold(names=names)
    first = [0] * len(names)
    whole.train(SCHEDULE, first, silent)
    state = {name: array.copy() for name, array in whole.state().items()}
    after = whole.train(SCHEDULE, [3] * len(names), silent)
    resumed.restore(state)
    again = resumed.train(SCHEDULE, [3] * len(names), silent)
    assert [phase.history for phase in again] == [phase.history for phase in after]
    assert_same_weights(whole, resumed)


def test_counts_are_of_the_training_part_and_agree_with_the_accuracy() -> None:
    folds = make_fold(names=["1", "0"])
    phases = folds.train(SCHEDULE, [0, 0], silent)
    counts = folds.counts(phases)
    assert list(counts) == ["fold", "utterance", "misclassified", "epochs"]
    assert counts["fold"].tolist() == ["1"] * 16 + ["0"] * 16
    assert counts["utterance"].tolist() == UTTERANCES[8:] + UTTERANCES[:16]
    assert set(counts["epochs"]) == {3}
    of_fold = counts.groupby("fold")["misclassified"].sum()
    for fold, phase in zip(folds.names, phases, strict=True):
        wrong = sum((1 - row["accuracy"]) * 16 for row in phase.history)
        assert of_fold[fold] == round(wrong)
        assert phase.misclassified[parts_of(fold) == "test"].sum() == 0


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
    fold, twin = make_fold(recipe=Recipe(dropout=0.0), loss="focal"), make_fold()
    index = np.linspace(0.1, 1.0, 16)
    still = Schedule(epochs=1, batch_size=16, learning_rate=1e-12)
    row = retrain(fold, hard_frame([1] * 16, list(index)), still, 0).history[0]
    trainer, part = twin.trainer, np.arange(16)
    network, dataset = trainer.network.train(), trainer.dataset
    logits = network(dataset.batch([part], network.reads), torch.ones(1)).detach()[0].double()
    chances = torch.softmax(logits, 1)[part, dataset.labels[:16]].numpy()
    expected = np.mean(-index * (1 - 0.25) * np.log(chances))
    assert row["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_a_single_hard_example_can_be_trained_on(network: str) -> None:
    fold = make_fold(network)
    phase = retrain(fold, hard_frame([1] + [0] * 15, [1.0] * 16))
    assert [row["epoch"] for row in phase.history] == [4, 5, 6]
    assert np.isfinite(fold.embed()).all()


def test_a_fold_without_a_hard_example_stays_as_it_is_while_the_others_train() -> None:
    folds = make_fold(names=["0", "1"])
    folds.train(SCHEDULE, [0, 0], silent)
    before = {name: array.copy() for name, array in folds.state().items()}
    hard = pd.concat([hard_frame([0] * 16, [0.0] * 16, "0"), hard_frame([1] * 16, [1.0] * 16, "1")])
    easy, trained = folds.retrain(hard, SCHEDULE, [3, 3], silent)
    after = folds.state()
    assert easy.history == []
    assert easy.epochs == 0
    assert all(np.array_equal(before[name][0], after[name][0]) for name in before)
    assert [row["epoch"] for row in trained.history] == [4, 5, 6]
    name = "network.linears.0.weight"
    assert not np.array_equal(before[name][1], after[name][1])


def test_hard_index_of_another_fold_is_refused() -> None:
    whole = hard_frame([1] * 16, [1.0] * 16)
    for hard in (whole[:8], whole.assign(fold="1"), pd.concat([whole, whole])):
        with pytest.raises(SersnakeError, match="another fold"):
            retrain(make_fold(), hard)


def test_weights_of_another_network_or_number_of_folds_are_refused() -> None:
    state = make_fold("acln").state()
    with pytest.raises(SersnakeError, match="another network"):
        make_fold("fcn").restore(state)
    with pytest.raises(SersnakeError, match="number of folds"):
        make_fold("acln", names=["0", "1"]).restore(state)


def test_a_fold_that_is_named_twice_is_refused() -> None:
    with pytest.raises(SersnakeError, match="twice"):
        make_fold(names=["0", "1", "0"])


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_folds_together_are_what_each_is_alone(network: str, float64: None) -> None:
    assert_alike(*together_and_alone(network, epochs=3), atol=1e-9)


# In float32 sums are rounded otherwise in a stack. Adam divides a gradient by its size, so a weight
# whose gradient is rounding alone moves by the learning rate, here 0.001, in any direction.
@pytest.mark.parametrize(
    ("network", "epochs", "atol"), [("fcn", 20, 1e-4), ("acln", 1, 3e-3), ("fused", 1, 5e-3)]
)
def test_in_float32_rounding_alone_differs(network: str, epochs: int, atol: float) -> None:
    assert_alike(*together_and_alone(network, epochs), atol)


def together_and_alone(
    network: str, epochs: int, recipe: Recipe | None = None
) -> tuple[FoldTraining, list[FoldTraining]]:
    """Folds of 16, 9 and 1 utterances, 2, 2 and 1 batches, trained as a stack and one by one."""
    parts = [np.arange(16), np.arange(3, 12), np.array([5])]
    schedule = SCHEDULE.replace(epochs=epochs)
    stack, *alone = (
        make_fold(network, names=names, recipe=recipe) for names in (FOLDS, *([f] for f in FOLDS))
    )
    tests = stack.test_sets if recipe else None
    phases = stack.trainer.fit(parts, schedule, stack.seeds, tests=tests)
    for part, one, phase in zip(parts, alone, phases, strict=True):
        own_tests = one.test_sets if recipe else None
        (alone_phase,) = one.trainer.fit([part], schedule, one.seeds, tests=own_tests)
        assert alone_phase.counted == phase.counted
        np.testing.assert_array_equal(alone_phase.misclassified, phase.misclassified)
        assert alone_phase.curve == phase.curve
    return stack, alone


def assert_alike(stack: FoldTraining, alone: list[FoldTraining], atol: float) -> None:
    state = stack.state()
    for member, one in enumerate(alone):
        for name, array in one.state().items():
            np.testing.assert_allclose(state[name][member], array[0], 0, atol, err_msg=name)


def test_training_is_adam_on_the_gradient_of_plain_pytorch(float64: None) -> None:
    """Three epochs of two batches of FCN, with the batches and dropout of the fold's seed."""
    fold, part, rate = make_fold(), np.arange(16), SCHEDULE.learning_rate
    network, dataset = fold.trainer.network, fold.trainer.dataset
    vectors = dataset.batch([np.arange(COUNT)], network.reads).vectors
    assert vectors is not None
    plain = PlainMember("fcn", network, 0, vectors.shape[2], len(EMOTIONS))
    leaves = [tensor for tensor in plain.weights.values() if tensor.requires_grad]
    optimizer = torch.optim.Adam(leaves, rate)
    for epoch in (1, 2, 3):
        rng = np.random.default_rng(derived_seed(fold.seeds[0], epoch))
        for positions in draw_batches(part, SCHEDULE.batch_size, rng):
            keep = torch.from_numpy(rng.random((len(positions), 1024), np.float32) >= 0.25) / 0.75
            logits = plain([], vectors[0, positions], keep)
            optimizer.zero_grad()
            F.cross_entropy(logits.float(), dataset.labels[positions]).backward()
            optimizer.step()
    train(fold)
    for name, array in fold.state().items():
        if name.startswith("network."):
            expected = plain.weights[name.removeprefix("network.")].detach()
            # The loss is float32, and a step 1e-3.
            np.testing.assert_allclose(array[0], expected, rtol=0, atol=5e-5, err_msg=name)


def refilled(network: torch.nn.Module, given: tuple[Batch, Tensor]) -> tuple[Batch, Tensor]:
    """A network's input with rubbish, and other utterances' steps, in the rows that fill up."""
    batch, keep = given
    present = batch.present[..., None]
    vectors, packing = batch.vectors, batch.packing
    if vectors is not None:
        vectors = vectors.where(present, 1e3)
    if packing is not None:
        packing = replace(packing, steps=packing.steps.where(present, 0))
    return replace(batch, vectors=vectors, packing=packing), keep.where(present, 1e3)


@pytest.mark.parametrize("network", NETWORKS)
def test_what_fills_a_batch_up_reaches_nothing(network: str) -> None:
    """Neither losses, nor gradients (Adam's moments), nor running statistics, to the byte.

    Rows that fill up have the label and the factor of the corpus' first utterance.
    """
    plain, other = make_fold(network, names=["0", "1"]), make_fold(network, names=["0", "1"])
    other.trainer.network.register_forward_pre_hook(refilled)
    other.trainer.dataset.labels[0] = 3
    parts, weights = [np.arange(1, 16), np.arange(3, 12)], np.ones((2, COUNT))
    expected = plain.trainer.fit(parts, SCHEDULE, plain.seeds, weights)
    weights[:, 0] = 1e3
    phases = other.trainer.fit(parts, SCHEDULE, other.seeds, weights)
    assert [phase.history for phase in phases] == [phase.history for phase in expected]
    assert_same_weights(plain, other)


def test_a_fold_that_ends_earlier_is_untouched_afterwards() -> None:
    """The losses decide when; the phases of these folds are not equally long."""
    schedule = Schedule(100, 8, 1e-3, decay_epochs=2, steady_window=2, steady_tolerance=0.3)
    folds = make_fold(names=FOLDS)
    states: list[dict[str, NDArray[np.float32]]] = [{} for _ in FOLDS]

    def keep(member: int, row: dict[str, float]) -> None:
        states[member] = {name: array[member].copy() for name, array in folds.state().items()}

    parts = [np.arange(16), np.arange(3, 12), np.array([5, 6])]
    phases = folds.trainer.fit(parts, schedule, folds.seeds, report=keep)
    assert len({phase.epochs for phase in phases}) > 1
    final = folds.state()
    for member, state in enumerate(states):
        assert all(np.array_equal(final[name][member], array) for name, array in state.items())


def test_every_epoch_of_every_fold_is_reported() -> None:
    seen: list[tuple[str, float]] = []
    folds = make_fold(names=["2", "0"])
    folds.train(SCHEDULE, [3, 0], lambda fold, row: seen.append((fold, row["epoch"])))
    assert sorted(seen) == [("0", 1), ("0", 2), ("0", 3), ("2", 4), ("2", 5), ("2", 6)]


def test_a_killed_group_goes_on_to_the_same_bytes_and_leaves_no_checkpoint(tmp_path: Path) -> None:
    def kill(fold: str, row: dict[str, float]) -> None:
        if fold == "1" and row["epoch"] == 3:
            raise KeyboardInterrupt

    checkpoint = Checkpoint(tmp_path / "0-to-1.checkpoint.safetensors", "same", seconds=0)
    whole, killed, resumed = (make_fold(names=["0", "1"]) for _ in range(3))
    with pytest.raises(KeyboardInterrupt):
        killed.train(SCHEDULE, [0, 0], kill, checkpoint)
    again = resumed.train(SCHEDULE, [0, 0], silent, checkpoint)
    expected = whole.train(SCHEDULE, [0, 0], silent)
    assert [phase.history for phase in again] == [phase.history for phase in expected]
    assert_same_weights(whole, resumed)
    assert list(tmp_path.iterdir())
    checkpoint.remove()
    assert not list(tmp_path.iterdir())


def test_a_loss_that_is_not_finite_stops_with_fold_epoch_and_batch() -> None:
    with pytest.raises(SersnakeError, match=r"fcn, fold 0: the loss of epoch \d+, batch \d of 2,"):
        train(make_fold(), Schedule(epochs=20, batch_size=8, learning_rate=1e30))


def test_the_fold_whose_loss_is_not_finite_is_named_with_epoch_and_batch() -> None:
    """One utterance of fold 2 has a loss that is not finite; its batch is known from its seed."""
    folds, part, spoilt = make_fold(names=["1", "2"]), np.arange(10), 7
    weights = np.ones((2, COUNT))
    weights[1, spoilt] = np.inf
    rng = np.random.default_rng(derived_seed(folds.seeds[1], 6))
    drawn = draw_batches(part, 4, rng)
    (batch,) = (number for number, chosen in enumerate(drawn, 1) if spoilt in chosen)
    message = f"^fcn, fold 2: the loss of epoch 6, batch {batch} of 3, is not finite"
    with pytest.raises(SersnakeError, match=message):
        folds.trainer.fit([part, part], Schedule(3, 4, 1e-3), folds.seeds, weights, [0, 5])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no CUDA device")
@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
def test_a_gpu_gives_what_the_processor_gives(network: str) -> None:
    """Up to float32's rounding, after two epochs."""
    results = []
    for device in ("cpu", "cuda"):
        with torch.backends.cudnn.flags(deterministic=True, allow_tf32=False):
            folds = make_fold(network, names=FOLDS, device=device)
            phases = folds.train(Schedule(2, 8, 1e-4), [0] * 3, silent)
            losses = [row["loss"] for phase in phases for row in phase.history]
            results.append((losses, folds.embed()))
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


def test_gaps_are_zero_whatever_the_features_are() -> None:
    rows = [np.full((3, 2), 5.0, np.float32), np.full((20, 2), 7.0, np.float32)]
    vectors = Features.stack(["a", "b"], [np.zeros((1, 4), np.float32)] * 2, {})
    labels = both = np.array([0, 1])
    trains = [both, both[:1]]
    pack = Features.stack(["a", "b"], rows, {})
    dataset = Dataset(pack, vectors, labels, trains, torch.device("cpu"))
    batch = dataset.batch([both, both[1:]], frozenset({"frames"}))
    assert batch.vectors is None and batch.frames is not None and batch.packing is not None
    used = batch.packing.masks[0][:, None].expand_as(batch.frames)
    assert used.sum(0).sum(0).sum(0).tolist() == [2 * 23, 2 * 20]
    assert torch.all(batch.frames[~used] == 0)
    assert torch.all(batch.frames[used] != 0)


def test_scaling_keeps_constant_columns_finite() -> None:
    rows = np.stack([np.full(100, 0.1), np.arange(100.0)], axis=1).astype(np.float32)
    scaled = ZScore.fit(rows)(rows)
    np.testing.assert_allclose(scaled[:, 0], 0, atol=1e-6)
    np.testing.assert_allclose(scaled[:, 1].std(), 1, rtol=1e-5)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(SersnakeError, match="device: 'gpu'"):
        pick_device("gpu")
