"""Which frames training hides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from sersnake.io import Features
from sersnake.networks import Batch
from sersnake.settings.schedule import Schedule
from sersnake.training.augmentation import draw_spans, hide_frames
from sersnake.training.dataset import Dataset
from sersnake.training.fold_epochs import NONE, FoldEpochs, Phase

COUNT, COEFFICIENTS, SHARE = 40, 13, 0.4
READS = frozenset({"frames"})
LENGTHS = np.random.default_rng(1).integers(1, 90, COUNT)


def make_dataset(members: int) -> Dataset:
    """Utterances of 1 to 89 frames, none of whose scaled values is 0."""
    rng = np.random.default_rng(0)
    names = [f"{i:02}" for i in range(COUNT)]
    frames = [rng.normal(0, 1, (n, COEFFICIENTS)).astype(np.float32) for n in LENGTHS]
    vectors = [np.zeros((1, 1), np.float32)] * COUNT
    packs = [Features.stack(names, rows, {}) for rows in (frames, vectors)]
    train = [np.arange(COUNT)] * members
    return Dataset(*packs, np.zeros(COUNT, np.int64), train, torch.device("cpu"))


def make_course(seed: int, epochs: int = 0) -> FoldEpochs:
    """A fold in its first epoch, or after some."""
    history = [{"loss": 1.0}] * epochs
    phase = Phase(np.zeros(COUNT, np.int64), list(history), epochs)
    fold = FoldEpochs(np.arange(COUNT), Schedule(9, COUNT, 1e-3), seed, 0, phase)
    assert fold.begin_epoch()
    return fold


@dataclass
class Pair:
    """A batch before and after, of one member."""

    plain: Batch
    hidden: Batch
    positions: np.ndarray
    dataset: Dataset

    def frames(self) -> list[np.ndarray]:
        """Which frames and coefficients of each utterance are zero, ``bool (T, F)``."""
        packing, starts = self.plain.packing, self.dataset.starts
        assert packing is not None and self.hidden.frames is not None
        rows, used = packing.frames[..., 0], packing.masks[0][..., 0]
        zero = (self.hidden.frames[..., 0] == 0).permute(0, 2, 1)
        return [
            zero[used & (rows >= starts[i]) & (rows < starts[i] + LENGTHS[i])].numpy()
            for i in self.positions
        ]


def hide(share: float, seed: int = 0, epochs: int = 0) -> Pair:
    dataset = make_dataset(1)
    positions = np.random.default_rng(2).permutation(COUNT)[:30]
    plain = dataset.batch([positions], READS)
    hidden = hide_frames(plain, {0: make_course(seed, epochs)}, [positions], dataset, share)
    return Pair(plain, hidden, positions, dataset)


def runs(flags: np.ndarray) -> int:
    """Spans of true values."""
    return int((np.diff(np.concatenate([[0], flags.astype(int)])) == 1).sum())


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_two_spans_hide_whole_frames_up_to_the_share(share: float) -> None:
    pair = hide(share)
    zeros = pair.frames()
    for zero, position in zip(zeros, pair.positions, strict=True):
        flags = zero.all(1)
        assert len(flags) == LENGTHS[position]
        np.testing.assert_array_equal(zero.any(1), flags)
        assert flags.sum() <= 2 * int(share * LENGTHS[position] / 2)
        assert runs(flags) <= 2
    assert {1, 2} <= {runs(zero.all(1)) for zero in zeros}


def test_what_is_not_hidden_stays_as_it_is() -> None:
    pair = hide(SHARE)
    before, after = pair.plain.frames, pair.hidden.frames
    assert before is not None and after is not None
    kept = after != 0
    assert torch.equal(after[kept], before[kept])
    assert kept.sum() < (before != 0).sum()


def test_every_epoch_and_seed_hides_something_else() -> None:
    cases = ((0, 0), (0, 0), (0, 1), (1, 0))
    first, again, later, other = (hide(SHARE, *case).hidden.frames for case in cases)
    assert first is not None and again is not None and later is not None and other is not None
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    assert not torch.equal(first, other)


def test_a_member_of_a_stack_sees_what_it_sees_alone() -> None:
    dataset, alone = make_dataset(3), make_dataset(1)
    chosen = [np.arange(5, 20), NONE, np.array([30, 2, 8])]
    active = {0: make_course(4), 2: make_course(5)}
    stack = hide_frames(dataset.batch(chosen, READS), active, chosen, dataset, SHARE)
    for member, seed in ((0, 4), (2, 5)):
        positions = [chosen[member]]
        batch = alone.batch(positions, READS)
        one = hide_frames(batch, {0: make_course(seed)}, positions, alone, SHARE)
        for position in positions[0]:
            start = int(dataset.starts[position])
            frames = []
            for packed, m in ((stack, member), (one, 0)):
                assert packed.packing is not None and packed.frames is not None
                rows, used = packed.packing.frames[..., m], packed.packing.masks[0][..., m]
                inside = used & (rows >= start) & (rows < start + int(LENGTHS[position]))
                frames.append(packed.frames[..., m].permute(0, 2, 1)[inside])
            torch.testing.assert_close(*frames)


def test_lengths_and_places_of_spans_are_uniform() -> None:
    longest, lengths = np.full(20000, 3), np.full(20000, 5)
    begins, ends = draw_spans(np.random.default_rng(0), longest, lengths)
    widths = ends - begins
    np.testing.assert_allclose(np.bincount(widths) / 20000, [0.25] * 4, atol=0.02)
    for width in range(4):
        shares = np.bincount(begins[widths == width], minlength=6 - width) / (widths == width).sum()
        np.testing.assert_allclose(shares, np.full(6 - width, 1 / (6 - width)), atol=0.03)
