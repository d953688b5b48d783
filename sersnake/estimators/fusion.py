"""Two feature blocks, two networks, one linear SVM: independent training as a classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sersnake.estimators.hard_example import HardExampleClassifier
from sersnake.fusion.classifier import linear_svm


class IndependentFusionClassifier(ClassifierMixin, BaseEstimator):
    """Independent training (Fig. 1): one network per feature block, a linear SVM on both.

    Each block has a :class:`HardExampleClassifier` of its own, which knows nothing of the other;
    their features, z-scored, are what the SVM sees.

    Args:
        split: Columns of the first block, the others are the second; ``None`` is half of them.
        network: A :class:`HardExampleClassifier` whose settings both networks take; ``None`` is its
            defaults.
        cost: C of the SVM.
        random_state: Of both networks.

    Attributes:
        classes_: The C classes.
        networks_: The two fitted networks.
        svm_: The fitted :class:`sklearn.svm.SVC`.

    Example:
        >>> from sklearn.datasets import load_wine
        >>> X, y = load_wine(return_X_y=True)
        >>> classifier = IndependentFusionClassifier(split=7, random_state=0).fit(X, y)
        >>> bool(classifier.score(X, y) > 0.9)
        True
    """

    def __init__(
        self,
        *,
        split: int | None = None,
        network: HardExampleClassifier | None = None,
        cost: float = 1.0,
        random_state: Any = None,
    ) -> None:
        """Only stores the settings."""
        self.split = split
        self.network = network
        self.cost = cost
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Trains on ``X (N, D)`` with the labels ``y (N,)``.

        Raises:
            ValueError: The data are not finite, of another shape, or of one class; a block is
                empty.
            SersnakeError: A setting is out of its range.
        """
        features, targets = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(targets)
        self.classes_ = np.unique(targets)
        width = features.shape[1]
        if width < 2:
            raise ValueError(f"n_features={width}: two blocks need at least two columns")
        self._split = width // 2 if self.split is None else self.split
        if not 0 < self._split < width:
            raise ValueError(f"split is {self.split}: choose from 1 to {width - 1}")
        random = check_random_state(self.random_state)
        self.networks_ = [
            self._new_network(random).fit(block, targets) for block in self._blocks(features)
        ]
        embedded = self._embedded(features)
        self._scale = StandardScaler().fit(embedded)
        self.svm_: Any = linear_svm(self.cost)
        self.svm_.fit(self._scale.transform(embedded), targets)
        return self

    def _new_network(self, random: np.random.RandomState) -> HardExampleClassifier:
        template = self.network or HardExampleClassifier()
        return HardExampleClassifier(
            **{**template.get_params(), "random_state": int(random.randint(2**31))}
        )

    def _blocks(self, X: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        return [X[:, : self._split], X[:, self._split :]]

    def _embedded(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        pairs = zip(self.networks_, self._blocks(X), strict=True)
        return np.concatenate([network.embed(block) for network, block in pairs], axis=1)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """The SVM's one-against-rest values, ``(N, C)``; ``(N,)`` of two classes."""
        embedded = self._checked(X)
        values: NDArray[np.float64] = self.svm_.decision_function(embedded)
        return values

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each row, ``(N,)``."""
        embedded = self._checked(X)
        labels: NDArray[Any] = self.svm_.predict(embedded)
        return labels

    def _checked(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        scaled: NDArray[np.float64] = self._scale.transform(self._embedded(features))
        return scaled
