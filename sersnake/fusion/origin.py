"""The speakers of a training set, and the groups that its inner folds keep apart."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Origin(NamedTuple):
    """Of N utterances.

    Attributes:
        speakers: ``(N,)``, who speaks; empty where nobody knows.
        groups: ``(N,)``, what inner folds do not share, such as speakers.
        voices: ``(N,)``, whose enrolled utterances set the scale of each: the speaker's, or those
            of the corpus.
    """

    speakers: NDArray[Any]
    groups: NDArray[Any]
    voices: NDArray[Any]

    @classmethod
    def unknown(cls, utterances: int) -> Origin:
        """Of utterances of which nothing is known."""
        nobody = np.full(utterances, "")
        return cls(nobody, np.arange(utterances), nobody)

    def of(self, rows: NDArray[np.int64]) -> Origin:
        """Of some of the utterances."""
        return Origin(self.speakers[rows], self.groups[rows], self.voices[rows])
