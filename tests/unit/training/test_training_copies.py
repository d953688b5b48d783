"""Networks trained on degraded copies: what an epoch reads, and that no test copy is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training.checkpoints import Checkpoint
from sersnake.training.copies import draw_versions
from sersnake.training.fold_training import FoldTraining
from sersnake.training.phase import Phase
from tests.unit.training.test_checkpoints import KilledError, assert_same, kill_after
from tests.unit.training.test_training import (
    COUNT,
    SCHEDULE,
    assert_same_weights,
    hard_frame,
    made_up,
    make_fold,
    parts_of,
    retrain,
    train,
)

NETWORKS = pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
CLASSES = np.arange(COUNT) % 4
THEMSELVES = made_up(CLASSES)  # what make_fold reads
SHIFTED = made_up(CLASSES + 1.0, seed=4)  # frames of other lengths as well
LATER = Schedule(epochs=6, batch_size=8, learning_rate=1e-3)


def without_test_set(packs: dict[str, Features]) -> dict[str, Features]:
    """The packs with nothing that can be computed on where fold 0 tests."""
    tested = parts_of("0") == "test"
    lost = {}
    for name, pack in packs.items():
        rows = np.repeat(tested, np.diff(pack.offsets))
        lost[name] = replace(pack, values=np.where(rows[:, None], np.nan, pack.values))
    return lost


@NETWORKS
def test_copies_that_are_no_different_change_nothing(network: str) -> None:
    plain, copied = make_fold(network), make_fold(network, copies=[THEMSELVES, THEMSELVES])
    left, right = train(plain), train(copied)
    assert left.history == right.history
    np.testing.assert_array_equal(left.misclassified, right.misclassified)
    assert_same_weights(plain, copied)


@NETWORKS
def test_copies_of_test_utterances_are_never_read(network: str) -> None:
    """And embeddings are of the utterances as they are."""
    recipe = Recipe(norm_statistics="training_set", counting="evaluation")
    folds = [
        make_fold(network, recipe=recipe, copies=[packs])
        for packs in (SHIFTED, without_test_set(SHIFTED))
    ]
    phases = [fold.train(SCHEDULE, 0, lambda row: None, curve=True) for fold in folds]
    assert phases[0].history == phases[1].history and phases[0].curve == phases[1].curve
    assert_same_weights(*folds)
    assert np.isfinite(folds[1].embed()).all()
    (of_copies,) = folds[1].embed_copies()
    assert np.isnan(of_copies[parts_of("0") == "test"]).all()


@NETWORKS
def test_copies_count_and_every_epoch_draws_anew(network: str) -> None:
    plain, copied = make_fold(network), make_fold(network, copies=[SHIFTED])
    left, right = train(plain), train(copied)
    assert left.history != right.history
    assert len(left.history) == len(right.history) and left.counted == right.counted
    draws = [copied.trainer._versions(copied.seed, epoch) for epoch in (1, 2, 1)]
    assert draws[0] is not None and (draws[0] == draws[2]).all()
    assert (draws[0] != draws[1]).any()
    assert plain.trainer._versions(plain.seed, 1) is None


def test_every_version_is_as_likely() -> None:
    shares = np.bincount(draw_versions(30_000, 2, 5)) / 30_000
    np.testing.assert_allclose(shares, [1 / 3] * 3, atol=0.01)


def test_a_batch_holds_each_utterance_in_its_version_and_length() -> None:
    dataset = make_fold("fused", copies=[SHIFTED, THEMSELVES]).dataset
    positions, versions = np.array([5, 0, 7, 3, 11]), np.arange(COUNT) % 2
    batches = dataset.batch(positions, versions)
    assert isinstance(batches, dict)
    for row, position in enumerate(positions):
        source = (dataset, dataset.copies[0])[versions[position]]
        alone = source.batch(positions[row : row + 1])
        assert isinstance(alone, dict)
        assert_close(batches["fcn"].values[row], alone["fcn"].values[0], rtol=0, atol=0)
        frames, lengths = batches["acln"].values[row], batches["acln"].lengths
        length = len(alone["acln"].values[0])
        assert lengths is not None and lengths[row] == length
        assert_close(frames[:length], alone["acln"].values[0], rtol=0, atol=0)
        assert not torch.any(frames[length:])


def test_a_killed_phase_reads_the_same_copies_when_it_goes_on(tmp_path: Path) -> None:
    whole, killed, resumed = (make_fold("fused", copies=[SHIFTED]) for _ in range(3))
    path = tmp_path / "checkpoint.safetensors"

    def run(fold: FoldTraining, last: int) -> Phase:
        checkpoint = Checkpoint(path, "same", seconds=0)
        return fold.train(LATER, 0, kill_after(last), checkpoint)  # type: ignore[arg-type]

    with pytest.raises(KilledError):
        run(killed, 2)
    again = run(resumed, 99)
    path.unlink()
    assert_same((whole, run(whole, 99)), (resumed, again))


def test_hard_examples_are_read_from_copies_too() -> None:
    hard = hard_frame([1] * 12 + [0] * 4, [0.8] * 16)
    folds = [make_fold(copies=copies) for copies in ([], [SHIFTED], [without_test_set(SHIFTED)])]
    phases = [retrain(fold, hard) for fold in folds]
    assert phases[0].history != phases[1].history == phases[2].history


def test_speakers_are_scaled_by_what_they_said_as_it_is() -> None:
    recipe = Recipe(normalisation="speaker")
    fold = make_fold(recipe=recipe, copies=[SHIFTED])
    itself = make_fold(recipe=recipe)
    everyone = np.arange(COUNT)
    clean, copied = (each.batch(everyone) for each in (fold.dataset, fold.dataset.copies[0]))
    assert_close(clean.values, itself.dataset.batch(everyone).values, rtol=0, atol=0)
    shift = (copied.values - clean.values).mean()
    assert 0.4 < float(shift) < 1  # 1 in units of a deviation greater than 1


def test_copies_of_other_features_are_refused() -> None:
    with pytest.raises(SersnakeError, match="stream fcn reads is09, which is missing"):
        make_fold(copies=[{"mfcc": SHIFTED["mfcc"]}])
    with pytest.raises(
        SersnakeError, match="the features of degraded copies and utterances differ"
    ):
        make_fold(copies=[{"is09": SHIFTED["mfcc"]}])
