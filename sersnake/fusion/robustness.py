"""Correct predictions of a fold's classifier under each condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from sersnake.fusion.copies import with_test_set
from sersnake.fusion.enrolment import enrol
from sersnake.fusion.fold import FoldData
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import Blocks, rows_of
from sersnake.settings.enrolment import Enrolment

CLEAN = "clean"
CELL = ["speaker", "emotion"]


def count_conditions(
    fold: FoldData,
    emotions: Sequence[str],
    recipe: ClassifierRecipe,
    enrolment: Enrolment,
    conditions: Iterable[tuple[str, Blocks]],
    seed: int,
) -> pd.DataFrame:
    """Counts correct predictions on the clean test set, and under each condition.

    The classifier is fitted once, as in a run. Under every condition speakers are enrolled with the
    same recordings, which are degraded too.

    Args:
        fold: The fold, clean, with training copies or without.
        emotions: All classes, in the order of the scores.
        recipe: How the classifier is fitted; its enrolment is ignored.
        enrolment: How test speakers are enrolled.
        conditions: Features of all utterances under each condition, by its name.
        seed: Of the draw of enrolled recordings.

    Returns:
        Columns condition (:data:`CLEAN` first), speaker, emotion, tested and correct.
    """
    settings = enrol(fold, enrolment, seed).settings
    classifier = fold.fit(emotions, recipe._replace(enrolment=settings))
    counts = []
    heard = ((name, with_test_set(fold, name, blocks)) for name, blocks in conditions)
    for name, tested in [(CLEAN, fold), *heard]:
        trial = enrol(tested, enrolment, seed)
        rows = trial.scored
        predicted = classifier.predict(rows_of(tested.blocks, rows), trial.enrolled)
        cells = {"speaker": fold.origin.speakers[rows], "emotion": fold.emotions[rows]}
        right = pd.Series(predicted == fold.emotions[rows], name="correct")
        frame = pd.DataFrame(cells).join(right).groupby(CELL)["correct"]
        counts.append(frame.agg(tested="size", correct="sum").reset_index().assign(condition=name))
    return pd.concat(counts)[["condition", *CELL, "tested", "correct"]]
