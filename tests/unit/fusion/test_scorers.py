"""Every classifier alone: arrays that score as the library does that fitted them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from sersnake.errors import SersnakeError
from sersnake.fusion.components import principal_components
from sersnake.fusion.elm import ExtremeLearningMachine
from sersnake.fusion.lda import (
    ShrinkageLda,
    discriminant,
    hardness,
    subclasses,
)
from sersnake.fusion.origin import Origin
from sersnake.fusion.scorer import Scorer, load_scorer
from sersnake.fusion.svm import one_against_rest
from sersnake.settings.base import Settings
from sersnake.settings.classifiers import CLASSIFIERS, Elm, Lda, Logistic, Mlp, Rbf, Svm

# Settings that are not the defaults, and scikit-learn's counterpart, if it has one.
THEIRS: dict[str, tuple[Settings, Callable[[int], Any]]] = {
    "svm": (Svm(cost=0.5), lambda _: SVC(kernel="linear", C=0.5)),
    "rbf": (Rbf(cost=3.0), lambda _: SVC(C=3.0)),
    "lda": (
        Lda(variance=0.8),
        lambda _: make_pipeline(
            PCA(0.8), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        ),
    ),
    "logistic": (Logistic(cost=0.1), lambda _: LogisticRegression(C=0.1, max_iter=1000)),
    "mlp": (
        Mlp(hidden_units=20, max_epochs=90),
        lambda seed: MLPClassifier((20,), max_iter=90, random_state=seed),
    ),
}
SMALL: dict[str, Settings] = {name: settings for name, (settings, _) in THEIRS.items()}
SMALL["elm"] = Elm(hidden_units=20, ridge=0.5)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make_data(classes: int, width: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Classes that overlap, so that votes of pairs tie."""
    rng = np.random.default_rng(classes)
    labels = rng.permutation(np.arange(120) % classes)
    features = rng.normal(0, 1, (120, width)).astype(np.float32)
    features[np.arange(120), labels] += 1
    return features, labels


def fit(name: str, classes: int, seed: int = 0) -> tuple[Scorer, np.ndarray, np.ndarray]:
    features, labels = make_data(classes)
    return load_scorer(name).fit(features, labels, SMALL[name], seed), features, labels


def test_every_classifier_is_tested() -> None:
    assert set(SMALL) == set(CLASSIFIERS)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("name", THEIRS)
def test_arrays_score_as_scikit_learn_does(name: str, classes: int) -> None:
    scorer, features, labels = fit(name, classes)
    rows = np.concatenate([features, np.float32(3) * make_data(classes + 1)[0]])
    make = THEIRS[name][1]
    double = features.astype(np.float64), rows.astype(np.float64)
    known, asked = (features, rows) if name == "mlp" else double
    theirs = make(0).fit(known, labels)
    decides = hasattr(theirs, "decision_function") and name != "logistic"
    scores = theirs.decision_function(asked) if decides else theirs.predict_proba(asked)
    # The log odds of an LDA are the difference of its two log probabilities.
    second = scores / 2 if name == "lda" else scores
    expected = np.stack([-second, second], 1) if scores.ndim == 1 else scores
    actual = scorer.scores(rows)
    assert actual.dtype == (np.float32 if name == "mlp" else np.float64)
    # scikit-learn's perceptron computes in float32 too, and its optimisers of others see rounding.
    near = {"mlp": 1e-6, "logistic": 1e-6}.get(name, 1e-9)
    np.testing.assert_allclose(actual, expected, rtol=near, atol=near)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_scorer_is_arrays_that_a_file_can_hold(name: str) -> None:
    scorer, features, labels = fit(name, 3)
    arrays = vars(scorer)
    assert {array.dtype.name for array in arrays.values()} <= {"float32", "float64", "int64"}
    assert all(array.ndim > 0 for array in arrays.values())
    again = load_scorer(name)(**arrays)
    np.testing.assert_array_equal(again.scores(features), scorer.scores(features))
    assert (scorer.scores(features).argmax(axis=1) == labels).mean() > 0.6


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_row_scores_alike_alone_and_among_others(name: str) -> None:
    scorer, features, _ = fit(name, 4)
    alone = np.concatenate([scorer.scores(row[None]) for row in features])
    near = 1e-5 if name == "mlp" else 1e-12
    np.testing.assert_allclose(scorer.scores(features), alone, rtol=near, atol=near)
    assert scorer.scores(features[:0]).shape == (0, 4)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_seed_decides_where_something_is_drawn(name: str) -> None:
    once, again, other = (fit(name, 3, seed)[0] for seed in (1, 1, 2))
    rows = make_data(3)[0]
    assert np.array_equal(once.scores(rows), again.scores(rows))
    assert np.array_equal(once.scores(rows), other.scores(rows)) == (name not in ("elm", "mlp"))


def test_votes_and_their_ties_by_hand() -> None:
    pairs = np.array([[1.0, -2.0, 3.0], [1.0, 1.0, 0.0]])  # (0, 1), (0, 2), (1, 2)
    sums = np.array([[-1.0, 2.0, -1.0], [2.0, -1.0, -1.0]])
    votes = np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0]])
    expected = votes + sums / (3 * (np.abs(sums) + 1))
    np.testing.assert_allclose(one_against_rest(pairs), expected)
    np.testing.assert_array_equal(one_against_rest(np.array([[2.0]])), [[2.0, -2.0]])


def test_the_elm_solves_its_ridge_regression() -> None:
    """At the solution the gradient of squared errors and penalty is zero."""
    features, labels = make_data(3)
    elm = ExtremeLearningMachine.fit(features, labels, Elm(hidden_units=20, ridge=0.5), 0)
    hidden = 1 / (1 + np.exp(-(features @ elm.hidden + elm.bias)))
    targets = np.where(labels[:, None] == np.arange(3), 1.0, -1.0)
    gradient = hidden.T @ (hidden @ elm.output - targets) + 0.5 * elm.output
    assert np.abs(gradient).max() < 1e-9
    np.testing.assert_allclose(elm.scores(features), hidden @ elm.output)


def test_the_elm_stays_finite_far_from_its_training_set() -> None:
    features, labels = make_data(3)
    elm = ExtremeLearningMachine.fit(features, labels, Elm(hidden_units=20, ridge=1.0), 0)
    assert np.isfinite(elm.scores(np.float32(1e6) * features)).all()


@pytest.mark.parametrize("count", [8, 120])
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_components_keep_their_share_of_the_variance_and_no_more(share: float, count: int) -> None:
    features = make_data(3)[0][:count]
    centered = features - features.mean(axis=0, dtype=np.float64)
    components, lift = principal_components(centered, share)
    axes = lift(np.eye(components.shape[1]))
    np.testing.assert_allclose(components, centered @ axes.T, atol=1e-9)
    np.testing.assert_allclose(axes @ axes.T, np.eye(len(axes)), atol=1e-9)
    kept = np.square(centered @ axes.T).sum(axis=0) / np.square(centered).sum()
    assert kept.sum() >= share - 1e-9 and kept[:-1].sum() < share
    theirs = PCA(share if share < 1 else None).fit(features.astype(np.float64))
    expected = theirs.components_[theirs.explained_variance_ratio_ > 1e-9]
    np.testing.assert_allclose(axes.T @ axes, expected.T @ expected, atol=1e-9)


def test_shrinkage_is_the_weight_of_the_identity() -> None:
    features, labels = make_data(3)
    double = features.astype(np.float64)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3).fit(double, labels)
    expected = theirs.decision_function(double)
    scorer = ShrinkageLda.fit(features, labels, Lda(variance=1.0, shrinkage=0.3), 0)
    actual = scorer.scores(features)  # up to what the classes share
    np.testing.assert_allclose(np.diff(actual), np.diff(expected), rtol=1e-9, atol=1e-9)


def test_a_class_has_a_subclass_for_each_speaker() -> None:
    labels, speakers = np.array([1, 0, 1, 0, 1]), np.array(["b", "b", "a", "b", "b"])
    rows, starts = subclasses(labels, speakers)
    assert rows.tolist() == [2, 0, 1, 0, 2]  # 0 of b; 1 of a, 1 of b
    assert starts.tolist() == [0, 1]
    rows, starts = subclasses(labels, None)
    assert rows.tolist() == labels.tolist()
    assert starts.tolist() == [0, 1]


def test_subclasses_part_what_speakers_do_the_other_way_round() -> None:
    """Each of two speakers has for one emotion what the other has for the other one."""
    rng = np.random.default_rng(0)
    speakers, labels = np.arange(80) % 2, np.arange(80) // 2 % 2
    features = rng.normal(0, 0.3, (80, 2)).astype(np.float32)
    features += np.stack([4 * speakers, labels ^ speakers], axis=1).astype(np.float32)

    def accuracy(kind: str) -> float:
        settings = Lda(variance=1.0, shrinkage=0.1, subclasses=kind)  # type: ignore[arg-type]
        origin = Origin(speakers.astype(str), np.arange(80), speakers.astype(str))
        scorer = ShrinkageLda.fit(features, labels, settings, 0, origin)
        return float((scorer.scores(features).argmax(axis=1) == labels).mean())

    assert accuracy("none") < 0.7
    assert accuracy("speaker") > 0.9
    some = np.where(speakers, "a", "")
    for unknown in (None, Origin(some, np.arange(80), some)):
        with pytest.raises(SersnakeError, match="subclasses: speaker needs the speakers"):
            ShrinkageLda.fit(features, labels, Lda(subclasses="speaker"), 0, unknown)


def test_a_weight_counts_like_copies() -> None:
    features, labels = make_data(3)
    rows, copies = features.astype(np.float64), 1 + np.arange(120) % 4
    weighted = discriminant(rows, labels, 0.3, copies.astype(float))
    repeated = np.repeat(np.arange(120), copies)
    copied = discriminant(rows[repeated], labels[repeated], 0.3, np.ones(len(repeated)))
    np.testing.assert_allclose(weighted[0], copied[0], rtol=1e-9)
    shares = [np.log(np.bincount(of) / len(of)) for of in (labels, labels[repeated])]
    np.testing.assert_allclose(weighted[1] - shares[0], copied[1] - shares[1], rtol=1e-9)


def test_hard_is_what_inner_folds_get_wrong() -> None:
    """Mislabelled utterances are hard, and count less with a weight below 0."""
    rng = np.random.default_rng(2)
    true = np.arange(200) % 2
    features = rng.normal(0, 0.5, (200, 3)).astype(np.float32)
    features[:, 0] += 2 * true
    wrong = np.flatnonzero((true == 0) & (np.arange(200) < 60))
    labels = true.copy()
    labels[wrong] = 1
    origin = Origin.unknown(200)
    hard = hardness(features.astype(np.float64), labels, 0.1, origin, 0)
    assert hard[wrong].mean() > 0.7 > 0.4 > np.delete(hard, wrong).mean()

    def accuracy(weight: float) -> float:
        settings = Lda(variance=1.0, shrinkage=0.1, hard_weight=weight)
        scorer = ShrinkageLda.fit(features, labels, settings, 0, origin)
        return float((scorer.scores(features).argmax(axis=1) == true).mean())

    assert accuracy(-4) > accuracy(0) > accuracy(2)
    with pytest.raises(SersnakeError, match="hard_weight: needs a number for shrinkage"):
        Lda(hard_weight=1.0)
