"""Progress lines of a long training."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

SECONDS_BETWEEN_LINES = 10


class EpochProgress:
    """Prints the progress of the folds of a job: at the start, every ten seconds, and at the end.

    A line has the mean epoch, loss and accuracy of the folds, and the remaining time if every fold
    trains all its epochs.
    """

    def __init__(
        self,
        network: str,
        first_epochs: Mapping[str, int],
        epochs: int,
        stream: TextIO,
        hard_share: float | None = None,
    ) -> None:
        """Takes what is trained and where to print.

        Args:
            network: Name of the network.
            first_epochs: Epochs that earlier phases have trained, by name of each fold to train.
            epochs: Epochs of this phase, at most.
            stream: Where to print.
            hard_share: Share of the training utterances that are hard, where only they are
                trained on.
        """
        self.network, self.epochs, self.stream = network, epochs, stream
        self.first_epochs = first_epochs
        self.hard = "" if hard_share is None else f"hard {hard_share:.1%}, "
        self.rows: dict[str, dict[str, float]] = {}
        self.started = time.monotonic()
        self.printed = -float("inf")
        self.seen = 0

    def __call__(self, fold: str, row: dict[str, float]) -> None:
        """Takes the history's row of a fold's epoch that has just ended."""
        self.seen += 1
        self.rows[fold] = row
        # After a checkpoint, this is more than self.seen.
        done = sum(int(row["epoch"]) - self.first_epochs[name] for name, row in self.rows.items())
        count, now = len(self.first_epochs), time.monotonic()
        left = count * self.epochs - done
        early = self.seen < count or now - self.printed < SECONDS_BETWEEN_LINES
        if early and left:
            return
        self.printed = now
        seconds = (now - self.started) / self.seen * left
        print(
            f"{self._folds()}: epoch {done // count}/{self.epochs}, {self.hard}{self._means()}, "
            f"{seconds:.0f} s left",
            file=self.stream,
            flush=True,
        )

    def _folds(self) -> str:
        names = list(self.first_epochs)
        if len(names) == 1:
            return f"{self.network} fold {names[0]}"
        return f"{self.network} {len(names)} folds ({names[0]} to {names[-1]})"

    def _means(self) -> str:
        mean = "" if len(self.first_epochs) == 1 else "mean "
        loss, accuracy = (
            sum(row[what] for row in self.rows.values()) / len(self.rows)
            for what in ("loss", "accuracy")
        )
        return f"{mean}loss {loss:.4f}, {mean}accuracy {accuracy:.1%}"


class Progress:
    """Prints progress and remaining time, about ten times in total."""

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
