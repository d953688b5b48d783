"""z-scores of the networks' features, by enrolled speaker or corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sersnake.training.moments import Moments, shrunk
from sersnake.training.scaling import ZScore
from sersnake.training.shrinkage import sounding_alike


@dataclass(frozen=True)
class VoiceScaling:
    """z-scores of a feature set, by speaker for enrolled speakers.

    Attributes:
        score: The training set's z-score.
        strength: One of :data:`~sersnake.training.shrinkage.STRENGTHS`.
        middles: ``float32 (C, D)``, mean z-scores of each emotion's recordings in the training set;
            ``(0, D)`` where recordings of one emotion do not count as one.
    """

    score: ZScore
    strength: float
    middles: NDArray[np.float32]

    @property
    def used(self) -> bool:
        """Whether anything is scaled by speaker."""
        return bool(np.isfinite(self.strength))

    def of_speaker(self, recordings: Sequence[NDArray[np.float32]]) -> ZScore:
        """The z-score of a speaker from enrolled recordings, ``(rows, D)`` each."""
        if not len(recordings) or not self.used:
            return self.score
        moments = Moments.of(recordings, self.score)
        count = 1 if self._alike(moments) else len(recordings)
        mean, scale = (each[0] for each in shrunk(moments.together, count, self.strength))
        z = self.score
        return ZScore(
            (z.mean + z.scale * mean).astype(np.float32), (z.scale * scale).astype(np.float32)
        )

    def _alike(self, moments: Moments) -> bool:
        """Whether all recordings are nearest to the same emotion's mean."""
        if not len(self.middles):
            return False
        means, _ = moments.statistics
        apart = ((means[:, None] - self.middles) ** 2).sum(axis=2)
        return bool(sounding_alike(np.zeros(len(means)), apart.argmin(axis=1)))
