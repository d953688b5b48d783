"""A network with hard-example mining as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sersnake.estimators.network import train_network
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule


class HardExampleClassifier(ClassifierMixin, BaseEstimator):
    """FCN (Table 2) trained, mined for its hard examples, and re-trained on them alone.

    Phase 1 trains with cross entropy and counts how often each example is misclassified; the hard
    index (Eq. 1 and 2) gives the hard ones; re-training uses these alone, with the hard-example
    loss (Eq. 3). Features are z-scored by the training data, and the learning rate of either phase
    falls to zero along a cosine. Everything runs on one thread.

    The hard index ranks examples by the number of epochs that misclassify them. A network that
    learns fast classifies most of them correctly from the second epoch on: their index is equal, no
    threshold separates them, and ``hard_share`` may be out of reach. The defaults therefore learn
    slowly. A higher ``learning_rate``, such as 1e-3 for 10 epochs, can classify better.

    Args:
        epochs: Number of epochs of phase 1.
        retraining_epochs: Number of epochs of re-training; 0 turns it off.
        batch_size: Examples per batch.
        learning_rate: Adam's, in phase 1.
        retraining_rate: Adam's, in re-training.
        dropout: Rate before the output layer.
        hard_share: Target share of hard examples for the threshold beta; a warning is given if it
            is missed by more than 10 points.
        beta: Threshold on the hard index, which overrides ``hard_share``.
        device: ``auto``, ``cpu``, ``cuda``, …
        random_state: Seed of weights, batches and dropout.

    Attributes:
        classes_: The C classes.
        hard_index_: ``(N,)``, hard index of every training example.
        hard_: ``bool (N,)``, whether it was hard.
        beta_: The threshold.
        history_: One row per epoch: phase, epoch, loss, accuracy, learning_rate.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> classifier = HardExampleClassifier(random_state=0).fit(X, y)
        >>> bool(classifier.score(X, y) > 0.9)
        True
    """

    def __init__(
        self,
        *,
        epochs: int = 40,
        retraining_epochs: int = 10,
        batch_size: int = 32,
        learning_rate: float = 5e-5,
        retraining_rate: float = 1e-4,
        dropout: float = 0.25,
        hard_share: float = 0.506,
        beta: float | None = None,
        device: str = "auto",
        random_state: Any = None,
    ) -> None:
        """Only stores the settings."""
        self.epochs = epochs
        self.retraining_epochs = retraining_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.retraining_rate = retraining_rate
        self.dropout = dropout
        self.hard_share = hard_share
        self.beta = beta
        self.device = device
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Trains on ``X (N, D)`` with the labels ``y (N,)``.

        Raises:
            ValueError: The data are not finite, of another shape, or of one class.
            SersnakeError: A setting is out of its range.

        Warns:
            SersnakeWarning: The share of hard examples misses ``hard_share`` by over 10 points.
        """
        features, targets = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(targets)
        self.classes_, labels = np.unique(targets, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class, {self.classes_[0]!r}; at least two are needed")
        first = self._schedule(self.epochs, self.learning_rate)
        self._network, mined = train_network(
            features,
            labels,
            first=first,
            again=self._schedule(self.retraining_epochs, self.retraining_rate),
            recipe=Recipe(dropout=self.dropout, device=self.device, precision="float32"),
            hard_share=self.hard_share,
            beta=self.beta,
            seed=int(check_random_state(self.random_state).randint(2**31)),
        )
        self.hard_index_, self.hard_, self.beta_ = mined.hard_index, mined.hard, mined.beta
        self.history_ = mined.history
        return self

    def _schedule(self, epochs: int, rate: float) -> Schedule:
        return Schedule(
            epochs=epochs,
            batch_size=self.batch_size,
            learning_rate=rate,
            decay_epochs=epochs,
            steady_window=0,
            steady_tolerance=0.0,
        )

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probability of each class, ``(N, C)``: the network's softmax."""
        features = self._checked(X)
        probabilities: NDArray[np.float64] = softmax(self._network.logits(features), axis=1)
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each row, ``(N,)``."""
        probabilities = self.predict_proba(X)
        best: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return best

    def embed(self, X: ArrayLike) -> NDArray[np.float64]:
        """The network's features (ELF) of each row, ``(N, 1024)``."""
        features = self._checked(X)
        return self._network.embed(features)

    def _checked(self, X: ArrayLike) -> NDArray[np.float64]:
        check_is_fitted(self)
        checked: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, reset=False)
        return checked
