"""A linear SVM of more rows than libsvm is asked with."""

from __future__ import annotations

import numpy as np
import pytest

from sersnake.fusion import svm
from sersnake.fusion.svm import LinearSvm
from sersnake.settings.classifiers import Svm


def make_data(rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes that overlap."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, rows)
    return rng.normal(0, 1, (rows, 8)).astype(np.float32) + np.eye(8)[labels], labels


@pytest.mark.parametrize("classes", [2, 4])
def test_it_is_that_of_libsvm_but_for_where_it_stops(
    classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    features, labels = make_data(600, classes)
    small = LinearSvm.fit(features, labels, Svm(), 0)
    monkeypatch.setattr(svm, "LIBSVM_ROWS", 500)
    large = LinearSvm.fit(features, labels, Svm(), 0)
    assert large.coefficients.shape == small.coefficients.shape
    # libsvm stops within a thousandth of its optimum, and liblinear penalises the intercept too.
    np.testing.assert_allclose(large.coefficients, small.coefficients, atol=0.05)
    agreed = large.scores(features).argmax(axis=1) == small.scores(features).argmax(axis=1)
    assert agreed.mean() > 0.97


def test_the_seed_decides_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = make_data(600, 3)
    monkeypatch.setattr(svm, "LIBSVM_ROWS", 500)
    # A run's seeds have up to 63 bits.
    seeds = (2**62 + 1, 2**62 + 1, 2**62 + 2)
    fits = [LinearSvm.fit(features, labels, Svm(), seed).coefficients for seed in seeds]
    assert np.array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])
