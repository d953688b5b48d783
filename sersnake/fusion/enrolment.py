"""The test speakers of a fold, enrolled."""

from __future__ import annotations

from typing import NamedTuple

from sersnake.errors import SersnakeError
from sersnake.fusion.fold import FoldData, Positions
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.fusion.strength import known_by
from sersnake.protocols.enrolment import draw_of_fold
from sersnake.settings.enrolment import Enrolment


class Trial(NamedTuple):
    """The enrolment of a fold's test set.

    Attributes:
        scored: Positions of the test utterances that are scored.
        enrolled: Their speakers and the utterances enrolled for these; None without enrolment.
        settings: Enrolment as it is simulated in the training set: with the median number of
            utterances enrolled per test speaker.
    """

    scored: Positions
    enrolled: Enrolled | None
    settings: Enrolment


def enrol(fold: FoldData, settings: Enrolment, seed: int) -> Trial:
    """Enrols the test speakers of a fold, or its test corpora.

    A speaker who is also in the training set is enrolled with the utterances there as well.

    Args:
        fold: The fold; only the draw ``neutral`` reads emotions of its test set.
        settings: How many utterances to enrol, and which.
        seed: Of the draw.

    Raises:
        SersnakeError: Nothing is left to be scored.
    """
    if not settings.utterances:
        return Trial(fold.test, None, settings)
    of, parts = fold.origin, (fold.train, fold.test)
    draw = draw_of_fold(of.voices, of.speakers, fold.emotions, *parts, settings, seed)
    if not len(draw.scored):
        raise SersnakeError("enrolment: all test utterances are enrolled; set scored: all")
    known = known_by(fold.blocks, of.voices, draw.scored, draw.known | draw.drawn)
    return Trial(draw.scored, known, draw.settings)
