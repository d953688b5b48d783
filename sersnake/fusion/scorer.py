"""The interface of classifiers: fitted arrays, and scores computed from them alone."""

from __future__ import annotations

from collections.abc import Sequence
from pkgutil import resolve_name
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.origin import Origin
from sersnake.settings.classifiers import CLASSIFIERS


class Scorer(Protocol):
    """A frozen dataclass whose fields are arrays.

    Whatever library fitted them, scores are computed from the arrays alone, so a model that was
    loaded gives the same digits as in training.
    """

    @classmethod
    def fit(
        cls,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        settings: Any,
        seed: int,
        origin: Origin | None = None,
    ) -> Self:
        """Learns from a training set.

        Args:
            features: ``(N, D)``, scaled.
            labels: ``(N,)``, from 0 to C - 1, each at least once.
            settings: The settings of the classifier.
            seed: Of all that is drawn.
            origin: Their speakers and groups, where known.
        """

    def scores(self, features: NDArray[np.float32]) -> NDArray[Any]:
        """A score per utterance and class, ``(N, C)``, of features ``(N, D)``."""


def fit_each(
    scorer: type[Scorer],
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    several: Sequence[Any],
    seed: int,
    origin: Origin | None = None,
) -> list[Scorer]:
    """A classifier for each of several settings, as :meth:`Scorer.fit` fits it.

    A scorer whose fits have work in common has a ``fit_each`` of its own, which does it once.
    """
    if together := getattr(scorer, "fit_each", None):
        fitted: list[Scorer] = together(features, labels, several, seed, origin)
        return fitted
    return [scorer.fit(features, labels, settings, seed, origin) for settings in several]


def load_scorer(name: str) -> type[Scorer]:
    """The class of a classifier, imported now."""
    scorer: type[Scorer] = resolve_name(CLASSIFIERS[name].scorer)
    return scorer
