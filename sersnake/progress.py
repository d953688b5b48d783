"""What a person sees of a long training."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

SECONDS_BETWEEN_LINES = 10


class EpochProgress:
    """Prints the first and last epoch, and one every ten seconds, with the time that is left."""

    def __init__(self, label: str, epochs: int, stream: TextIO) -> None:
        """Takes what is trained, for how many epochs at the most, and where to print."""
        self.label, self.epochs, self.stream = label, epochs, stream
        self.started = time.monotonic()
        self.printed = -float("inf")
        self.done = 0

    def __call__(self, row: dict[str, float]) -> None:
        """Takes the history's row of an epoch that has just ended."""
        self.done += 1
        now = time.monotonic()
        if now - self.printed < SECONDS_BETWEEN_LINES and self.done < self.epochs:
            return
        self.printed = now
        left = (now - self.started) / self.done * (self.epochs - self.done)
        print(
            f"{self.label}: epoch {self.done}/{self.epochs}, loss {row['loss']:.4f}, "
            f"accuracy {row['accuracy']:.1%}, {left:.0f} s left",
            file=self.stream,
            flush=True,
        )


def report_files(files: Sequence[Path], stream: TextIO) -> Iterator[Path]:
    """Yields the files and says, ten times in all, how many are done."""
    step = max(1, len(files) // 10)
    for number, file in enumerate(files, start=1):
        yield file
        if number % step == 0 or number == len(files):
            print(f"{number}/{len(files)} {file}", file=stream, flush=True)
