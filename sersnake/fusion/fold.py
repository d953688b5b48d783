"""A fold as its classifiers see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.final import FinalClassifier
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import Blocks, rows_of

Positions = NDArray[np.int64]


class FoldData(NamedTuple):
    """N utterances in training and test set.

    Attributes:
        blocks: Features of the N utterances, not scaled.
        emotions: ``(N,)``.
        origin: Who speaks them, and what inner folds keep apart.
        train: Positions of the training set.
        test: Positions of the test set.
    """

    blocks: Blocks
    emotions: NDArray[Any]
    origin: Origin
    train: Positions
    test: Positions

    def fit(self, emotions: Sequence[str], recipe: ClassifierRecipe) -> FinalClassifier:
        """Fits a classifier on the training set.

        Args:
            emotions: All classes, in the order of the scores.
            recipe: How to fit.
        """
        return FinalClassifier.fit(
            rows_of(self.blocks, self.train),
            self.emotions[self.train],
            emotions,
            recipe,
            self.origin.of(self.train),
        )
