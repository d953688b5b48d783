"""Which utterances of a test speaker are enrolled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.seeds import derived_seed
from sersnake.settings.enrolment import NEUTRAL, Enrolment

Mask = NDArray[np.bool_]


def may_enrol(emotions: NDArray[Any], settings: Enrolment) -> Mask:
    """Whether each of N utterances can be one that its speaker is known by.

    Raises:
        SersnakeError: Neutral ones are to be drawn, and none is labelled so.
    """
    if settings.draw != "neutral":
        return np.ones(len(emotions), bool)
    neutral: Mask = np.asarray(emotions) == NEUTRAL
    if not neutral.any():
        raise SersnakeError(
            "enrolment: draw: neutral needs utterances labelled neutral, which the corpus has not; "
            "draw random ones"
        )
    return neutral


def draw_enrolled(speakers: NDArray[Any], eligible: Mask, settings: Enrolment, seed: int) -> Mask:
    """Draws the enrolled utterances of each speaker.

    The draw of a speaker depends on nothing but the seed, so a larger number enrols the same
    utterances and more.

    Args:
        speakers: ``(N,)``, who speaks each.
        eligible: ``(N,)``, as :func:`may_enrol` gives it.
        settings: How many, and how they are drawn.
        seed: Of the draw.

    Returns:
        ``bool (N,)``. Where the rest is scored, at most half of a speaker's utterances.
    """
    if settings.utterances == "all":
        return eligible
    enrolled = np.zeros(len(speakers), bool)
    for speaker in np.unique(speakers):
        of_speaker = speakers == speaker
        rows = np.flatnonzero(of_speaker & eligible)
        if settings.draw != "first":
            generator = np.random.default_rng(derived_seed(seed, "enrolment", speaker))
            rows = generator.permutation(rows)
        most = len(rows) if settings.scored == "all" else np.count_nonzero(of_speaker) // 2
        enrolled[rows[: min(settings.utterances, most)]] = True
    return enrolled


def scored_of(enrolled: Mask, settings: Enrolment) -> Mask:
    """Whether each of N test utterances is scored."""
    return np.ones_like(enrolled) if settings.transductive else ~enrolled
