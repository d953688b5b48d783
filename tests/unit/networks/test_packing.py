"""Where the utterances of a batch lie: all of each, once, apart, and found again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sersnake.networks.packing import (
    BLOCKS,
    STRIP_UNIT,
    TIME_REDUCTION,
    Packing,
    pack,
    padded_size,
)

SIZES = st.lists(
    st.lists(st.integers(1, 1500) | st.integers(1, 40), max_size=8), min_size=1, max_size=3
).filter(any)

# One frame; longer than a strip; members with fewer utterances, and with none.
EXAMPLES = [
    example([[1]]),
    example([[3000, 2]]),
    example([[16, 17, 1], [5]]),
    example([[], [7, 700], []]),
    example([[1000] * 3, [1] * 8]),
]


def packed(sizes: list[list[int]]) -> tuple[Packing, list[NDArray[np.int64]]]:
    """The packing, and the first row of each utterance, whose frames lie in disorder."""
    lengths = [np.array(member, np.int64) for member in sizes]
    ends = np.cumsum(np.concatenate(lengths)[::-1])[::-1]
    firsts = ends - np.concatenate(lengths)
    starts = np.split(firsts, np.cumsum([len(member) for member in sizes])[:-1])
    return pack(starts, lengths), starts


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First column and the one behind the last of each stretch of True."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def everywhere(function: Callable[[list[list[int]]], None]) -> Callable[[], None]:
    """Runs a test on any sizes, and on those that are known to be special."""
    for one in EXAMPLES:
        function = one(function)
    return settings(max_examples=60, deadline=None)(given(sizes=SIZES)(function))


@everywhere
def test_every_utterance_lies_on_a_strip_once_and_in_order(sizes: list[list[int]]) -> None:
    packing, starts = packed(sizes)
    frames, mask = packing.frames.numpy(), packing.masks[0].numpy()
    assert not frames[~mask].any()
    for member, lengths in enumerate(sizes):
        laid_out = [
            frames[strip, first:end, member].tolist()
            for strip in range(len(mask))
            for first, end in runs(mask[strip, :, member])
        ]
        expected = [
            list(range(start, start + length))
            for start, length in zip(starts[member].tolist(), lengths, strict=True)
        ]
        assert sorted(laid_out) == sorted(expected)


@everywhere
def test_gaps_are_as_wide_as_a_convolution_reaches_in_every_block(sizes: list[list[int]]) -> None:
    packing, _ = packed(sizes)
    assert packing.frames.shape[1] % STRIP_UNIT == 0
    assert len(packing.masks) == BLOCKS + 1
    for block, mask in enumerate(packing.masks[:-1]):
        for strip, member in np.ndindex(mask.shape[0], mask.shape[2]):
            places = runs(mask[strip, :, member].numpy())
            gaps = [after[0] - before[1] for before, after in pairwise(places)]
            assert min(gaps, default=2) >= 2
            assert all(first % (TIME_REDUCTION >> block) == 0 for first, _ in places)


@everywhere
def test_each_mask_is_what_pooling_leaves_of_the_one_before(sizes: list[list[int]]) -> None:
    masks = [mask.numpy() for mask in packed(sizes)[0].masks]
    for before, after in pairwise(masks):
        assert np.array_equal(before[:, ::2] | before[:, 1::2], after)


@everywhere
def test_the_table_finds_each_utterance_s_steps(sizes: list[list[int]]) -> None:
    packing, starts = packed(sizes)
    steps, last = packing.steps.numpy(), packing.masks[-1].numpy()
    frames = packing.frames.numpy()[:, ::TIME_REDUCTION]
    counts = [-(-np.array(member, np.int64) // TIME_REDUCTION) for member in sizes]
    used = steps[steps < last.size]
    assert sorted(used) == np.flatnonzero(last).tolist()
    assert steps.shape[:2] == (len(sizes), padded_size(max(map(len, sizes))))
    for member, (row, lengths) in enumerate(zip(packing.lengths.numpy(), counts, strict=True)):
        assert row[: len(lengths)].tolist() == lengths.tolist()
        assert not row[len(lengths) :].any()
        for slot, count in enumerate(row.tolist()):
            strip, column, owner = np.unravel_index(steps[member, slot, :count], last.shape)
            expected = starts[member][slot : slot + 1] + TIME_REDUCTION * np.arange(count)
            assert np.array_equal(frames[strip, column, owner], expected)
            assert set(owner) <= {member}
            assert set(steps[member, slot, count:]) <= {last.size}


@pytest.mark.parametrize(("utterances", "padded"), [(1, 16), (16, 16), (17, 32), (64, 64)])
def test_a_batch_is_filled_up_to_a_multiple_of_16(utterances: int, padded: int) -> None:
    assert padded_size(utterances) == padded


def test_short_utterances_leave_little_room() -> None:
    lengths = np.random.default_rng(0).integers(100, 400, 32)
    packing = pack([np.cumsum(lengths) - lengths], [lengths])
    assert packing.masks[0].float().mean() > 0.75
