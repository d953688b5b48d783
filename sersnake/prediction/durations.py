"""How long recordings are, before they are decoded."""

from __future__ import annotations

from collections.abc import Sequence

from sersnake.audio import open_audio
from sersnake.errors import SersnakeError
from sersnake.prediction.inputs import Recording


def durations(recordings: Sequence[Recording]) -> list[float]:
    """Seconds by each header; 0 where it cannot be read, which is told when it is decoded."""
    return [_duration(recording) for recording in recordings]


def _duration(recording: Recording) -> float:
    try:
        with open_audio(recording.path) as sound:
            return float(sound.frames / sound.samplerate)
    except SersnakeError:
        return 0.0
