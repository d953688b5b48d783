"""Accuracy by number of enrolled utterances, counted on one fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from sersnake.fusion.enrolment import Trial, enrol
from sersnake.fusion.enrolment_failures import one_emotion, wrong_speaker
from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.fold import FoldData, Positions
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import rows_of
from sersnake.io.seeds import derived_seed
from sersnake.settings.enrolment import Enrolment

DRAWS = 10
FAILURES_AT = 10  # enrolled utterances
RANDOM = "random"
FAILURES = {"one_emotion": one_emotion, "wrong_speaker": wrong_speaker}
POINT = ["condition", "enrolled"]
CELL = ["speaker", "emotion"]


def count_fold(
    fold: FoldData,
    emotions: Sequence[str],
    recipe: ClassifierRecipe,
    numbers: Iterable[int | str],
    seed: int,
) -> pd.DataFrame:
    """Counts correct predictions for each number of enrolled utterances, over several draws.

    For each number the classifier is fitted once, as in a run with that many, and applied to each
    draw. The first draw is that of a run; a draw of more utterances contains those of fewer.

    Args:
        fold: The fold.
        emotions: All classes, in the order of the scores.
        recipe: How a classifier is fitted; its enrolment is ignored.
        numbers: Numbers of enrolled utterances, or ``all``.
        seed: Of the draws.

    Returns:
        Columns condition (``random`` or one of :data:`FAILURES`), enrolled, speaker, emotion (of
        an utterance), scored and correct (over all draws), tested (utterances of the test set).
    """
    counts = []
    for number in numbers:
        trials = _trials(fold, number, seed)
        played = recipe._replace(enrolment=trials[RANDOM][0].settings)
        classifier = fold.fit(emotions, played)
        for condition, asked in trials.items():
            frame = _count(fold, classifier, asked)
            frame.insert(0, "condition", condition)
            frame.insert(1, "enrolled", str(number))
            counts.append(frame)
    return pd.concat(counts)


def _trials(fold: FoldData, number: Any, seed: int) -> dict[str, list[Trial]]:
    """The trials of each condition."""
    settings = Enrolment(utterances=number)
    draws = 1 if number in (0, "all") else DRAWS
    seeds = [seed, *(derived_seed(seed, "draw", draw) for draw in range(1, draws))]
    trials = {RANDOM: [enrol(fold, settings, each) for each in seeds]}
    if number == FAILURES_AT:
        for name, failing in FAILURES.items():
            trials[name] = [trial for each in seeds for trial in failing(fold, settings, each)]
    return {condition: of_condition for condition, of_condition in trials.items() if of_condition}


def _count(fold: FoldData, classifier: FinalClassifier, trials: Iterable[Trial]) -> pd.DataFrame:
    counts = pd.concat(_answers(fold, classifier, trials)).groupby(CELL)["correct"]
    tested = _cells(fold, fold.test).groupby(CELL).size().rename("tested")
    return counts.agg(scored="size", correct="sum").join(tested).reset_index()


def _answers(
    fold: FoldData, classifier: FinalClassifier, trials: Iterable[Trial]
) -> Iterator[pd.DataFrame]:
    for trial in trials:
        predicted = classifier.predict(rows_of(fold.blocks, trial.scored), trial.enrolled)
        cells = _cells(fold, trial.scored)
        yield cells.assign(correct=predicted == cells["emotion"].to_numpy())


def _cells(fold: FoldData, rows: Positions) -> pd.DataFrame:
    """Who speaks some utterances, and with what emotion."""
    return pd.DataFrame({"speaker": fold.origin.speakers[rows], "emotion": fold.emotions[rows]})
