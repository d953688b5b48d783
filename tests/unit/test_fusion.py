"""The final classifier."""

from __future__ import annotations

import numpy as np

from sersnake.fusion import svm_predictions

CLASSES = ("angry", "happy", "sad", "bored")


def make_data(classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(90) % classes
    features = rng.normal(0, 1, (90, 8)).astype(np.float32)
    features[np.arange(90), labels] += 3
    return features, np.array(CLASSES)[labels]


def test_predicts_the_largest_score_and_never_a_class_without_training() -> None:
    features, emotions = make_data(3)
    table = svm_predictions(features, emotions, np.arange(60), np.arange(60, 90), CLASSES)
    scores = table[[f"score_{name}" for name in CLASSES]].to_numpy()
    assert (np.array(CLASSES)[scores.argmax(1)] == table["predicted"]).all()
    assert np.isneginf(scores[:, 3]).all()
    assert (table["predicted"] == table["emotion"]).mean() > 0.8


def test_two_classes_have_two_scores() -> None:
    features, emotions = make_data(2)
    table = svm_predictions(features, emotions, np.arange(60), np.arange(60, 90), CLASSES[:2])
    assert (table["score_angry"] == -table["score_happy"]).all()
    assert ((table["score_angry"] > 0) == (table["predicted"] == "angry")).all()


def test_the_test_part_does_not_reach_the_scaling() -> None:
    features, emotions = make_data(3)
    moved = features.copy()
    moved[75:] += 1000
    whole = svm_predictions(features, emotions, np.arange(60), np.arange(60, 75), CLASSES)
    other = svm_predictions(moved, emotions, np.arange(60), np.arange(60, 90), CLASSES)
    assert whole.equals(other[:15])
