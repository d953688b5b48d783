"""What a person sees of a download."""

from __future__ import annotations

import time
from typing import TextIO

from sersnake.corpora.fetch.size import as_text

SECONDS_BETWEEN_UPDATES = 0.2  # on a terminal
BYTES_BETWEEN_LINES = 10_000_000  # elsewhere, where the size is not known


class ByteProgress:
    """Prints size, rate and time left: one updating line on a terminal, ten lines elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        """Takes where to print."""
        self.stream = stream
        self.updates = stream.isatty()
        self.line_is_open = False

    def start(self, have: int, total: int) -> None:
        """Takes how many bytes are there, and of how many (0: unknown), as more begin to come."""
        self.first, self.total = have, total
        self.step = max(total // 10, 1) if total else BYTES_BETWEEN_LINES
        self.due = have + self.step
        self.started = self.printed = time.monotonic()

    def show(self, have: int) -> None:
        """Takes how many bytes are there now."""
        now = time.monotonic()
        waits = now - self.printed < SECONDS_BETWEEN_UPDATES if self.updates else have < self.due
        if waits and have != self.total:
            return
        self.printed = now
        self.due += self.step
        self._print(self._text(have, now - self.started))

    def _text(self, have: int, elapsed: float) -> str:
        rate = (have - self.first) / max(elapsed, 1e-6)
        if not self.total or not rate:
            return f"{as_text(have)}, {as_text(rate)}/s"
        return (
            f"{as_text(have)} of {as_text(self.total)}, {have / self.total:.0%}, "
            f"{as_text(rate)}/s, {(self.total - have) / rate:.0f} s left"
        )

    def _print(self, text: str) -> None:
        self.line_is_open = self.updates
        start, end = ("\r", "\x1b[K") if self.updates else ("", "\n")
        print(f"{start}{text}", end=end, file=self.stream, flush=True)

    def note(self, text: str) -> None:
        """Prints a line of its own."""
        self.close()
        print(text, file=self.stream, flush=True)

    def close(self) -> None:
        """Ends the line that was being updated."""
        if self.line_is_open:
            print(file=self.stream, flush=True)
            self.line_is_open = False
