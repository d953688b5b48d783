"""Speaker normalisation as a step of a scikit-learn pipeline."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from sersnake.fusion.speaker_scaling import Enrolled, SpeakerScaling

Values = NDArray[np.floating[Any]]


class SpeakerScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Features less each speaker's mean, in each speaker's deviations.

    They are z-scored by the training data first. Mean and deviation of a speaker come from this
    speaker's enrolled rows, and are shrunk towards the training data, more so with fewer rows.
    Labels are not read. Speakers are passed as ``groups``, in a pipeline or a cross validation by
    scikit-learn's metadata routing; without them only the training data scale.

    Args:
        strength: Number of enrolled rows with the same weight as the training data in a mean; four
            times as many in a deviation. Infinity turns scaling by speaker off.

    Attributes:
        scaling_: Mean and deviation of the training data, and how speakers' are drawn to them.
        by_speaker_: Whether the training data were scaled by speaker (:meth:`fit_transform`).

    Example:
        >>> import numpy as np
        >>> X, speakers = np.array([[1.0], [3.0], [11.0], [13.0]]), ["ann", "ann", "ben", "ben"]
        >>> scaler = SpeakerScaler(strength=1e-6).fit(X)
        >>> scaler.transform(X, groups=speakers).round(2).ravel().tolist()
        [-1.0, 1.0, -1.0, 1.0]
    """

    def __init__(self, *, strength: float = 20.0) -> None:
        """Only stores the settings."""
        self.strength = strength

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Fits on the training data ``X (N, D)``; ``y`` is not read.

        Raises:
            ValueError: The data are not finite or of another shape, or the strength is 0 or less.
        """
        features = self._checked(X, reset=True)
        if not self.strength > 0:
            raise ValueError(f"strength is {self.strength}; choose a number above 0")
        self.scaling_ = SpeakerScaling.fit(_block(features), float(self.strength))
        self.by_speaker_ = False
        return self

    def transform(
        self, X: ArrayLike, groups: ArrayLike | None = None, enrolled: ArrayLike | None = None
    ) -> Values:
        """Scales the rows of ``X (N, D)``.

        Args:
            X: The features.
            groups: ``(N,)``, the speakers; ``None`` scales by the training data alone.
            enrolled: ``bool (N,)``, the enrolled rows; ``None`` is all, so the rows to classify
                also set the scale (transductive).

        Raises:
            ValueError: The data are not finite or of another shape, or groups are missing where
                rows are enrolled or the training data were scaled by speaker.
        """
        check_is_fitted(self)
        if groups is None and (self.by_speaker_ or enrolled is not None):
            raise ValueError(
                "groups (the speakers) are missing; pass them to predict and score too "
                "(cross_val_predict, and cross_val_score with `scoring`, do not: write the loop "
                "over the folds)"
            )
        features = self._checked(X, reset=False)
        scaled = self.scaling_(_block(features), _enrolled(features, groups, enrolled))
        values: Values = scaled["X"][0].astype(features.dtype)
        return values

    def fit_transform(
        self,
        X: ArrayLike,
        y: Any = None,
        groups: ArrayLike | None = None,
        enrolled: ArrayLike | None = None,
    ) -> Values:
        """Fits on ``X`` and scales it, as :meth:`transform` does."""
        values = self.fit(X, y).transform(X, groups=groups, enrolled=enrolled)
        self.by_speaker_ = groups is not None
        return values

    def _checked(self, X: ArrayLike, reset: bool) -> Values:
        kinds = [np.float64, np.float32]
        checked: Values = validate_data(self, X, dtype=kinds, reset=reset)
        return checked


def _block(features: Values) -> dict[str, NDArray[np.float32]]:
    return {"X": features.astype(np.float32)[None]}


def _enrolled(
    features: Values, groups: ArrayLike | None, enrolled: ArrayLike | None
) -> Enrolled | None:
    if groups is None:
        return None
    speakers = column_or_1d(groups)
    rows = np.full(len(speakers), True) if enrolled is None else column_or_1d(enrolled).astype(bool)
    check_consistent_length(features, speakers, rows)
    return Enrolled(speakers, _block(features[rows]), speakers[rows])
