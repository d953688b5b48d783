"""Stress tests of enrolment: test speakers enrolled with utterances that mislead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sersnake.fusion.enrolment import Trial
from sersnake.fusion.fold import FoldData
from sersnake.fusion.scaling import rows_of
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.fusion.strength import known_by
from sersnake.io.seeds import derived_seed
from sersnake.protocols.enrolment import draw_enrolled
from sersnake.settings.enrolment import Enrolment


def one_emotion(fold: FoldData, settings: Enrolment, seed: int) -> Iterator[Trial]:
    """Test speakers enrolled with utterances of a single emotion, once for each emotion.

    This reads labels of the test set, as otherwise only the draw ``neutral`` does.

    Args:
        fold: The fold.
        settings: How many; fewer where a speaker has fewer of an emotion.
        seed: Of the draw.

    Yields:
        One trial per emotion, which scores the other utterances of the speakers who have it.
    """
    test, speakers = fold.test, fold.origin.speakers
    for emotion in np.unique(fold.emotions[test]):
        drawn = np.zeros(len(speakers), bool)
        eligible = fold.emotions[test] == emotion
        drawn[test] = draw_enrolled(speakers[test], eligible, settings, seed)
        scored = test[~drawn[test] & np.isin(speakers[test], speakers[drawn])]
        if len(scored):
            yield Trial(scored, known_by(fold.blocks, speakers, scored, drawn), settings)


def wrong_speaker(fold: FoldData, settings: Enrolment, seed: int) -> Iterator[Trial]:
    """Each test speaker enrolled with utterances of another speaker of the fold, drawn at random.

    Args:
        fold: The fold.
        settings: How many.
        seed: Of the draw.

    Yields:
        One trial, which scores the whole test set; none where the fold has one speaker.
    """
    rows, speakers = np.concatenate([fold.train, fold.test]), fold.origin.speakers
    drawn = np.zeros(len(speakers), bool)
    drawn[rows] = draw_enrolled(speakers[rows], np.ones(len(rows), bool), settings, seed)
    generator = np.random.default_rng(derived_seed(seed, "wrong speaker"))
    everyone = np.unique(speakers[rows])
    if len(everyone) < 2:
        return
    places, known = [], []
    for speaker in np.unique(speakers[fold.test]):
        other = generator.choice(everyone[everyone != speaker])
        places.append(np.flatnonzero(drawn & (speakers == other)))
        known.append(np.repeat(speaker, len(places[-1])))
    blocks = rows_of(fold.blocks, np.concatenate(places))
    enrolled = Enrolled(speakers[fold.test], blocks, np.concatenate(known))
    yield Trial(fold.test, enrolled, settings)
