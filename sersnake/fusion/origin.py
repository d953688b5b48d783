"""The speakers of a training set, and the groups that its inner folds keep apart."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Origin(NamedTuple):
    """The speakers and groups of N utterances.

    Attributes:
        speakers: ``(N,)``, the speaker of each; empty where unknown.
        groups: ``(N,)``, what inner folds do not share, such as speakers.
        voices: ``(N,)``, whose enrolled utterances scale each utterance: its speaker or its corpus.
    """

    speakers: NDArray[Any]
    groups: NDArray[Any]
    voices: NDArray[Any]

    @classmethod
    def unknown(cls, utterances: int) -> Origin:
        """The origin of utterances of unknown speakers, each a group of its own."""
        nobody = np.full(utterances, "")
        return cls(nobody, np.arange(utterances), nobody)

    def of(self, rows: NDArray[np.int64]) -> Origin:
        """The origin of some of the utterances."""
        return Origin(self.speakers[rows], self.groups[rows], self.voices[rows])
