"""Which frames training hides."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pad_sequence

from sersnake.networks import Batch
from sersnake.training.augmentation import draw_spans, hide_frames

COUNT, COEFFICIENTS, SHARE = 40, 13, 0.4
LENGTHS = np.random.default_rng(1).integers(1, 90, COUNT)


def make_batch() -> Batch:
    """Utterances of 1 to 89 frames, none of whose values is 0."""
    rng = np.random.default_rng(0)
    rows = [torch.from_numpy(rng.normal(0, 1, (n, COEFFICIENTS))).float() for n in LENGTHS]
    return Batch(pad_sequence(rows, batch_first=True), torch.from_numpy(LENGTHS))


def hide(share: float, seed: int = 0) -> Batch:
    hidden = hide_frames(make_batch(), share, np.random.default_rng(seed))
    assert isinstance(hidden, Batch)
    return hidden


def runs(flags: np.ndarray) -> int:
    """Spans of true values."""
    return int((np.diff(np.concatenate([[0], flags.astype(int)])) == 1).sum())


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_two_spans_hide_whole_frames_up_to_the_share(share: float) -> None:
    zeros = (hide(share).values == 0).numpy()
    seen = set()
    for zero, length in zip(zeros, LENGTHS, strict=True):
        flags = zero[:length].all(1)
        np.testing.assert_array_equal(zero[:length].any(1), flags)
        assert flags.sum() <= 2 * int(share * length / 2)
        seen.add(runs(flags))
    assert {1, 2} <= seen <= {0, 1, 2}


def test_what_is_not_hidden_stays_as_it_is() -> None:
    before, after = make_batch().values, hide(SHARE).values
    kept = after != 0
    assert torch.equal(after[kept], before[kept])
    assert kept.sum() < (before != 0).sum()


def test_the_generator_decides() -> None:
    first, again, other = (hide(SHARE, seed).values for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_vectors_stay_as_they_are() -> None:
    vectors = Batch(torch.ones(COUNT, 3))
    batches = {"acln": make_batch(), "fcn": vectors}
    hidden = hide_frames(batches, SHARE, np.random.default_rng(0))
    assert isinstance(hidden, dict)
    assert hidden["fcn"] is vectors
    assert torch.equal(hidden["acln"].values, hide(SHARE).values)


def test_lengths_and_places_of_spans_are_uniform() -> None:
    longest, lengths = np.full(20000, 3), np.full(20000, 5)
    begins, ends = draw_spans(np.random.default_rng(0), longest, lengths)
    widths = ends - begins
    np.testing.assert_allclose(np.bincount(widths) / 20000, [0.25] * 4, atol=0.02)
    for width in range(4):
        shares = np.bincount(begins[widths == width], minlength=6 - width) / (widths == width).sum()
        np.testing.assert_allclose(shares, np.full(6 - width, 1 / (6 - width)), atol=0.03)
