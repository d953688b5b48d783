"""The utterances of a plan, and the shards that extraction is cut into."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sersnake.corpora.segments import segment_texts

# Of a large corpus the shards grow, not their number: each costs Snakemake time, and a cluster.
MOST_SHARDS = 256


class Utterances:
    """The utterances that a corpus' reader lists.

    Attributes:
        names: Their names, in order.
        recordings: The file of each, by its name.
        shards: How many shards they make.
    """

    def __init__(self, frame: pd.DataFrame, shard_size: int) -> None:
        """Takes the corpus' frame, and how many utterances a shard holds, unless it has to grow."""
        self.names = list(frame["utterance"])
        self.recordings = dict(zip(self.names, frame["path"], strict=True))
        self._segments = dict(zip(self.names, segment_texts(frame), strict=False))
        self._shard_size = max(shard_size, -(-len(self.names) // MOST_SHARDS))
        self.shards = -(-len(self.names) // self._shard_size)

    def of_shard(self, shard: int) -> list[str]:
        """The utterances of a shard, in order."""
        return self.names[shard * self._shard_size : (shard + 1) * self._shard_size]

    def parts(self, granularity: str) -> list[str]:
        """What a pack is joined from: ``utterances/<name>`` or ``shards/<number>``."""
        if granularity == "utterance":
            return [f"utterances/{name}" for name in self.names]
        return [f"shards/{shard}" for shard in range(self.shards)]

    def segments(self, names: Sequence[str]) -> list[str]:
        """The part of its recording that each utterance is, where a corpus has segments."""
        return [self._segments[name] for name in names] if self._segments else []
