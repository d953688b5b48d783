"""Folds are stratified, repeatable and complete."""

from __future__ import annotations

import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols import fold_parts, make_folds


def make_manifest() -> pd.DataFrame:
    emotions = ["angry"] * 40 + ["happy"] * 20 + ["sad"] * 40
    names = [f"u{i:03d}" for i in range(100)]
    sessions = [str(1 + i % 5) for i in range(100)]
    return pd.DataFrame({"utterance": names, "emotion": emotions, "session": sessions})


def split(seed: int = 0, repeats: int = 3) -> pd.DataFrame:
    manifest = make_manifest()
    return make_folds(manifest, "random_split", repeats=repeats, test_share=0.2, seed=seed)


def test_random_split_is_stratified_and_complete() -> None:
    manifest, folds = make_manifest(), split()
    assert list(folds.columns) == ["fold", "utterance", "part"]
    for _, fold in folds.groupby("fold"):
        assert fold["utterance"].tolist() == manifest["utterance"].tolist()
        test = manifest["emotion"].to_numpy()[fold["part"].to_numpy() == "test"]
        assert pd.Series(test).value_counts().to_dict() == {"angry": 8, "happy": 4, "sad": 8}


def test_the_seed_is_the_only_source_of_randomness() -> None:
    pd.testing.assert_frame_equal(split(seed=1), split(seed=1))
    assert not split(seed=1).equals(split(seed=2))


def test_repeats_differ_and_more_of_them_keep_the_first() -> None:
    three, five = split(repeats=3), split(repeats=5)
    tests = [
        tuple(fold.loc[fold["part"] == "test", "utterance"]) for _, fold in five.groupby("fold")
    ]
    assert len(set(tests)) == 5
    pd.testing.assert_frame_equal(three, five[: len(three)])


def test_leave_one_session_out_keeps_sessions_whole() -> None:
    manifest = make_manifest()
    folds = make_folds(manifest, "leave_one_session_out", repeats=1, test_share=0.2, seed=0)
    session = dict(zip(manifest["utterance"], manifest["session"], strict=True))
    for number, fold in folds.groupby("fold"):
        tested = {session[name] for name in fold.loc[fold["part"] == "test", "utterance"]}
        assert tested == {str(int(str(number)) + 1)}


@pytest.mark.parametrize("protocol", ["leave_one_session_out", "nonsense"])
def test_what_cannot_be_split_is_refused(protocol: str) -> None:
    manifest = make_manifest().assign(session="")
    with pytest.raises(SersnakeError, match=protocol):
        make_folds(manifest, protocol, repeats=1, test_share=0.2, seed=0)


def test_a_class_of_one_cannot_be_stratified() -> None:
    manifest = make_manifest()
    manifest.loc[0, "emotion"] = "bored"
    with pytest.raises(SersnakeError, match="cannot be split"):
        make_folds(manifest, "random_split", repeats=1, test_share=0.2, seed=0)


def test_parts_follow_the_manifest_s_order() -> None:
    folds = pd.DataFrame(
        {"fold": "0", "utterance": ["b", "c", "a"], "part": ["test", "train", "train"]}
    )
    train, test = fold_parts(folds, "0", pd.Series(["a", "b", "c"]))
    assert (list(train), list(test)) == ([0, 2], [1])
    with pytest.raises(SersnakeError, match="no fold '7'"):
        fold_parts(folds, "7", pd.Series(["a", "b", "c"]))
    with pytest.raises(SersnakeError, match="different utterances"):
        fold_parts(folds, "0", pd.Series(["a", "b"]))
