"""The utterances of a plan, and the shards of extraction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sersnake.corpora.segments import segment_texts

# For a large corpus shards grow, not their number: each costs time, in Snakemake and on a cluster.
MOST_SHARDS = 256


class Utterances:
    """The utterances that a corpus' reader lists.

    Attributes:
        names: Their names, in order.
        recordings: The file of each, by its name.
    """

    def __init__(
        self, frame: pd.DataFrame, shard_size: int, *, skip_bad: bool = False, given: bool = True
    ) -> None:
        """Takes the corpus.

        Args:
            frame: The corpus' frame.
            shard_size: Utterances per shard, unless it has to grow.
            skip_bad: Whether recordings that cannot be read are left out.
            given: Whether the recordings are the user's; otherwise the workflow makes them.
        """
        self._skip_bad, self._given = skip_bad, given
        self.names = list(frame["utterance"])
        self.recordings = dict(zip(self.names, frame["path"], strict=True))
        self._segments = dict(zip(self.names, segment_texts(frame), strict=False))
        self._shard_size = max(shard_size, -(-len(self.names) // MOST_SHARDS))

    def shards(self, times: int = 1) -> list[list[str]]:
        """The utterances of each shard, in order; the sizes differ by at most one.

        Args:
            times: Factor on ``shard_size``.
        """
        total = len(self.names)
        count = -(-total // (self._shard_size * times))
        return [self.names[n * total // count : (n + 1) * total // count] for n in range(count)]

    def parts(self, granularity: str, times: int = 1) -> list[str]:
        """The parts that a pack is joined from: ``utterances/<name>`` or ``shards/<number>``."""
        if granularity == "utterance":
            return [f"utterances/{name}" for name in self.names]
        return [f"shards/{shard}" for shard in range(len(self.shards(times)))]

    def paths(self, names: Sequence[str]) -> list[str]:
        """The recordings of some utterances."""
        return [self.recordings[name] for name in names]

    def options(self, names: Sequence[str]) -> list[str]:
        """Options of the verb `extract`: which part of its recording each utterance is."""
        skip = ["--skip-bad"] if self._skip_bad else []
        if not self._segments:
            return skip
        return [*skip, "--segments", *(self._segments[name] for name in names)]

    def modified(self, names: Sequence[str]) -> int | None:
        """When the newest of some recordings was modified, in ns; None if the workflow makes them.

        As a parameter it causes a touched recording to be extracted again even if it is small;
        Snakemake alone compares small files by their content.
        """
        if not self._given:
            return None
        return max(Path(self.recordings[name]).stat().st_mtime_ns for name in names)
