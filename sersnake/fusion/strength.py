"""The strength of shrinkage in scaling by speaker, selected within the training set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.inner import inner_folds
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe, Part
from sersnake.fusion.scaling import Blocks, rows_of
from sersnake.fusion.speaker_scaling import Enrolled, SpeakerScaling
from sersnake.protocols.enrolment import draw_enrolled, played_voices, scored_of
from sersnake.training.shrinkage import STRENGTHS

Mask = NDArray[np.bool_]


def known_by(
    blocks: Blocks, voices: NDArray[Any], rows: NDArray[np.int64], known: Mask
) -> Enrolled:
    """The speakers of some utterances, and their enrolled utterances.

    Args:
        blocks: Features of N utterances.
        voices: ``(N,)``, the speaker of each, or its corpus where that is enrolled.
        rows: Positions of the utterances that are scaled.
        known: ``(N,)``, whether each counts as enrolled.
    """
    places = np.flatnonzero(known & np.isin(voices, voices[rows]))
    return Enrolled(voices[rows], rows_of(blocks, places), voices[places])


def choose_strength(
    parts: Sequence[tuple[str, ...]],
    blocks: Blocks,
    labels: NDArray[np.int64],
    recipe: ClassifierRecipe,
    folds: NDArray[np.int64],
    origin: Origin,
    eligible: Mask,
) -> float:
    """Selects the strength of a :class:`~sersnake.fusion.speaker_scaling.SpeakerScaling`.

    The speakers or corpora that inner folds hold out are enrolled as those of the test set are. Of
    the strengths whose accuracy is within one standard error (of the paired difference) of the
    best, the largest is selected, so that nothing is scaled without benefit.

    Args:
        parts: The blocks of each part of the classifier.
        blocks: Features of a training set of N utterances.
        labels: ``(N,)``, from 0 to C - 1.
        recipe: How each part is fitted, and how many utterances are enrolled.
        folds: ``(N,)``, the inner fold of each, as :func:`inner_folds_of` makes them.
        origin: Their speakers and groups.
        eligible: ``(N,)``, whether each may be enrolled.
    """
    held_out = _held_out(recipe, folds, origin)
    drawn = _drawn(recipe, folds, held_out, eligible)
    scored = scored_of(drawn, recipe.enrolment)
    hits = np.zeros((len(STRENGTHS), len(labels)))
    for fold in np.unique(folds):
        train, test = folds != fold, np.flatnonzero((folds == fold) & scored)
        voices = np.where(train, origin.voices, held_out)
        known = (train & eligible) | (~train & drawn)
        for number, strength in enumerate(STRENGTHS):
            rows = np.flatnonzero(train)
            scaling = SpeakerScaling.fit(rows_of(blocks, rows), strength)
            seen, heard = (
                scaling(rows_of(blocks, each), known_by(blocks, voices, each, known))
                for each in (rows, test)
            )
            present, numbers = np.unique(labels[rows], return_inverse=True)
            fits = [Part.fit(part, seen, numbers, recipe, origin.of(rows)) for part in parts]
            scores = np.mean([part.scores(heard) for part in fits], axis=0)
            hits[number, test] = present[scores.argmax(axis=1)] == labels[test]
    return STRENGTHS[largest_of_the_best(hits[:, scored])]


def inner_folds_of(
    labels: NDArray[np.int64], recipe: ClassifierRecipe, origin: Origin
) -> NDArray[np.int64]:
    """The inner fold of each utterance; where several corpora are enrolled, each is a fold.

    Raises:
        SersnakeError: Inner folds cannot be made.
    """
    corpora, numbers = np.unique(origin.voices, return_inverse=True)
    if recipe.enrolment.by == "corpus" and len(corpora) > 1:
        return numbers
    return inner_folds(labels, origin.groups, recipe.seed(0))


def _held_out(
    recipe: ClassifierRecipe, folds: NDArray[np.int64], origin: Origin
) -> NDArray[np.str_]:
    """The voice that scales each utterance while its inner fold is held out.

    Where corpora are enrolled and speakers unknown, each held-out fold stands for one corpus.
    """
    known = (origin.speakers != "").all()
    by = recipe.enrolment.by
    return played_voices(origin.voices, origin.speakers if known else folds, by)


def _drawn(
    recipe: ClassifierRecipe, folds: NDArray[np.int64], voices: NDArray[np.str_], eligible: Mask
) -> Mask:
    drawn = np.zeros(len(folds), bool)
    for fold in np.unique(folds):
        rows = np.flatnonzero(folds == fold)
        drawn[rows] = draw_enrolled(voices[rows], eligible[rows], recipe.enrolment, recipe.seed(0))
    return drawn


def largest_of_the_best(hits: NDArray[np.float64]) -> int:
    """The last of K candidates, ``(K, N)``, within one standard error of the best.

    Args:
        hits: Whether each of N utterances is recognised, 1 or 0.
    """
    apart = hits[hits.sum(axis=1).argmax()] - hits
    # Where the best alone recognises b utterances and the other alone c, the standard error of
    # b - c is the root of b + c (as in McNemar's test).
    return int(np.flatnonzero(apart.sum(axis=1) ** 2 <= np.square(apart).sum(axis=1))[-1])
