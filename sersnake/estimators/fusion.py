"""Two feature blocks, two networks, one final classifier: independent training as a whole."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sersnake.estimators.hard_example import HardExampleClassifier
from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.part import ClassifierRecipe
from sersnake.settings.classifiers import Fusion, Svm


class IndependentFusionClassifier(ClassifierMixin, BaseEstimator):
    """Independent training (Fig. 1): one network per feature block, and a linear SVM on both.

    Each block has its own :class:`HardExampleClassifier`, independent of the other; the SVM reads
    their z-scored features.

    Args:
        split: Columns of the first block, the others are the second; ``None`` is half of them.
        network: A :class:`HardExampleClassifier` with the settings of both networks; ``None`` is
            its defaults.
        cost: C of the SVM.
        random_state: Seed of both networks.

    Attributes:
        classes_: The C classes.
        networks_: The two fitted networks.
        classifier_: The linear SVM on the features of both.

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
            raise ValueError(f"split is {self.split}; choose from 1 to {width - 1}")
        random = check_random_state(self.random_state)
        self.networks_ = [
            self._new_network(random).fit(block, targets) for block in self._blocks(features)
        ]
        recipe = ClassifierRecipe("svm", Svm(cost=self.cost), Fusion())
        embedded = self._embedded(features)
        self.classifier_ = FinalClassifier.fit(embedded, targets, self.classes_.tolist(), recipe)
        return self

    def _new_network(self, random: np.random.RandomState) -> HardExampleClassifier:
        template = self.network or HardExampleClassifier()
        return HardExampleClassifier(
            **{**template.get_params(), "random_state": int(random.randint(2**31))}
        )

    def _blocks(self, X: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        return [X[:, : self._split], X[:, self._split :]]

    def _embedded(self, X: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        pairs = zip(self.networks_, self._blocks(X), strict=True)
        return {str(i): network.embed(block)[None] for i, (network, block) in enumerate(pairs)}

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """The SVM's one-against-rest values, ``(N, C)``; ``(N,)`` of two classes."""
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        scores = self.classifier_.scores(self._embedded(features))
        return scores[:, 1] if len(self.classes_) == 2 else scores

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each row, ``(N,)``."""
        values = self.decision_function(X)
        best = np.intp(values > 0) if values.ndim == 1 else values.argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels
