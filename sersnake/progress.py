"""What a person sees of a long training."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

SECONDS_BETWEEN_LINES = 10


class EpochProgress:
    """Prints the first and last epoch, and one every ten seconds, with the time that is left."""

    def __init__(self, label: str, epochs: int, stream: TextIO, first_epoch: int = 0) -> None:
        """Takes what is trained, for how many epochs at the most, and where to print.

        ``first_epoch`` epochs were trained in earlier phases.
        """
        self.label, self.epochs, self.stream = label, epochs, stream
        self.first_epoch = first_epoch
        self.started = time.monotonic()
        self.printed = -float("inf")
        self.seen = 0

    def __call__(self, row: dict[str, float]) -> None:
        """Takes the history's row of an epoch that has just ended."""
        self.seen += 1
        done = int(row["epoch"]) - self.first_epoch  # more than seen after a checkpoint
        now = time.monotonic()
        if now - self.printed < SECONDS_BETWEEN_LINES and done < self.epochs:
            return
        self.printed = now
        left = (now - self.started) / self.seen * (self.epochs - done)
        print(
            f"{self.label}: epoch {done}/{self.epochs}, loss {row['loss']:.4f}, "
            f"accuracy {row['accuracy']:.1%}, {left:.0f} s left",
            file=self.stream,
            flush=True,
        )


class Progress:
    """Prints, about ten times in all, how many of many are done and the time that is left."""

    def __init__(self, what: str, total: int, stream: TextIO) -> None:
        """Takes what is counted, how many there are, and where to print."""
        self.what, self.total, self.stream = what, total, stream
        self.started = self.printed = time.monotonic()
        self.done = 0

    def __call__(self) -> None:
        """Counts one that has just been done."""
        self.done += 1
        now = time.monotonic()
        due = self.done % max(1, self.total // 10) == 0 and now - self.printed >= 1
        if not due and self.done < self.total:
            return
        self.printed = now
        spent = now - self.started
        left = spent / self.done * (self.total - self.done)
        time_text = f"{left:.0f} s left" if left else f"in {spent:.1f} s"
        print(f"{self.done}/{self.total} {self.what}, {time_text}", file=self.stream, flush=True)


def report_files(files: Sequence[Path], stream: TextIO) -> Iterator[Path]:
    """Yields the files and says, about ten times in all, how many are done."""
    progress = Progress("recordings", len(files), stream)
    for file in files:
        yield file
        progress()
