"""Within-class covariance normalisation before a linear SVM."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.svm import SVC

from sersnake.fusion.svm import LinearSvm
from sersnake.fusion.within_class import WithinClass
from sersnake.settings.classifiers import Svm


def make_data(width: int) -> tuple[np.ndarray, np.ndarray]:
    """Three classes that differ along one axis, and vary more along the others."""
    rng = np.random.default_rng(width)
    labels = np.arange(60) % 3
    features = rng.normal(0, np.linspace(1, 6, width), (60, width))
    features[:, 0] += labels
    return (features - features.mean(axis=0)).astype(np.float32), labels


def within(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    means = np.stack([features[labels == label].mean(axis=0) for label in range(3)])
    return np.cov((features - means[labels]).T, bias=True)


def test_a_whole_identity_changes_no_direction() -> None:
    features, labels = make_data(4)
    normalised = WithinClass.fit(features, labels)
    variance = normalised.variances.mean()
    distances = np.square(normalised.rows(1.0)).sum(axis=1) * variance * 4
    np.testing.assert_allclose(distances, np.square(features).sum(axis=1), rtol=1e-5)


def test_without_the_identity_classes_vary_alike_along_all_axes() -> None:
    features, labels = make_data(4)
    rows = WithinClass.fit(features, labels).rows(0.0)
    np.testing.assert_allclose(within(rows, labels) * 4, np.eye(4), atol=1e-6)


def test_the_hyperplanes_are_those_of_features_that_are_divided_beforehand() -> None:
    features, labels = make_data(5)
    covariance = within(features, labels)
    shrunk = 0.7 * covariance + 0.3 * np.trace(covariance) / 5 * np.eye(5)
    divided = features @ np.linalg.inv(sqrtm(shrunk)) / np.sqrt(5)
    theirs = SVC(kernel="linear", C=2.0, decision_function_shape="ovr").fit(divided, labels)
    ours = LinearSvm.fit(features, labels, Svm(cost=2.0, within_class=0.3), 0)
    # Both stop within a thousandth of the optimum, from other rounding errors on.
    np.testing.assert_allclose(
        ours.scores(features), theirs.decision_function(divided), rtol=1e-2, atol=1e-2
    )


@pytest.mark.parametrize("width", [8, 90])
def test_several_settings_at_once_are_each_alone(width: int) -> None:
    features, labels = make_data(width)
    several = [Svm(within_class=None), Svm(within_class=0.2), Svm(within_class=0.9)]
    for settings, together in zip(
        several, LinearSvm.fit_each(features, labels, several, 0), strict=True
    ):
        alone = LinearSvm.fit(features, labels, settings, 0)
        np.testing.assert_array_equal(together.coefficients, alone.coefficients)
        np.testing.assert_array_equal(together.intercepts, alone.intercepts)
