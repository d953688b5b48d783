"""Features scaled by the enrolled utterances of each speaker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.scaling import Blocks, rows_of
from sersnake.settings.enrolment import By
from sersnake.training.scaling import ZScore
from sersnake.training.shrinkage import shares

Values = NDArray[np.float32]
SCALES = ("mean", "scale")


class Enrolled(NamedTuple):
    """The speakers of N utterances, and M enrolled utterances of these speakers.

    Attributes:
        speakers: ``(N,)``.
        blocks: Features of the enrolled utterances, ``float32 (S, M, D)``, not scaled.
        known: ``(M,)``, the speaker of each of these.
    """

    speakers: NDArray[Any]
    blocks: Blocks
    known: NDArray[Any]

    def of_one(self, speaker: Any) -> dict[str, Values]:
        """The features of the enrolled utterances of a speaker."""
        return rows_of(self.blocks, np.flatnonzero(self.known == speaker))


@dataclass(frozen=True)
class SpeakerScaling:
    """Blocks z-scored by speaker: less the speaker's mean, by the speaker's standard deviation.

    Both are shrunk towards the training set's: the mean as if ``strength`` further utterances had
    the training set's mean, the deviation as if four times as many had its deviation. A speaker
    without enrolled utterances is scaled by the training set alone.

    Attributes:
        strength: ``float64 (1,)``; infinity turns scaling by speaker off.
        scores: The training set's z-scores of each block, one per ensemble member.
        neutral: Whether only neutral utterances are enrolled.
        by: What is enrolled: a speaker, or a corpus of any speakers.
    """

    strength: NDArray[np.float64]
    scores: Mapping[str, tuple[ZScore, ...]]
    neutral: bool = False
    by: By = "speaker"

    @classmethod
    def fit(
        cls, blocks: Blocks, strength: float, neutral: bool = False, by: By = "speaker"
    ) -> SpeakerScaling:
        """Fits on a training set's blocks ``(S, N, D)``."""
        scores = {name: tuple(map(ZScore.fit, block)) for name, block in blocks.items()}
        return cls(np.array([strength]), scores, neutral, by)

    def __call__(
        self, blocks: Blocks, enrolled: Enrolled | None = None, alike: Collection[Any] = ()
    ) -> dict[str, Values]:
        """Scales blocks of N utterances.

        Args:
            blocks: ``(S, N, D)``.
            enrolled: Their speakers and enrolled utterances; without it every speaker is unknown.
            alike: Speakers whose enrolled utterances count as one.
        """
        scaled = {name: self._z(name, block) for name, block in blocks.items()}
        if enrolled is None:
            return scaled
        for speaker in np.unique(enrolled.speakers):
            rows = np.flatnonzero(enrolled.speakers == speaker)
            known = enrolled.of_one(speaker)
            for name, block in scaled.items():
                mean, scale = self._estimate(self._z(name, known[name]), speaker in alike)
                block[:, rows] = (block[:, rows] - mean) / scale
        return scaled

    def _z(self, name: str, block: Values) -> Values:
        pairs = zip(self.scores[name], block, strict=True)
        return np.stack([score(member) for score, member in pairs])

    def _estimate(self, known: Values, alike: bool) -> tuple[Values, Values]:
        """Mean and deviation of a speaker, ``(S, 1, D)``, of enrolled z-scores ``(S, n, D)``."""
        count, prior = known.shape[1], float(self.strength[0])
        if not count or not self.used:
            return np.zeros((1, 1, 1), np.float32), np.ones((1, 1, 1), np.float32)
        of_mean, share = map(np.float32, shares(1 if alike else count, prior))
        mean = known.mean(axis=1, keepdims=True) * of_mean
        squares = ((known - mean) ** 2).mean(axis=1, keepdims=True)
        return mean, np.sqrt(share * squares + (1 - share))

    @property
    def used(self) -> bool:
        """Whether anything is scaled by speaker."""
        return bool(np.isfinite(self.strength[0]))

    def nothing(self) -> dict[str, Values]:
        """Blocks of one utterance, all zeros."""
        widths = {name: (len(each), 1, len(each[0].mean)) for name, each in self.scores.items()}
        return {name: np.zeros(shape, np.float32) for name, shape in widths.items()}

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name."""
        arrays: dict[str, NDArray[Any]] = {"strength": self.strength}
        for name, scores in self.scores.items():
            for of in SCALES:
                arrays[f"{name}.{of}"] = np.stack([getattr(score, of) for score in scores])
        return arrays

    @property
    def structure(self) -> dict[str, Any]:
        """What is no array, for JSON."""
        corpus = {"by": self.by} if self.by != "speaker" else {}
        return {"blocks": list(self.scores), "neutral": self.neutral, **corpus}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], structure: Mapping[str, Any]
    ) -> SpeakerScaling:
        """Rebuilds the scaling from its :meth:`to_arrays` and :attr:`structure`.

        Raises:
            KeyError: An entry or an array is missing.
        """
        scores = {}
        for name in structure["blocks"]:
            members = zip(*(arrays[f"{name}.{of}"] for of in SCALES), strict=True)
            scores[name] = tuple(ZScore(*member) for member in members)
        by = structure.get("by", "speaker")
        return cls(arrays["strength"], scores, bool(structure["neutral"]), by)
