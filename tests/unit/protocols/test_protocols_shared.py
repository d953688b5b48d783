"""Shared inner folds: what one training says to several outer folds, and never of its own test."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import read_csv, write_csv
from sersnake.protocols import Protocol, fold_names, make_folds, outer_names
from sersnake.protocols.audit import audit
from sersnake.protocols.audit.nesting import judge_nesting
from sersnake.protocols.audit.verdict import BROKEN, HOLDS

SPEAKERS = "abcdefghij"


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Ten speakers in five sessions say two sentences in two emotions, twice each."""
    rows = [
        (f"{speaker}_{sentence}_{emotion}_{take}", speaker, sentence, emotion)
        for speaker, sentence, emotion, take in product(
            SPEAKERS, ("s1", "s2"), ("angry", "sad"), "12"
        )
    ]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "sentence", "emotion"])
    return frame.assign(session=[str(SPEAKERS.index(s) // 2) for s in frame["speaker"]])


@pytest.mark.parametrize(
    ("protocol", "k", "folds", "inner"),
    [
        ("speaker_disjoint", None, 10, 3),
        ("speaker_disjoint", 5, 5, 2),
        ("leave_one_session_out", None, 5, 2),
        ("k_fold", 8, 8, 4),
    ],
)
def test_each_fold_has_its_inner_folds_for_one_training_a_fold(
    manifest: pd.DataFrame, protocol: str, k: int | None, folds: int, inner: int
) -> None:
    outer = make_folds(manifest, Protocol(protocol, k=k))
    nested = Protocol(protocol, k=k, inner=inner, shared=True)
    shared = make_folds(manifest, nested)
    names = list(shared["fold"].unique())
    assert names == fold_names(manifest, nested)
    assert len(set(names)) == folds
    serves = Counter(name for fold in names for name in outer_names(fold))
    assert set(serves) == set(outer["fold"])
    assert set(serves.values()) == {inner}
    tests = outer[outer["part"] == "test"].groupby("fold")["utterance"].agg(set)
    for fold, rows in shared.groupby("fold"):
        left_out = set().union(*(tests[name] for name in outer_names(str(fold))))
        assert set(rows.loc[rows["part"] == "test", "utterance"]) == left_out
        assert set(rows.loc[rows["part"] == "train", "utterance"]).isdisjoint(left_out)
    assert judge_nesting(shared, outer).status == HOLDS
    assert audit(manifest, shared, protocol=nested).passed


def test_two_folds_meet_once_at_the_most_where_that_can_be(manifest: pd.DataFrame) -> None:
    for seed in range(5):
        protocol = Protocol("speaker_disjoint", inner=3, shared=True, seed=seed)
        blocks = [outer_names(fold) for fold in fold_names(manifest, protocol)]
        met = Counter(pair for block in blocks for pair in combinations(block, 2))
        assert max(met.values()) == 1


def test_the_seed_says_which_folds_meet(manifest: pd.DataFrame) -> None:
    one, again, other = (
        fold_names(manifest, Protocol("speaker_disjoint", inner=3, shared=True, seed=seed))
        for seed in (1, 1, 2)
    )
    assert one == again != other


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        (
            Protocol("speaker_disjoint", inner=6, shared=True),
            "of 10 folds, 6 inner folds leave less than half to train on; set inner to at most 5",
        ),
        (
            Protocol("k_fold", k=3, inner=2, shared=True),
            "set inner to at most 1, or shared to false",
        ),
        (
            Protocol("random_split", inner=2, shared=True),
            "random_split does not test every utterance in one fold and train on it in all others; "
            "set shared to false",
        ),
        (
            Protocol("speaker_and_sentence_disjoint", inner=2, shared=True),
            "speaker_and_sentence_disjoint does not test",
        ),
    ],
)
def test_folds_that_cannot_share_are_refused(
    manifest: pd.DataFrame, protocol: Protocol, message: str
) -> None:
    with pytest.raises(SersnakeError, match=message):
        make_folds(manifest, protocol)


def test_one_inner_fold_shares_nothing() -> None:
    with pytest.raises(
        SersnakeError, match="shared: 1 inner folds cannot be shared; set inner to 2"
    ):
        Protocol("speaker_disjoint", inner=1, shared=True)


def test_a_caption_says_that_they_are_shared() -> None:
    protocol = Protocol("speaker_disjoint", inner=3, shared=True)
    assert protocol.description == (
        "3 shared inner folds of every training set of: leave one speaker out"
    )
    assert protocol.label == "speaker_disjoint with 3 shared inner folds and seed 0"
    assert protocol.claims == ("recordings", "speakers")


def test_a_shared_fold_that_trains_on_what_an_outer_fold_tests_is_named() -> None:
    columns = ["fold", "utterance", "part"]
    outer = [
        (fold, name, "test" if name == tested else "train")
        for fold, tested in (("0", "a"), ("1", "b"), ("2", "c"))
        for name in "abcd"
    ]
    good = [("0+1", "a", "test"), ("0+1", "b", "test"), ("0+1", "d", "train")]
    good += [("1+2", "b", "test"), ("1+2", "c", "test"), ("1+2", "a", "train")]
    outer_folds = pd.DataFrame(outer, columns=columns)
    verdict = judge_nesting(pd.DataFrame(good, columns=columns), outer_folds)
    assert (verdict.status, verdict.reason) == (
        HOLDS,
        "2 inner folds: none trains on anything of its outer test set",
    )
    bad = pd.DataFrame([*good, ("1+2", "c", "train")], columns=columns)
    verdict = judge_nesting(bad, outer_folds)
    assert verdict.status == BROKEN
    assert "fold 1+2: c not in the training set of 2" in verdict.examples[0]


def test_the_verb_makes_and_checks_them(
    manifest: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "manifest.csv", manifest)
    source = ["--manifest", str(tmp_path / "manifest.csv"), "--set", "protocol=speaker_disjoint"]
    outer, inner = str(tmp_path / "outer.csv"), str(tmp_path / "inner.csv")
    assert main(["folds", *source, "--output", outer]) == 0
    nested = [*source, "--set", "inner=3", "--set", "shared=true"]
    assert main(["folds", *nested, "--output", inner]) == 0
    assert "56 train, 24 test; tested: speaker" in capsys.readouterr().err
    assert main(["audit", *nested, "--folds", inner, "--outer", outer]) == 0
    assert len(read_csv(Path(inner), ["fold"])) == 10 * len(manifest)
