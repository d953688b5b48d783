"""Which utterances are trained on, and evaluated, together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sersnake.training.batches import draw_batches, sorted_batches


@given(count=st.integers(1, 200), size=st.integers(1, 64), seed=st.integers(0, 2**63 - 1))
def test_batches_hold_every_utterance_once_and_none_is_tiny(
    count: int, size: int, seed: int
) -> None:
    utterances = 3 * np.arange(count) + 5
    batches = draw_batches(utterances, size, np.random.default_rng(seed))
    assert sorted(np.concatenate(batches)) == list(utterances)
    sizes = [len(batch) for batch in batches]
    assert len(sizes) == -(-count // size)
    assert max(sizes) - min(sizes) <= 1


def test_batches_are_drawn_anew_from_the_generator() -> None:
    first, again, other = (
        np.concatenate(draw_batches(np.arange(100), 16, np.random.default_rng(seed)))
        for seed in (1, 1, 2)
    )
    assert list(first) == list(again) != list(other)
    assert list(first) != sorted(first)


@pytest.mark.parametrize(("size", "expected"), [(2, [[3, 1], [0, 4], [2]]), (5, [[3, 1, 0, 4, 2]])])
def test_sorted_batches_hold_every_utterance_once_by_length(
    size: int, expected: list[list[int]]
) -> None:
    lengths = np.array([5, 3, 9, 1, 7])
    assert [list(batch) for batch in sorted_batches(lengths, size)] == expected
