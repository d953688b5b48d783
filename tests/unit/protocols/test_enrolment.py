"""Which utterances of a test speaker are enrolled."""

from __future__ import annotations

import numpy as np
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols.enrolment import draw_enrolled, may_enrol, scored_of
from sersnake.settings.enrolment import Enrolment

SPEAKERS = np.repeat(["ann", "bob"], [20, 9])
EVERYONE = np.ones(29, bool)


def counts(enrolled: np.ndarray) -> list[int]:
    return [int(enrolled[name == SPEAKERS].sum()) for name in ("ann", "bob")]


def test_each_speaker_has_as_many_but_at_most_half_where_the_rest_is_scored() -> None:
    drawn = draw_enrolled(SPEAKERS, EVERYONE, Enrolment(utterances=6), 0)
    assert counts(drawn) == [6, 4]
    everything = Enrolment(utterances=12, scored="all")
    assert counts(draw_enrolled(SPEAKERS, EVERYONE, everything, 0)) == [12, 9]


def test_a_larger_number_enrols_the_same_and_more() -> None:
    few, many = (draw_enrolled(SPEAKERS, EVERYONE, Enrolment(utterances=n), 3) for n in (2, 4))
    assert (many & few).sum() == few.sum() < many.sum()


def test_a_speaker_alone_is_enrolled_as_among_others() -> None:
    settings = Enrolment(utterances=4)
    together = draw_enrolled(SPEAKERS, EVERYONE, settings, 5)[20:]
    assert np.array_equal(draw_enrolled(SPEAKERS[20:], EVERYONE[20:], settings, 5), together)


def test_the_seed_decides_what_is_drawn_and_nothing_of_the_first() -> None:
    random, first = Enrolment(utterances=5), Enrolment(utterances=5, draw="first")
    masks = [draw_enrolled(SPEAKERS, EVERYONE, random, seed) for seed in (0, 1)]
    assert not np.array_equal(*masks)
    assert np.flatnonzero(draw_enrolled(SPEAKERS, EVERYONE, first, 1))[:5].tolist() == [*range(5)]


def test_neutral_draws_from_neutral_utterances_alone() -> None:
    emotions = np.array(["neutral", "angry", "sad"] * 10)[:29]
    settings = Enrolment(utterances=4, draw="neutral")
    drawn = draw_enrolled(SPEAKERS, may_enrol(emotions, settings), settings, 0)
    assert counts(drawn) == [4, 3]
    assert set(emotions[drawn]) == {"neutral"}


def test_a_corpus_without_neutral_utterances_cannot_draw_them() -> None:
    with pytest.raises(SersnakeError, match="labelled neutral, which the corpus lacks"):
        may_enrol(np.array(["angry", "sad"]), Enrolment(utterances=1, draw="neutral"))


@pytest.mark.parametrize(
    ("settings", "scored"),
    [
        (Enrolment(utterances=1), [False, True]),
        (Enrolment(utterances=1, scored="all"), [True, True]),
        (Enrolment(utterances="all"), [True, True]),
    ],
)
def test_what_is_enrolled_is_scored_where_that_is_asked_for(
    settings: Enrolment, scored: list[bool]
) -> None:
    assert scored_of(np.array([True, False]), settings).tolist() == scored
