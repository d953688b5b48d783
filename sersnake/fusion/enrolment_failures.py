"""Test speakers who are known by what does not tell how they speak: stress tests of enrolment."""

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
    """Test speakers known by utterances of one emotion alone, once for each emotion.

    That reads labels of the test set, which no other enrolment but the draw ``neutral`` does.

    Args:
        fold: The fold.
        settings: How many; fewer where a speaker has fewer of an emotion.
        seed: Of the draw.

    Yields:
        What is scored is all else of the speakers who have that emotion.
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
    """Each test speaker known by utterances of another speaker of the fold, drawn at random.

    Args:
        fold: The fold.
        settings: How many.
        seed: Of the draw.

    Yields:
        Once, with the whole test set scored; nothing where nobody else speaks.
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
