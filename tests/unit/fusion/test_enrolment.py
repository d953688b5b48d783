"""Scaling by enrolled speakers: what it gains, what it costs, what it never reads."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sersnake.errors import SersnakeError
from sersnake.fusion.enrolment import enrol
from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.fold import FoldData
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import rows_of
from sersnake.fusion.speaker_scaling import Enrolled, SpeakerScaling
from sersnake.fusion.strength import STRENGTHS, inner_folds_of, largest_of_the_best
from sersnake.settings.classifiers import Fusion, Svm
from sersnake.settings.enrolment import By, Enrolment

ORDER = ("angry", "happy", "sad")
SPEAKERS = np.repeat([f"s{number}" for number in range(8)], 24)
LABELS = np.tile(np.arange(3), 64)
EMOTIONS = np.array(ORDER)[LABELS]
ORIGIN = Origin(SPEAKERS, SPEAKERS, SPEAKERS)
TRAIN, TEST = np.arange(144), np.arange(144, 192)  # two speakers are tested


def make_blocks(apart: float) -> dict[str, np.ndarray]:
    """Emotions in three columns, of speakers who are so far apart in all of them."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (192, 5))
    values[np.arange(192), LABELS] += 3
    values += np.repeat(rng.normal(0, apart, (8, 5)), 24, axis=0)
    return {"mine": values.astype(np.float32)[None]}


def score(
    blocks: dict[str, np.ndarray], settings: Enrolment, emotions: np.ndarray = EMOTIONS
) -> tuple[FinalClassifier, np.ndarray, np.ndarray]:
    """The classifier, the positions that are scored, and their scores."""
    fold = FoldData(blocks, emotions, ORIGIN, TRAIN, TEST)
    trial = enrol(fold, settings, 0)
    recipe = ClassifierRecipe("svm", Svm(), Fusion(), (0, "mine", "0"), trial.settings)
    classifier = fold.fit(ORDER, recipe)
    return (
        classifier,
        trial.scored,
        classifier.scores(rows_of(blocks, trial.scored), trial.enrolled),
    )


def accuracy(blocks: dict[str, np.ndarray], settings: Enrolment) -> float:
    _, scored, scores = score(blocks, settings)
    return float(np.mean(scores.argmax(axis=1) == LABELS[scored]))


def test_speakers_far_apart_gain_from_enrolment() -> None:
    blocks = make_blocks(apart=4)
    none, some, everything = (
        accuracy(blocks, Enrolment(utterances=number)) for number in (0, 10, "all")
    )
    assert none + 0.15 < some
    assert none + 0.2 < everything


def test_speakers_alike_lose_next_to_nothing() -> None:
    blocks = make_blocks(apart=0)
    assert accuracy(blocks, Enrolment(utterances=2, scored="all")) > (
        accuracy(blocks, Enrolment()) - 1.5 / len(TEST)  # one utterance
    )


def test_labels_of_the_test_set_reach_nothing() -> None:
    blocks, settings = make_blocks(apart=2), Enrolment(utterances=5)
    shuffled = EMOTIONS.copy()
    shuffled[TEST] = np.random.default_rng(1).permutation(EMOTIONS[TEST])
    _, scored, scores = score(blocks, settings)
    _, again, same = score(blocks, settings, shuffled)
    assert np.array_equal(scored, again)
    assert np.array_equal(scores, same)


def test_enrolled_utterances_are_not_scored_and_those_left_are() -> None:
    _, scored, _ = score(make_blocks(apart=1), Enrolment(utterances=5))
    assert len(scored) == 48 - 2 * 5
    _, scored, _ = score(make_blocks(apart=1), Enrolment(utterances="all"))
    assert np.array_equal(scored, TEST)


def test_the_training_set_plays_with_as_many_as_the_test_speakers_have() -> None:
    blocks = make_blocks(apart=1)
    four = FoldData(blocks, EMOTIONS, ORIGIN, TRAIN, TEST[:4])
    of_all = enrol(four, Enrolment(utterances="all"), 0)
    assert of_all.settings == Enrolment(utterances=4, scored="all")
    few = enrol(four._replace(test=TEST), Enrolment(utterances=30), 0)
    assert few.settings == Enrolment(utterances=12)


def test_speakers_have_to_be_known() -> None:
    recipe = ClassifierRecipe("svm", Svm(), Fusion(), (0,), Enrolment(utterances=3))
    with pytest.raises(SersnakeError, match="needs the speaker of every utterance"):
        FinalClassifier.fit(make_blocks(1), EMOTIONS, ORDER, recipe)


@pytest.mark.parametrize("by", ["speaker", "corpus"])
def test_arrays_and_json_are_the_whole_classifier(by: By) -> None:
    blocks, settings = make_blocks(apart=3), Enrolment(utterances=6, by=by)
    classifier, scored, scores = score(blocks, settings)
    structure = json.loads(json.dumps(classifier.structure))
    again = FinalClassifier.from_arrays(classifier.to_arrays(), structure, ORDER)
    trial = enrol(FoldData(blocks, EMOTIONS, ORIGIN, TRAIN, TEST), settings, 0)
    assert again.speakers
    assert again.speakers.by == by
    assert np.array_equal(again.scores(rows_of(blocks, scored), trial.enrolled), scores)


# ---- A corpus, whose speakers nobody knows


def of_corpora(blocks: dict[str, np.ndarray], corpora: np.ndarray) -> FoldData:
    """Corpora apart, of which t is tested: two speakers, whom nobody knows."""
    for corpus, place in (("b", -4), ("t", 4)):
        blocks["mine"][:, corpora == corpus] += np.float32([place, 0, 0, 0, 0])
    speakers = np.where(np.arange(192) < len(TRAIN), SPEAKERS, "")
    return FoldData(blocks, EMOTIONS, Origin(speakers, SPEAKERS, corpora), TRAIN, TEST)


@pytest.mark.parametrize("corpora", [["a"] * 6, ["a"] * 3 + ["b"] * 3])
def test_a_corpus_apart_gains_from_enrolment_without_its_speakers(corpora: list[str]) -> None:
    fold = of_corpora(make_blocks(apart=1), np.repeat([*corpora, "t", "t"], 24))
    reached = []
    for number in (0, 20, "all"):
        trial = enrol(fold, Enrolment(utterances=number, by="corpus"), 0)  # type: ignore[arg-type]
        recipe = ClassifierRecipe("svm", Svm(), Fusion(), (0, "mine", "0"), trial.settings)
        scores = fold.fit(ORDER, recipe._replace(enrolment=trial.settings)).scores(
            rows_of(fold.blocks, trial.scored), trial.enrolled
        )
        reached.append(np.mean(scores.argmax(axis=1) == LABELS[trial.scored]))
    assert reached[0] + 0.2 < min(reached[1:])


def test_enrolled_utterances_are_counted_by_corpus() -> None:
    fold = of_corpora(make_blocks(apart=0), np.repeat(["a", "t"], [144, 48]))
    trial = enrol(fold, Enrolment(utterances=10, by="corpus"), 0)
    assert len(trial.scored) == 48 - 10
    assert trial.settings == Enrolment(utterances=10, by="corpus")


def test_inner_folds_of_several_corpora_hold_one_out() -> None:
    recipe = ClassifierRecipe("svm", Svm(), Fusion(), (0,), Enrolment(10, by="corpus"))
    corpora = np.repeat(["a", "b"], 96)
    origin = Origin(SPEAKERS, SPEAKERS, corpora)
    assert np.array_equal(inner_folds_of(LABELS, recipe, origin), corpora == "b")
    alone = origin._replace(voices=np.full(192, "a"))
    assert len(np.unique(inner_folds_of(LABELS, recipe, alone))) == 5


# ---- The scaling


def enrolled_on(rows: np.ndarray, blocks: dict[str, np.ndarray], speaker: str) -> Enrolled:
    known = rows_of(blocks, rows)
    return Enrolled(np.repeat(speaker, 24), known, np.repeat(speaker, len(rows)))


def test_a_speaker_of_whom_nothing_is_known_is_scaled_by_the_training_set() -> None:
    blocks = make_blocks(apart=3)
    scaling = SpeakerScaling.fit(rows_of(blocks, TRAIN), 5.0)
    ours = rows_of(blocks, TEST[:24])
    nobody = enrolled_on(TEST[:0], blocks, "s6")
    assert np.array_equal(scaling(ours, nobody)["mine"], scaling(ours)["mine"])


def test_estimates_go_from_the_training_set_to_the_speaker() -> None:
    blocks = make_blocks(apart=3)
    ours = rows_of(blocks, TEST[:24])
    weak, strong = (SpeakerScaling.fit(rows_of(blocks, TRAIN), s) for s in (1e-6, 1e6))
    all_known = enrolled_on(TEST[:24], blocks, "s6")
    scaled = weak(ours, all_known)["mine"][0]
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-3)
    assert np.allclose(scaled.std(axis=0), 1, atol=1e-3)
    assert np.allclose(strong(ours, all_known)["mine"], strong(ours)["mine"], atol=1e-2)


def test_recordings_that_sound_alike_count_as_one() -> None:
    blocks = make_blocks(apart=0.5)
    classifier, _, _ = score(blocks, Enrolment(utterances=6))
    sad = TEST[:24][LABELS[TEST[:24]] == 2]
    assert classifier.alike(enrolled_on(sad, blocks, "s6")) == ["s6"]
    assert classifier.alike(enrolled_on(TEST[:24], blocks, "s6")) == []


@pytest.mark.parametrize(
    ("wrong", "best"),
    [
        ([[], [0], [0, 1]], 1),  # one of forty is within a standard error
        ([[0, 1, 2, 3], [], [0, 1, 2, 3]], 1),
        ([[0], [1], [2]], 2),  # all alike: the strongest
    ],
)
def test_the_strongest_of_those_that_are_as_good_is_chosen(wrong: Any, best: int) -> None:
    hits = np.ones((3, 40))
    for number, rows in enumerate(wrong):
        hits[number, rows] = 0
    assert largest_of_the_best(hits) == best
    assert np.isinf(STRENGTHS[-1])
