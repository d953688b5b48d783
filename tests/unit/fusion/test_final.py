"""The final classifier: early and late fusion, members, what inner folds choose, arrays."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sersnake.errors import SersnakeError
from sersnake.fusion.final import FinalClassifier, late_block, late_features, parts_of
from sersnake.fusion.inner import (
    candidates,
    choose_weights,
    held_out_scores,
    inner_folds,
    unweighted_accuracy,
)
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe, Part
from sersnake.fusion.scaling import SCALINGS, Blocks, balance, rows_of
from sersnake.settings.classifiers import CLASSIFIERS, Elm, Fusion, Mlp, Svm

EMOTIONS = ("sad", "angry", "happy", "bored")  # not in the order of their names
LATE = late_block("is09")
TRAIN, TEST = np.arange(60), np.arange(60, 90)
SMALL: dict[str, Any] = {"elm": Elm(hidden_units=30), "mlp": Mlp(hidden_units=30)}


def make_blocks(classes: int, members: int = 1) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Two streams of members of their own, and a feature set, of which all have the same."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % classes
    blocks = {}
    for name, width, count in (("acln", 6, members), ("fcn", 20, members), (LATE, 9, 1)):
        block = rng.normal(0, 1, (count, 90, width)).astype(np.float32)
        block[:, np.arange(90), labels] += 3
        blocks[name] = block
    return blocks, np.array(EMOTIONS)[labels]


def recipe_of(classifier: str = "svm", fusion: Fusion | None = None) -> ClassifierRecipe:
    settings = SMALL.get(classifier, CLASSIFIERS[classifier].settings())
    of_fusion = (fusion or Fusion()).replace(features=("is09",))
    return ClassifierRecipe(classifier, settings, of_fusion, (0, "a", "0"))


def fitted(blocks: Blocks, emotions: np.ndarray, recipe: ClassifierRecipe) -> FinalClassifier:
    return FinalClassifier.fit(rows_of(blocks, TRAIN), emotions[TRAIN], EMOTIONS, recipe)


def streams(blocks: Blocks) -> dict[str, np.ndarray]:
    return {name: block for name, block in blocks.items() if name != LATE}


# ---- Scores


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_predicts_the_largest_score_and_never_a_class_without_training(
    name: str, classes: int
) -> None:
    blocks, emotions = make_blocks(classes)
    classifier = fitted(blocks, emotions, recipe_of(name))
    scores = classifier.scores(rows_of(blocks, TEST))
    assert np.isneginf(scores[:, classes:]).all() and np.isfinite(scores[:, :classes]).all()
    predicted = classifier.predict(rows_of(blocks, TEST))
    assert (np.array(EMOTIONS)[scores.argmax(1)] == predicted).all()
    assert (predicted == emotions[TEST]).mean() > 0.8


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_test_set_reaches_neither_scaling_nor_fit(name: str, scaling: str) -> None:
    blocks, emotions = make_blocks(3)
    recipe = recipe_of(name, Fusion(scaling=scaling))
    moved = {name: block.copy() for name, block in blocks.items()}
    for block in moved.values():
        block[:, 75:] += 1000
    whole, other = (
        fitted(each, emotions, recipe).scores(rows_of(each, TEST)) for each in (blocks, moved)
    )
    np.testing.assert_allclose(whole[:15], other[:15], rtol=1e-6)


def test_the_order_of_the_labels_is_that_of_the_columns_alone() -> None:
    blocks, emotions = make_blocks(3)
    once = fitted(blocks, emotions, recipe_of())
    order = EMOTIONS[::-1]
    again = FinalClassifier.fit(rows_of(blocks, TRAIN), emotions[TRAIN], order, recipe_of())
    np.testing.assert_array_equal(once.scores(blocks)[:, ::-1], again.scores(blocks))


def test_one_class_is_refused() -> None:
    blocks, emotions = make_blocks(1)
    with pytest.raises(SersnakeError, match="one class, sad; at least two are needed"):
        fitted(blocks, emotions, recipe_of())


# ---- Blocks


def test_balanced_blocks_have_the_same_share_of_the_variance() -> None:
    weights = balance([128, 1024])
    assert weights.shape == (1152,)
    assert (weights[:128] ** 2).sum() == pytest.approx((weights[128:] ** 2).sum())
    assert (weights**2).sum() == pytest.approx(1152)
    assert balance([5, 5]).tolist() == [1] * 10


def test_weights_reach_the_classifier() -> None:
    blocks, emotions = make_blocks(3)
    joined = streams(blocks)
    plain, balanced = (
        fitted(joined, emotions, recipe_of(fusion=Fusion(balanced=value)))
        for value in (False, True)
    )
    np.testing.assert_allclose(
        balanced.scaled(joined), plain.scaled(joined) * balance([6, 20]), rtol=1e-6
    )
    assert not np.allclose(balanced.scores(joined), plain.scores(joined))


def test_blocks_are_joined_early_and_apart_late() -> None:
    blocks, _ = make_blocks(3)
    early, late = Fusion(features=("is09",)), Fusion(method="late", features=("is09",))
    assert parts_of(blocks, early) == [("acln", "fcn"), (LATE,)]
    assert parts_of(blocks, late) == [("acln",), ("fcn",), (LATE,)]
    assert parts_of(streams(blocks), early) == [("acln", "fcn")]
    # A baseline has no stream; two feature sets have a classifier each.
    several = {late_block(name): blocks[LATE] for name in ("is09", "compare")}
    fusion = Fusion(features=("compare", "is09"))
    assert parts_of(several, fusion) == [("features/compare",), ("features/is09",)]


def test_a_stream_may_be_called_as_a_feature_set() -> None:
    blocks, emotions = make_blocks(3)
    both = {"is09": blocks["fcn"], LATE: blocks[LATE]}
    classifier = fitted(both, emotions, recipe_of())
    assert late_features(classifier) == {"is09": LATE}
    assert classifier.scaled({"is09": blocks["fcn"]}).shape == (1, 90, 20)


@pytest.mark.parametrize("method", ["early", "late"])
def test_parts_have_equal_say_whatever_their_members(method: str) -> None:
    """Each is the mean of its members' scores."""
    blocks, emotions = make_blocks(3, members=2)
    recipe = recipe_of("elm", Fusion(method=method))
    classifier = fitted(blocks, emotions, recipe)
    numbers = np.unique(emotions[TRAIN], return_inverse=True)[1]
    parts = [
        Part.fit(names, rows_of(blocks, TRAIN), numbers, recipe, Origin.unknown(len(TRAIN)))
        for names in parts_of(blocks, recipe.fusion)
    ]
    assert [len(part.scorers) for part in parts] == [*[2] * (len(parts) - 1), 1]
    expected = np.mean([part.scores(blocks) for part in parts], axis=0)
    order = [EMOTIONS.index(name) for name in sorted(EMOTIONS[:3])]
    np.testing.assert_allclose(classifier.scores(blocks)[:, order], expected, rtol=1e-12)


def test_members_are_averaged_and_draw_for_themselves() -> None:
    blocks, emotions = make_blocks(3, members=2)
    twice = {"acln": np.repeat(blocks["acln"][:1], 2, axis=0)}
    for name in CLASSIFIERS:
        alone = fitted({"acln": twice["acln"][:1]}, emotions, recipe_of(name))
        both = fitted(twice, emotions, recipe_of(name))
        same = np.array_equal(alone.scores({"acln": twice["acln"][:1]}), both.scores(twice))
        assert same == (name not in ("elm", "mlp")), name


def test_what_novelty_sees_is_scaled_as_for_the_classifier() -> None:
    blocks, emotions = make_blocks(3, members=2)
    early, late = (
        fitted(blocks, emotions, recipe_of(fusion=Fusion(method=method)))
        for method in ("early", "late")
    )
    seen = early.scaled(streams(blocks))
    assert seen.shape == (2, 90, 26) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[:, TRAIN].mean(axis=1), 0, atol=1e-5)
    np.testing.assert_array_equal(seen, late.scaled(streams(blocks)))


# ---- What inner folds choose


def test_inner_folds_are_stratified_and_keep_groups_apart() -> None:
    labels = np.arange(60) % 3
    folds = inner_folds(labels, np.arange(60), 1)
    assert [np.bincount(labels[folds == fold]).tolist() for fold in range(5)] == [[4, 4, 4]] * 5
    groups = np.repeat(list("abcdefghijkl"), 5)
    folds = inner_folds(labels, groups, 1)
    assert len(set(zip(groups, folds, strict=True))) == 12
    assert set(inner_folds(labels, np.repeat(list("ab"), 30), 1)) == {0, 1}
    with pytest.raises(SersnakeError, match="too small for 2 of them, with 1 speakers"):
        inner_folds(labels, np.full(60, "a"), 1)


def test_a_list_has_a_candidate_per_value() -> None:
    assert candidates(Svm(cost=2.0)) == [Svm(cost=2.0)]
    assert candidates(Svm(cost=(0.1, 1.0))) == [Svm(cost=0.1), Svm(cost=1.0)]


@pytest.mark.parametrize("name", ["svm", "rbf", "logistic"])
def test_inner_folds_choose_the_cost_that_is_best_in_them(name: str) -> None:
    blocks, emotions = make_blocks(3)
    hard = {"mine": blocks["fcn"] + np.random.default_rng(3).normal(0, 2, (1, 90, 20))}
    costs = (1e-6, 0.05, 1e4)
    recipe = recipe_of(name)._replace(settings=CLASSIFIERS[name].settings(cost=costs))
    known = rows_of(hard, TRAIN)
    numbers = np.unique(emotions[TRAIN], return_inverse=True)[1]
    folds = inner_folds(numbers, np.arange(len(TRAIN)), recipe.seed(0))
    accuracies = []
    origin = Origin.unknown(len(TRAIN))
    for settings in candidates(recipe.settings):
        (scores,) = held_out_scores(["mine"], known, numbers, recipe, [settings], folds, origin)
        accuracies.append(unweighted_accuracy(scores, numbers))
    classifier = fitted(hard, emotions, recipe)
    (part,) = classifier.parts
    assert part.settings.cost == costs[int(np.argmax(accuracies))]  # type: ignore[attr-defined]
    fixed = recipe._replace(settings=part.settings)
    np.testing.assert_array_equal(
        classifier.scores(hard), fitted(hard, emotions, fixed).scores(hard)
    )


def test_a_class_that_an_inner_training_set_lacks_is_not_predicted_there() -> None:
    blocks, _ = make_blocks(2)
    labels = np.where(np.arange(90) < 10, 2, np.arange(90) % 2)  # all of class 2 in one fold
    folds = np.arange(90) // 18
    origin = Origin.unknown(len(labels))
    recipe = recipe_of()
    (scores,) = held_out_scores(["acln"], blocks, labels, recipe, [recipe.settings], folds, origin)
    assert np.isfinite(scores).all()
    assert (scores[folds == 0].argmax(axis=1) < 2).all()


def test_weights_go_to_what_is_right_and_stay_even_where_it_does_not_matter() -> None:
    labels = np.arange(40) % 2
    right = np.eye(2)[labels]
    assert choose_weights([right, right], labels).tolist() == [0.5, 0.5]
    assert choose_weights([right, 1 - right], labels).tolist() == [0.6, 0.4]
    assert choose_weights([10 * (1 - right), right], labels).tolist() == [0.0, 1.0]
    assert sorted(choose_weights([right] * 3, labels).tolist()) == [0.3, 0.3, 0.4]


def test_weights_that_inner_folds_choose_reach_the_scores() -> None:
    blocks, emotions = make_blocks(3)
    noise = np.random.default_rng(1).normal(0, 1, blocks[LATE].shape)
    useless = {**blocks, LATE: noise.astype(np.float32)}
    equal, chosen = (
        fitted(useless, emotions, recipe_of(fusion=Fusion(weights=weights)))
        for weights in ("equal", "inner_folds")
    )
    assert equal.weights.tolist() == [0.5, 0.5]
    assert chosen.weights.sum() == pytest.approx(1) and chosen.weights[0] > 0.5
    assert not np.array_equal(equal.scores(useless), chosen.scores(useless))


# ---- Arrays


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("method", ["early", "late"])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_arrays_and_structure_are_the_whole_classifier(
    name: str, method: str, scaling: str
) -> None:
    blocks, emotions = make_blocks(3, members=2)
    classifier = fitted(blocks, emotions, recipe_of(name, Fusion(method=method, scaling=scaling)))
    arrays = classifier.to_arrays()
    structure = json.loads(json.dumps(classifier.structure))
    again = FinalClassifier.from_arrays(arrays, structure, EMOTIONS)
    again.check()
    assert again.structure == classifier.structure
    assert again.to_arrays().keys() == arrays.keys()
    np.testing.assert_array_equal(again.scores(blocks), classifier.scores(blocks))
    known = streams(blocks)
    np.testing.assert_array_equal(again.scaled(known), classifier.scaled(known))


@pytest.mark.parametrize("damage", ["trained", "0.0.scorer.intercepts", "0.0.scaling.mean"])
def test_arrays_that_do_not_belong_together_are_refused(damage: str) -> None:
    blocks, emotions = make_blocks(3)
    classifier = fitted(blocks, emotions, recipe_of())
    arrays = classifier.to_arrays()
    arrays[damage] = np.concatenate([arrays[damage], arrays[damage]])
    with pytest.raises(ValueError):
        FinalClassifier.from_arrays(arrays, classifier.structure, EMOTIONS).check()
