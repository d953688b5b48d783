"""How much a few enrolled utterances are believed: chosen within the training set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe, Part
from sersnake.fusion.scaling import Blocks, rows_of
from sersnake.fusion.speaker_scaling import Enrolled, SpeakerScaling
from sersnake.protocols.enrolment import draw_enrolled, scored_of

STRENGTHS = (5.0, 20.0, np.inf)

Mask = NDArray[np.bool_]


def known_by(
    blocks: Blocks, speakers: NDArray[Any], rows: NDArray[np.int64], known: Mask
) -> Enrolled:
    """Who speaks some utterances, and those that their speakers are known by.

    Args:
        blocks: Features of N utterances.
        speakers: ``(N,)``.
        rows: Positions of the utterances that are scaled.
        known: ``(N,)``, whether each may be known.
    """
    places = np.flatnonzero(known & np.isin(speakers, speakers[rows]))
    return Enrolled(speakers[rows], rows_of(blocks, places), speakers[places])


def choose_strength(
    parts: Sequence[tuple[str, ...]],
    blocks: Blocks,
    labels: NDArray[np.int64],
    recipe: ClassifierRecipe,
    folds: NDArray[np.int64],
    origin: Origin,
    eligible: Mask,
) -> float:
    """The strength of :class:`~sersnake.fusion.speaker_scaling.SpeakerScaling` that is best inside.

    The speakers of each inner fold are enrolled as those of the test set are. Of the strengths
    whose accuracy is within one standard error of the best one's (of their difference, utterance by
    utterance) it is the largest, so that nothing is scaled for nothing.

    Args:
        parts: The blocks of each part of the classifier.
        blocks: Features of a training set of N utterances.
        labels: ``(N,)``, from 0 to C - 1.
        recipe: How each part is fitted, and how many utterances are enrolled.
        folds: ``(N,)``, the inner fold of each.
        origin: Who speaks them.
        eligible: ``(N,)``, whether each may be enrolled.
    """
    drawn = _drawn(recipe, folds, origin, eligible)
    scored = scored_of(drawn, recipe.enrolment)
    hits = np.zeros((len(STRENGTHS), len(labels)))
    for fold in np.unique(folds):
        train, test = folds != fold, np.flatnonzero((folds == fold) & scored)
        known = (train & eligible) | (~train & drawn)
        for number, strength in enumerate(STRENGTHS):
            rows = np.flatnonzero(train)
            scaling = SpeakerScaling.fit(rows_of(blocks, rows), strength)
            seen, heard = (
                scaling(rows_of(blocks, each), known_by(blocks, origin.speakers, each, known))
                for each in (rows, test)
            )
            present, numbers = np.unique(labels[rows], return_inverse=True)
            fits = [Part.fit(part, seen, numbers, recipe, origin.of(rows)) for part in parts]
            scores = np.mean([part.scores(heard) for part in fits], axis=0)
            hits[number, test] = present[scores.argmax(axis=1)] == labels[test]
    return STRENGTHS[largest_of_the_best(hits[:, scored])]


def _drawn(
    recipe: ClassifierRecipe, folds: NDArray[np.int64], origin: Origin, eligible: Mask
) -> Mask:
    drawn = np.zeros(len(folds), bool)
    for fold in np.unique(folds):
        rows = np.flatnonzero(folds == fold)
        drawn[rows] = draw_enrolled(
            origin.speakers[rows], eligible[rows], recipe.enrolment, recipe.seed(0)
        )
    return drawn


def largest_of_the_best(hits: NDArray[np.float64]) -> int:
    """The last of K candidates, ``(K, N)``, within one standard error of the best.

    Args:
        hits: Whether each of N utterances is recognised, 1 or 0.
    """
    apart = hits[hits.sum(axis=1).argmax()] - hits
    # Of b utterances that only the best recognises, and c that only the other does: b - c is as
    # large as a standard error of it, the root of b + c, or less (as in McNemar's test).
    return int(np.flatnonzero(apart.sum(axis=1) ** 2 <= np.square(apart).sum(axis=1))[-1])
