"""Enrolled recordings of speakers, read before prediction."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.model.model import Scores

FOLDER = "folder"
SpeakerOf = Callable[[str], str]  # from the name of a recording


def speaker_rule(text: str | None) -> SpeakerOf:
    """How names of recordings give the speaker.

    Args:
        text: ``folder`` takes the folder that a recording lies in; another text is a regular
            expression, whose first group (or whole match) is the speaker; None: one speaker in all
            recordings.

    Raises:
        SersnakeError: It is not a regular expression.
    """
    if text is None:
        return lambda name: ""
    if text == FOLDER:
        return lambda name: PurePath(name).parent.name
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise SersnakeError(
            f"--speaker-from {text}: is not a regular expression ({error}); write folder, or one "
            "such as '^[^_]+'"
        ) from error
    return lambda name: _match(pattern, name)


def _match(pattern: re.Pattern[str], name: str) -> str:
    match = pattern.search(PurePath(name).name)
    if match is None:
        raise SersnakeError(
            f"{name}: --speaker-from {pattern.pattern} matches nothing in its name; correct the "
            "expression"
        )
    return match[1] if pattern.groups else match[0]


@dataclass(frozen=True)
class KnownSpeakers:
    """The enrolled utterances of all speakers.

    Attributes:
        speaker_of: Gives the speaker from the name of a recording.
        blocks: Features of M utterances, ``float32 (S, M, D)`` by their names.
        speakers: ``(M,)``, their speakers.
        alike: The speakers whose utterances all sound like one emotion and count as one.
        scores: Of each speaker the z-scores of the feature sets that networks read, where the model
            scales these by speaker.
    """

    speaker_of: SpeakerOf
    blocks: Mapping[str, NDArray[Any]]
    speakers: NDArray[np.str_]
    alike: Sequence[str] = ()
    scores: Mapping[str, Scores] = field(default_factory=dict)

    def enrolled(self, names: Sequence[str]) -> Enrolled:
        """The enrolled utterances of the speakers of some recordings."""
        return Enrolled(np.array([*map(self.speaker_of, names)]), self.blocks, self.speakers)

    def voices(self, names: Sequence[str]) -> list[Scores]:
        """The z-scores of the speakers of some recordings; empty for an unknown speaker."""
        return [self.scores.get(self.speaker_of(name), {}) for name in names]

    def count(self, name: str) -> int:
        """Number of utterances that scale the features of a recording."""
        return int(np.count_nonzero(self.speakers == self.speaker_of(name)))

    def counts(self) -> dict[str, int]:
        """Number of utterances of each speaker."""
        names, counts = np.unique(self.speakers, return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))
