"""Where the utterances of a batch lie: all of each, once, apart, and found again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sersnake.networks.packing import BLOCKS, STRIP_UNIT, TIME_REDUCTION, Packing, pack

SIZES = st.lists(st.integers(1, 1500) | st.integers(1, 40), min_size=1, max_size=8)

# One frame; longer than a strip; many short ones.
EXAMPLES = [example([1]), example([3000, 2]), example([16, 17, 1]), example([1000] * 3 + [1] * 8)]


def packed(sizes: list[int]) -> Packing:
    return pack(np.array(sizes, np.int64), max(sizes))


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First column and the one behind the last of each stretch of True."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def everywhere(function: Callable[[list[int]], None]) -> Callable[[], None]:
    """Runs a test on any sizes, and on those that are known to be special."""
    for one in EXAMPLES:
        function = one(function)
    return settings(max_examples=60, deadline=None)(given(sizes=SIZES)(function))


@everywhere
def test_every_utterance_lies_on_a_strip_once_and_in_order(sizes: list[int]) -> None:
    packing, padded = packed(sizes), max(sizes)
    frames, mask = packing.frames.numpy(), packing.masks[0].numpy()
    assert set(frames[~mask]) == {len(sizes) * padded}
    laid_out = [
        frames[strip, first:end].tolist()
        for strip in range(len(mask))
        for first, end in runs(mask[strip])
    ]
    expected = [list(range(i * padded, i * padded + size)) for i, size in enumerate(sizes)]
    assert sorted(laid_out) == expected


@everywhere
def test_gaps_are_as_wide_as_a_convolution_reaches_in_every_block(sizes: list[int]) -> None:
    packing = packed(sizes)
    assert packing.frames.shape[1] % STRIP_UNIT == 0
    assert len(packing.masks) == BLOCKS + 1
    for block, mask in enumerate(packing.masks[:-1]):
        for strip in mask.numpy():
            places = runs(strip)
            gaps = [after[0] - before[1] for before, after in pairwise(places)]
            assert min(gaps, default=2) >= 2
            assert all(first % (TIME_REDUCTION >> block) == 0 for first, _ in places)


@everywhere
def test_each_mask_is_what_pooling_leaves_of_the_one_before(sizes: list[int]) -> None:
    masks = [mask.numpy() for mask in packed(sizes).masks]
    for before, after in pairwise(masks):
        assert np.array_equal(before[:, ::2] | before[:, 1::2], after)


@everywhere
def test_the_table_finds_each_utterance_s_steps(sizes: list[int]) -> None:
    packing = packed(sizes)
    steps, last = packing.steps.numpy(), packing.masks[-1].numpy()
    frames = packing.frames.numpy()[:, ::TIME_REDUCTION]
    assert sorted(steps[steps < last.size]) == np.flatnonzero(last).tolist()
    assert packing.lengths.tolist() == [-(-size // TIME_REDUCTION) for size in sizes]
    for utterance, count in enumerate(packing.lengths.tolist()):
        place = np.unravel_index(steps[utterance, :count], last.shape)
        expected = utterance * max(sizes) + TIME_REDUCTION * np.arange(count)
        assert np.array_equal(frames[place], expected)
        assert set(steps[utterance, count:]) <= {last.size}


def test_short_utterances_leave_little_room() -> None:
    lengths = np.random.default_rng(0).integers(100, 400, 32)
    assert pack(lengths, 400).masks[0].float().mean() > 0.75
