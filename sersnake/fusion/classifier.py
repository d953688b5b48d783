"""The final classifier on scaled features: a linear SVM, an ELM or an MLP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.elm import ExtremeLearningMachine
from sersnake.fusion.normal_scores import NormalScores
from sersnake.training.scaling import ZScore

# Fitted on the rows of a training set, it scales any rows.
Fit = Callable[[NDArray[np.float32]], Callable[[NDArray[np.float32]], NDArray[np.float32]]]
FITS: dict[str, Fit] = {"z_scores": ZScore.fit, "normal_scores": NormalScores.fit}


class Classifier(Protocol):
    """What :func:`predict_fold` asks of a classifier, as scikit-learn has it.

    Its scores come from ``decision_function`` or, where it has none, from ``predict_proba``.
    """

    classes_: NDArray[np.str_]

    def fit(self, features: NDArray[np.float32], labels: NDArray[np.str_]) -> Any:
        """Learns from ``(N, D)`` and ``(N,)``."""

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.str_]:
        """Labels ``(N,)`` of ``(N, D)``."""


def linear_svm(cost: float = 1.0) -> Classifier:
    """The paper's classifier (Section IV-B).

    Args:
        cost: Its C.

    Raises:
        SersnakeError: ``cost`` is not above 0.
    """
    from sklearn.svm import SVC

    _require_positive(cost=cost)
    return SVC(kernel="linear", C=cost, decision_function_shape="ovr", break_ties=True)


def extreme_learning_machine(
    hidden_units: int = 512, ridge: float = 10.0, seed: int = 0
) -> Classifier:
    """A random hidden layer and a ridge regression on it; see :class:`ExtremeLearningMachine`.

    Args:
        hidden_units: Width of the hidden layer.
        ridge: Penalty on the squares of the output weights.
        seed: Of the hidden layer.

    Raises:
        SersnakeError: ``hidden_units`` or ``ridge`` is not above 0.
    """
    _require_positive(hidden_units=hidden_units, ridge=ridge)
    return ExtremeLearningMachine(hidden_units, ridge, seed)


def multilayer_perceptron(
    hidden_units: int = 512, max_epochs: int = 200, seed: int = 0
) -> Classifier:
    """One hidden layer of ReLUs under cross entropy, trained until the training loss is steady.

    Args:
        hidden_units: Width of the hidden layer.
        max_epochs: Epochs of Adam, at the most.
        seed: Of the weights and batches.

    Raises:
        SersnakeError: ``hidden_units`` or ``max_epochs`` is not above 0.
    """
    from sklearn.neural_network import MLPClassifier

    _require_positive(hidden_units=hidden_units, max_epochs=max_epochs)
    return MLPClassifier((hidden_units,), max_iter=max_epochs, random_state=seed % 2**32)


def _require_positive(**settings: float) -> None:
    for name, value in settings.items():
        if not value > 0:
            raise SersnakeError(f"{name} must be above 0, not {value}")


def predict_fold(
    classifier: Classifier,
    features: NDArray[np.float32],
    emotions: NDArray[np.str_],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    classes: Sequence[str],
    weights: NDArray[np.float32] | None = None,
    fit: Fit = ZScore.fit,
) -> pd.DataFrame:
    """Fits a classifier on the training set and predicts the test set.

    Args:
        classifier: One that was not fitted yet.
        features: ``(N, D)``, not scaled.
        emotions: ``(N,)``, true emotion names.
        train: Positions of the training set.
        test: Positions of the test set.
        classes: Names of the emotions, in the order of the score columns.
        weights: ``(D,)``, factors on the scaled features (:func:`balance`); all 1 if left out.
        fit: Fits the scaling on the training set.

    Returns:
        One row per test utterance: emotion, predicted, and ``score_<class>``, whose largest is the
        predicted class: the one-against-rest value of SVM and ELM, the probability of the MLP.
    """
    scaled = fit(features[train])(features)
    scaled = scaled if weights is None else scaled * weights
    classifier.fit(scaled[train], emotions[train])
    scores = _scores(classifier, scaled[test])
    predicted = classifier.predict(scaled[test])
    table = pd.DataFrame({"emotion": emotions[test], "predicted": predicted})
    position = {name: i for i, name in enumerate(classifier.classes_)}
    for name in classes:
        # A class without a training utterance is never predicted.
        missing = np.full(len(test), -np.inf)
        table[f"score_{name}"] = scores[:, position[name]] if name in position else missing
    return table


def balance(widths: Sequence[int]) -> NDArray[np.float32]:
    """Factors that give each of several blocks of z-scored features the same share of the variance.

    Side by side as they are, the 1024 values of the ELF have eight times the say of the 128 of the
    ALF in any distance, and so in a linear SVM. The variance of all together stays what it was.

    Args:
        widths: Number of features of each block.

    Returns:
        ``float32 (D,)``; all 1 where the blocks are of the same width.
    """
    share = sum(widths) / len(widths)
    factors = [np.full(width, np.sqrt(share / width)) for width in widths]
    return np.concatenate(factors).astype(np.float32)


def average_members(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The predictions of an ensemble: the class whose mean score over its members is the largest.

    Args:
        tables: What :func:`predict_fold` gave for each member, of the same fold and classes.

    Returns:
        The same columns, with the mean scores; of one member, its own table.
    """
    if len(tables) == 1:
        return tables[0]
    columns = [str(column) for column in tables[0] if str(column).startswith("score_")]
    scores = np.mean([table[columns].to_numpy() for table in tables], axis=0)
    names = np.array([column.removeprefix("score_") for column in columns])
    table = tables[0].assign(predicted=names[scores.argmax(axis=1)])
    table[columns] = scores
    return table


def _scores(classifier: Any, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """A score per utterance and class, ``(N, C)``."""
    decide = getattr(classifier, "decision_function", None) or classifier.predict_proba
    scores = decide(features)
    # An SVM of two classes gives the value of the second alone.
    return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
