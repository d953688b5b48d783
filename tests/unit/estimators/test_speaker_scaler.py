"""Scaling by speaker as a step of scikit-learn's pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import GroupKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from sersnake import SpeakerScaler

SPEAKERS, LABELS = np.repeat(np.arange(8), 24), np.tile([0, 1, 2], 64)
KNOWN = np.arange(192) % 24 < 12
FOLDS = GroupKFold(4)


@parametrize_with_checks([SpeakerScaler()])
def test_it_keeps_what_scikit_learn_promises(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


@pytest.fixture
def features() -> np.ndarray:
    """Three emotions of speakers who are far apart."""
    rng = np.random.default_rng(0)
    centers = 3 * np.eye(3)[LABELS] + rng.normal(0, 4, (8, 3))[SPEAKERS]
    return centers + rng.normal(0, 1, (192, 3))


@pytest.fixture
def model() -> Iterator[Pipeline]:
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = SpeakerScaler(strength=1).set_transform_request(groups=True, enrolled=True)
        svm = LinearSVC().set_fit_request(sample_weight=False).set_score_request(sample_weight=True)
        yield make_pipeline(scaler, svm)


def test_a_cross_validation_passes_speakers_to_training_and_test(
    features: np.ndarray, model: Pipeline
) -> None:
    groups, few = {"groups": SPEAKERS}, {"enrolled": KNOWN, "sample_weight": ~KNOWN}
    plain = cross_val_score(LinearSVC(), features, LABELS, cv=FOLDS, params=groups).mean()
    everything = cross_val_score(model, features, LABELS, cv=FOLDS, params=groups).mean()
    some = cross_val_score(model, features, LABELS, cv=FOLDS, params={**groups, **few}).mean()
    assert plain + 0.2 < min(some, everything)


def test_rows_that_are_not_enrolled_set_no_scale(features: np.ndarray) -> None:
    scaler, changed = SpeakerScaler().fit(features[:96]), features.copy()
    changed[~KNOWN] += 100
    before, after = (
        scaler.transform(rows, groups=SPEAKERS, enrolled=KNOWN)[KNOWN]
        for rows in (features, changed)
    )
    assert np.array_equal(before, after)
    assert not np.array_equal(before, scaler.transform(features, groups=SPEAKERS)[KNOWN])


def test_speakers_that_get_lost_on_the_way_are_missed(
    features: np.ndarray, model: Pipeline
) -> None:
    with pytest.raises(ValueError, match=r"groups \(the speakers\) are missing"):
        cross_val_predict(model, features, LABELS, cv=FOLDS, params={"groups": SPEAKERS})
    with pytest.raises(ValueError, match=r"groups \(the speakers\) are missing"):
        SpeakerScaler().fit(features).transform(features, enrolled=KNOWN)
    with pytest.raises(ValueError, match="strength is 0; choose"):
        SpeakerScaler(strength=0).fit(features)
