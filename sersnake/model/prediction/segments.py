"""Windows of long recordings."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sersnake.errors import SersnakeError
from sersnake.io.audio import MIN_DURATION, SAMPLE_RATE


@dataclass(frozen=True)
class Segments:
    """How a recording is cut.

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
                leaves gaps.
        """
        if self.window and not MIN_DURATION <= self.window < math.inf:
            raise SersnakeError(f"--window is {self.window}: choose at least {MIN_DURATION} s")
        if not 0 <= self.hop <= self.window:
            raise SersnakeError(
                f"--hop is {self.hop}: choose more than 0 and at most --window, {self.window} s, "
                "so that nothing is left out"
            )

    def cut(self, samples: int) -> list[tuple[int, int]]:
        """First sample and end of each segment of a recording at 16 kHz.

        The last segment ends with the recording and is as long as the others; a recording that is
        no longer than a window is one segment.
        """
        window = round(self.window * SAMPLE_RATE)
        if not window or samples <= window:
            return [(0, samples)]
        hop = max(1, round((self.hop or self.window / 2) * SAMPLE_RATE))
        starts = [*range(0, samples - window, hop), samples - window]
        return [(start, start + window) for start in starts]
