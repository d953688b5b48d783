"""Probabilities of scores: right where they can be known, and in the order of the scores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from sersnake.fusion.calibration import Calibration, as_logits, fit_temperature, kind_of, soften
from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.part import ClassifierRecipe
from sersnake.settings.classifiers import CLASSIFIERS, Fusion

LABELS = ["a", "b", "c", "d"]


def drawn(temperature: float, utterances: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and classes that were drawn from their probabilities at a temperature."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (utterances, 4))
    chances = softmax(logits / temperature, axis=1).cumsum(axis=1)
    return logits, (rng.random((utterances, 1)) > chances).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_temperature_that_classes_were_drawn_at_is_the_one_that_is_fitted(
    temperature: float,
) -> None:
    assert fit_temperature(*drawn(temperature)) == pytest.approx(temperature, rel=0.05)


def test_scores_of_any_scale_give_the_same_probabilities() -> None:
    logits, labels = drawn(2.0, 500)
    one, other = (soften(x, fit_temperature(x, labels)) for x in (logits, 1e5 * logits))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_no_utterance_is_certain_and_scores_by_chance_say_nothing() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(20, 3))
    best = soften(logits, fit_temperature(logits, logits.argmax(axis=1)))
    assert 0.8 < best.max(axis=1).mean() < 0.99
    worst = soften(logits, fit_temperature(logits, logits.argmin(axis=1)))
    np.testing.assert_allclose(worst, 1 / 3, atol=1e-3)
    assert np.isnan(fit_temperature(np.full((2, 2), -np.inf), np.array([0, 1])))


def problem(utterances: int, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Four classes that overlap."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 4, utterances)
    rows = rng.normal(size=(utterances, 6))
    rows[:, :4] += 1.5 * np.eye(4)[classes]
    return {"x": rows[None].astype(np.float32)}, np.array(LABELS)[classes]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_probabilities_are_those_of_unseen_utterances_in_the_order_of_scores(name: str) -> None:
    """As often right as they say, within what so many utterances can tell."""
    recipe = ClassifierRecipe(name, CLASSIFIERS[name].settings(), Fusion())
    classifier = FinalClassifier.fit(*problem(300, 0), LABELS, recipe)
    held_out, emotions = problem(2000, 1)
    scores = classifier.scores(held_out)
    calibration = Calibration.fit(scores, np.array([LABELS.index(e) for e in emotions]), name)
    assert calibration.kind == CLASSIFIERS[name].scores
    unseen, emotions = problem(2000, 2)
    scores = classifier.scores(unseen)
    probabilities = calibration.probabilities(scores)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    order = np.argsort(-scores, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(probabilities, order, 1), axis=1) <= 0).all()
    right = np.array(LABELS)[scores.argmax(axis=1)] == emotions
    confidence = probabilities.max(axis=1)
    assert confidence.mean() == pytest.approx(right.mean(), abs=0.03)
    surer = confidence > np.median(confidence)
    assert right[surer].mean() > right[~surer].mean() + 0.1
    assert confidence[surer].mean() == pytest.approx(right[surer].mean(), abs=0.06)


def test_what_is_no_vote_is_a_value() -> None:
    blocks, emotions = problem(120, 0)
    svm = CLASSIFIERS["svm"].settings()
    recipe = ClassifierRecipe("svm", svm, Fusion())
    whole = FinalClassifier.fit(blocks, emotions, LABELS, recipe).scores(blocks)
    assert kind_of(whole, "svm") == "votes"
    shift = np.random.default_rng(0).normal(size=blocks["x"].shape).astype(np.float32)
    members = {"x": np.concatenate([blocks["x"], blocks["x"] + shift])}
    averaged = FinalClassifier.fit(members, emotions, LABELS, recipe).scores(members)
    assert kind_of(averaged, "svm") == "values"
    two = np.isin(emotions, ["a", "b"])
    pair = {"x": blocks["x"][:, two]}
    scores = FinalClassifier.fit(pair, emotions[two], ["a", "b"], recipe).scores(pair)
    assert kind_of(scores, "svm") == "values"


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_class_without_training_utterances_is_impossible(name: str) -> None:
    blocks, emotions = problem(200, 0)
    known = emotions != "c"
    recipe = ClassifierRecipe(name, CLASSIFIERS[name].settings(), Fusion())
    rows = {"x": blocks["x"][:, known]}
    classifier = FinalClassifier.fit(rows, emotions[known], LABELS, recipe)
    scores = classifier.scores(blocks)
    labels = np.array([LABELS.index(e) for e in emotions])
    calibration = Calibration.fit(scores, labels, name)
    assert calibration.kind == CLASSIFIERS[name].scores
    assert (calibration.probabilities(scores)[:, 2] == 0).all()
    assert np.isfinite(calibration.temperature)


def test_votes_are_taken_apart_from_the_sums_that_break_ties() -> None:
    """Of three classes: votes 2, 1, 0, and a third of s / (1 + |s|) of the sums s."""
    sums = np.array([[0.5, 2.0, -2.5], [4.0, -1.0, -3.0]])
    scores = np.array([[2.0, 1.0, 0.0]] * 2) + sums / (3 * (np.abs(sums) + 1))
    logits = as_logits(scores, "votes")
    np.testing.assert_allclose(logits[1], [6, 0, -3], atol=1e-9)
    np.testing.assert_allclose(logits[0], [2.5, 1.5, -2.5])  # the second's sum is above the first's
