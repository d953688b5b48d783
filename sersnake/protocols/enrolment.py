"""The enrolled utterances of test speakers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.seeds import derived_seed
from sersnake.settings.enrolment import NEUTRAL, By, Enrolment

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
            "enrolment: draw: neutral needs utterances labelled neutral, which the corpus lacks; "
            "set draw: random"
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


class Draw(NamedTuple):
    """The enrolment of the speakers of the N utterances of a fold.

    Attributes:
        voices: ``(N,)``, whose scale each is given: the speaker's, or the corpus'.
        playing: ``(n,)``, whose those of the training set are where it plays a test set.
        known: ``(N,)``, whether each is of the training set and may be known.
        drawn: ``(N,)``, whether each is of the test set and enrolled.
        scored: Positions of the test utterances that are scored.
        settings: Enrolment as the training set has to play it: of as many utterances as the test
            speakers have, the median of them.
        seed: Of the draw.
    """

    voices: NDArray[Any]
    playing: NDArray[Any]
    known: Mask
    drawn: Mask
    scored: NDArray[np.int64]
    settings: Enrolment
    seed: int


def draw_of_fold(
    voices: NDArray[Any],
    speakers: NDArray[Any],
    emotions: NDArray[Any],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    settings: Enrolment,
    seed: int,
) -> Draw:
    """Enrols the test speakers of a fold, or its test corpora; a fold may have no test set.

    Args:
        voices: ``(N,)``, the speaker or the corpus of each utterance.
        speakers: ``(N,)``, who speaks each; empty where nobody knows.
        emotions: ``(N,)``, of which the draw ``neutral`` reads those of the test set.
        train: Positions of the training set.
        test: Positions of the test set.
        settings: How many, and which; not none.
        seed: Of the draw.

    Raises:
        SersnakeError: As :func:`may_enrol`.
    """
    eligible = may_enrol(emotions, settings)
    drawn = np.zeros(len(voices), bool)
    drawn[test] = draw_enrolled(voices[test], eligible[test], settings, seed)
    counts = [np.count_nonzero(drawn & (voices == name)) for name in np.unique(voices[test])]
    played = Enrolment(
        max(1, int(np.median(counts))) if counts else settings.utterances,
        settings.draw,
        "all" if settings.transductive else "rest",
        settings.by,
    )
    known = np.isin(np.arange(len(voices)), train) & eligible
    scored = test[scored_of(drawn[test], settings)]
    playing = played_voices(voices[train], speakers[train], settings.by)
    return Draw(voices, playing, known, drawn, scored, played, seed)


def played_voices(voices: NDArray[Any], speakers: NDArray[Any], by: By) -> NDArray[Any]:
    """Whose scale each utterance of a training set is given where it plays a test set.

    In a training set of one corpus nothing is as far from it as another corpus is. The closest that
    it has are its speakers: each of them plays an unknown corpus.
    """
    if by == "speaker" or len(np.unique(voices)) > 1:
        return voices
    return np.array([f"held out: {name}" for name in speakers])
