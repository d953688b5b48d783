"""One classifier on some blocks; late fusion averages several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.origin import Origin
from sersnake.fusion.scaling import Blocks, BlockScaling
from sersnake.fusion.scorer import Scorer, fit_each, load_scorer
from sersnake.io.seeds import derived_seed
from sersnake.settings.base import Settings
from sersnake.settings.classifiers import Fusion
from sersnake.settings.enrolment import NONE, Enrolment


class ClassifierRecipe(NamedTuple):
    """How a classifier is fitted.

    Attributes:
        classifier: One of :data:`~sersnake.settings.classifiers.CLASSIFIERS`.
        settings: Its settings.
        fusion: How its blocks are scaled and fused.
        seeds: What the seeds of its members are derived from: run, system, fold.
        enrolment: How speakers are enrolled.
    """

    classifier: str
    settings: Settings
    fusion: Fusion
    seeds: tuple[object, ...] = (0,)
    enrolment: Enrolment = NONE

    def seed(self, member: int) -> int:
        """The seed of a member."""
        return derived_seed(*self.seeds, *([member] if member else []))


@dataclass(frozen=True)
class Part:
    """Classifiers on joined blocks, one for each of S ensemble members.

    Attributes:
        settings: The settings they were fitted with.
        scaling: How their input is scaled and joined.
        scorers: One per member.
    """

    settings: Settings
    scaling: BlockScaling
    scorers: tuple[Scorer, ...]

    @classmethod
    def fit(
        cls,
        names: Sequence[str],
        blocks: Blocks,
        labels: NDArray[np.int64],
        recipe: ClassifierRecipe,
        origin: Origin,
    ) -> Part:
        """Fits on a training set.

        Args:
            names: The blocks to join.
            blocks: These and perhaps others, of N utterances.
            labels: ``(N,)``, from 0 to C - 1, each at least once.
            recipe: How to fit.
            origin: Their speakers and groups.
        """
        return cls.fit_each(names, blocks, labels, recipe, [recipe.settings], origin)[0]

    @classmethod
    def fit_each(
        cls,
        names: Sequence[str],
        blocks: Blocks,
        labels: NDArray[np.int64],
        recipe: ClassifierRecipe,
        several: Sequence[Settings],
        origin: Origin,
    ) -> list[Part]:
        """As :meth:`fit` for each of several settings in place of the recipe's."""
        scorer = load_scorer(recipe.classifier)
        scaling = BlockScaling.fit(names, blocks, recipe.fusion)
        members = [
            fit_each(scorer, features, labels, several, recipe.seed(member), origin)
            for member, features in enumerate(scaling(blocks))
        ]
        pairs = zip(several, zip(*members, strict=True), strict=True)
        return [cls(settings, scaling, scorers) for settings, scorers in pairs]

    def scores(self, blocks: Blocks) -> NDArray[Any]:
        """The members' mean score per utterance and class, ``(N, C)``."""
        pairs = zip(self.scorers, self.scaling(blocks), strict=True)
        mean: NDArray[Any] = np.mean([s.scores(features) for s, features in pairs], axis=0)
        return mean
