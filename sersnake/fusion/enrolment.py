"""The test speakers of a fold, enrolled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sersnake.errors import SersnakeError
from sersnake.fusion.fold import FoldData, Positions
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.fusion.strength import known_by
from sersnake.protocols.enrolment import draw_enrolled, may_enrol, scored_of
from sersnake.settings.enrolment import Enrolment


class Trial(NamedTuple):
    """What a fold's test set is scored on.

    Attributes:
        scored: Positions of the test utterances that are scored.
        enrolled: Who speaks them, and what those speakers are known by; None without enrolment.
        settings: Enrolment as the training set has to play it: of as many utterances as the test
            speakers have, the median of them.
    """

    scored: Positions
    enrolled: Enrolled | None
    settings: Enrolment


def enrol(fold: FoldData, settings: Enrolment, seed: int) -> Trial:
    """Enrols the test speakers of a fold, or its test corpora.

    One that is in the training set too is known by the utterances there as well.

    Args:
        fold: The fold; emotions of its test set are read by the draw ``neutral`` alone.
        settings: How many, and which.
        seed: Of the draw.

    Raises:
        SersnakeError: Nothing is left to be scored.
    """
    test, voices = fold.test, fold.origin.voices
    if not settings.utterances:
        return Trial(test, None, settings)
    eligible = may_enrol(fold.emotions, settings)
    drawn = np.zeros(len(voices), bool)
    drawn[test] = draw_enrolled(voices[test], eligible[test], settings, seed)
    scored = test[scored_of(drawn[test], settings)]
    counts = [np.count_nonzero(drawn & (voices == name)) for name in np.unique(voices[test])]
    if not len(scored):
        raise SersnakeError("enrolment: all test utterances are enrolled; set scored: all")
    known = np.isin(np.arange(len(voices)), fold.train) & eligible
    as_played = Enrolment(
        max(1, int(np.median(counts))),
        settings.draw,
        "all" if settings.transductive else "rest",
        settings.by,
    )
    return Trial(scored, known_by(fold.blocks, voices, scored, known | drawn), as_played)
