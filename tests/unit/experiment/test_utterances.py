"""The shards of a corpus: of a large one they grow, not their number."""

from __future__ import annotations

import os
from pathlib import Path

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
    assert len(corpus.shards()) == shards
    assert [name for shard in corpus.shards() for name in shard] == corpus.names


def test_shards_are_even() -> None:
    corpus = utterances(535, 64)
    assert {len(shard) for shard in corpus.shards()} == {59, 60}
    assert [len(shard) for shard in corpus.shards(8)] == [267, 268]


def test_a_pack_is_joined_from_shards_or_from_utterances() -> None:
    corpus = utterances(3)
    assert corpus.parts("shard") == ["shards/0", "shards/1"]
    assert corpus.parts("utterance") == ["utterances/u0000", "utterances/u0001", "utterances/u0002"]


def test_options_are_segments_and_what_the_config_says_of_bad_recordings() -> None:
    assert utterances(2).options(["u0000"]) == []
    frame = pd.DataFrame({"utterance": ["a", "b"], "path": "x.wav"})
    cut = Utterances(frame.assign(start=["0", "1.5"], end=["1.5", ""]), 64, skip_bad=True)
    assert cut.options(["b"]) == ["--skip-bad", "--segments", "1.5:"]


def test_a_touched_recording_is_newer(tmp_path: Path) -> None:
    paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
    frame = pd.DataFrame({"utterance": ["a", "b"], "path": list(map(str, paths))})
    corpus = Utterances(frame, 64)
    for path, seconds in zip(paths, (5, 7), strict=True):
        path.touch()
        os.utime(path, (seconds, seconds))
    assert corpus.modified(["a", "b"]) == 7 * 10**9
    assert corpus.modified(["a"]) == 5 * 10**9
    assert Utterances(frame, 64, given=False).modified(["a"]) is None
