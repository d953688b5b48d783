"""Temperature scaling: class probabilities from scores, fitted on held-out utterances.

Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017. The order of
the classes does not change, so the most probable one is the predicted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from sersnake.settings.classifiers import CLASSIFIERS, ScoreKind

KINDS = get_args(ScoreKind)
LEAST = 1e-6  # probability; predictions.csv holds no smaller one
RANGE = (-12.0, 12.0)  # of log(temperature / standard deviation of the logits)

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """How the scores of a classifier become probabilities.

    Attributes:
        kind: What the scores are, as of :func:`kind_of`.
        temperature: Above 0; the higher, the less certain.
    """

    kind: str
    temperature: float

    @classmethod
    def fit(cls, scores: Scores, labels: NDArray[np.int64], classifier: str) -> Calibration:
        """Fits the temperature on scores of held-out utterances.

        Args:
            scores: ``(N, C)``, of :meth:`sersnake.fusion.final.FinalClassifier.scores`.
            labels: ``(N,)``, column of the true class of each.
            classifier: One of :data:`~sersnake.settings.classifiers.CLASSIFIERS`.
        """
        kind = kind_of(scores, classifier)
        return cls(kind, fit_temperature(as_logits(scores, kind), labels))

    def probabilities(self, scores: Scores) -> Scores:
        """``(N, C)``, rows that sum to 1; 0 for a class without training utterances."""
        return soften(as_logits(scores, self.kind), self.temperature)


def kind_of(scores: Scores, classifier: str) -> str:
    """What scores ``(N, C)`` are: votes, probabilities or values.

    With two classes, or several classifiers averaged, the scores of an SVM are values, not votes.
    """
    kind = CLASSIFIERS[classifier].scores
    known = np.isfinite(scores)
    count = known.sum(axis=1)
    votes = np.rint(np.where(known, scores, 0)).sum(axis=1)
    return "values" if kind == "votes" and (votes != count * (count - 1) / 2).any() else kind


def as_logits(scores: Scores, kind: str) -> Scores:
    """The logits of scores, ``(N, C)``, which a temperature divides.

    Args:
        scores: ``(N, C)``; minus infinity for a class without training utterances.
        kind: As of :func:`kind_of`.
    """
    known = scores > -np.inf
    if kind == "probabilities":
        logits = np.log(np.maximum(scores, LEAST))
    elif kind == "votes":
        logits = _votes_and_sums(np.where(known, scores, 0), known)
    else:
        logits = scores
    return np.where(known, logits, -np.inf)


def _votes_and_sums(scores: Scores, known: NDArray[np.bool_]) -> Scores:
    """The votes of :func:`sersnake.fusion.svm.one_against_rest` plus the sums that it shrank.

    In nearly all utterances the classes get the same numbers of votes, so votes alone tell little.
    Where a class has more votes but a lower sum than another, the other's sum is lowered to it.
    """
    votes = np.rint(scores)
    shrunk = np.clip(3 * (scores - votes), LEAST - 1, 1 - LEAST)
    sums = shrunk / (1 - np.abs(shrunk))
    order = np.argsort(np.where(known, -scores, np.inf), axis=1, kind="stable")
    lowest = np.minimum.accumulate(np.take_along_axis(sums, order, 1), axis=1)
    np.put_along_axis(sums, order, lowest, 1)
    return votes + sums


def fit_temperature(logits: Scores, labels: NDArray[np.int64]) -> float:
    """The temperature that maximises the likelihood of the true classes.

    An average utterance that belongs equally to all classes is added, so that a maximum exists even
    where every utterance is recognised.

    Args:
        logits: ``(N, C)``, of :func:`as_logits`.
        labels: ``(N,)``, column of the true class of each.

    Returns:
        Above 0; NaN where no utterance's true class has a score.
    """
    from scipy.optimize import brentq

    scored = np.isfinite(logits[np.arange(len(labels)), labels])
    logits, labels = logits[scored], labels[scored]
    if not len(labels):
        return float("nan")
    known = np.isfinite(logits)
    values = np.where(known, logits, 0)
    right = values[np.arange(len(labels)), labels].sum()
    average = (values.sum(axis=1) / known.sum(axis=1)).mean()
    scale = values[known].std() or 1.0

    def slope(logarithm: float) -> float:
        """Derivative of the negative log likelihood by the inverse temperature."""
        chances = soften(logits, scale * np.exp(logarithm))
        expected = (chances * values).sum()
        return float((len(labels) + 1) / len(labels) * expected - right - average)

    coldest, hottest = RANGE
    by_chance = slope(hottest) >= 0  # the scores say nothing
    best: Any = hottest if by_chance else brentq(slope, coldest, hottest, xtol=1e-9)
    return float(scale * np.exp(best))


def soften(logits: Scores, temperature: float) -> Scores:
    """Probabilities ``(N, C)`` of logits at a temperature."""
    cooled = logits / temperature
    powers = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    chances: Scores = powers / powers.sum(axis=1, keepdims=True)
    return chances
