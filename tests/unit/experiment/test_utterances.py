"""The shards of a corpus: of a large one they grow, not their number."""

from __future__ import annotations

import pandas as pd
import pytest

from sersnake.experiment.utterances import Utterances


def utterances(count: int, shard_size: int = 2) -> Utterances:
    names = [f"u{number:04d}" for number in range(count)]
    return Utterances(
        pd.DataFrame({"utterance": names, "path": [f"{name}.wav" for name in names]}), shard_size
    )


@pytest.mark.parametrize(("count", "shards"), [(1, 1), (3, 2), (512, 256), (513, 171)])
def test_every_utterance_is_of_one_shard_and_there_are_256_at_most(count: int, shards: int) -> None:
    corpus = utterances(count)
    assert corpus.shards == shards
    assert [name for shard in range(shards) for name in corpus.of_shard(shard)] == corpus.names


def test_a_pack_is_joined_from_shards_or_from_utterances() -> None:
    corpus = utterances(3)
    assert corpus.parts("shard") == ["shards/0", "shards/1"]
    assert corpus.parts("utterance") == ["utterances/u0000", "utterances/u0001", "utterances/u0002"]


def test_segments_are_those_that_the_corpus_has() -> None:
    whole = utterances(2)
    assert whole.segments(whole.names) == []
    frame = pd.DataFrame({"utterance": ["a", "b"], "path": "x.wav"})
    cut = Utterances(frame.assign(start=["0", "1.5"], end=["1.5", ""]), 64)
    assert cut.segments(["b"]) == ["1.5:"]
