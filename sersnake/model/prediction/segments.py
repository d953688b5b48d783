"""How recordings are cut: whole, or in windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.audio import MIN_DURATION, SAMPLE_RATE

Places = list[tuple[int, int]]  # first sample and end of each segment, at 16 kHz


class Cutting(Protocol):
    """A way to cut recordings."""

    @property
    def whole(self) -> bool:
        """Whether recordings are left whole."""

    def places(self, recording: str, signal: NDArray[np.float32]) -> Places:
        """The segments of a recording.

        Args:
            recording: What the user called it.
            signal: ``(samples,)`` at 16 kHz.

        Raises:
            SersnakeError: It cannot be cut in this way.
        """


@dataclass(frozen=True)
class Segments:
    """Windows, or whole recordings.

    Attributes:
        window: Length of a segment in s; 0 leaves recordings whole.
        hop: Time from the start of one segment to that of the next in s; 0 is half a window.
    """

    window: float = 0.0
    hop: float = 0.0

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            SersnakeError: The window is shorter than any recording may be or has no end, or the hop
                leaves gaps or has no window.
        """
        if self.window and not MIN_DURATION <= self.window < math.inf:
            raise SersnakeError(f"--window is {self.window}; choose at least {MIN_DURATION} s")
        if self.hop and not self.window:
            raise SersnakeError("--hop: give --window too")
        if not 0 <= self.hop <= self.window:
            raise SersnakeError(
                f"--hop is {self.hop}; choose more than 0 and at most --window, {self.window} s, "
                "so that there are no gaps"
            )

    @property
    def whole(self) -> bool:
        """Whether recordings are left whole."""
        return not self.window

    @property
    def samples(self) -> tuple[int, int]:
        """Window and hop in samples at 16 kHz; 0 and 0 where recordings are left whole."""
        if self.whole:
            return 0, 0
        hop = max(1, round((self.hop or self.window / 2) * SAMPLE_RATE))
        return round(self.window * SAMPLE_RATE), hop

    def places(self, recording: str, signal: NDArray[np.float32]) -> Places:
        """The segments of a recording."""
        return self.cut(len(signal))

    def cut(self, samples: int) -> Places:
        """The segments of a recording of some length.

        The last segment ends with the recording and is as long as the others; a recording that is
        no longer than a window is one segment.
        """
        window, hop = self.samples
        if not window or samples <= window:
            return [(0, samples)]
        starts = [*range(0, samples - window, hop), samples - window]
        return [(start, start + window) for start in starts]
