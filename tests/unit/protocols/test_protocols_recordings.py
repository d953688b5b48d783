"""Segments of a recording never stand on both sides of a fold, whatever the protocol."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols import PROTOCOLS, Protocol, fold_names, make_folds
from sersnake.protocols.audit import audit
from sersnake.protocols.audit.verdict import BROKEN, HOLDS, OPEN
from sersnake.protocols.recordings import kept_apart

WITHOUT_FILE = [name for name in PROTOCOLS if name != "predefined"]


def make_manifest(recordings: int = 24) -> pd.DataFrame:
    """Each recording is a talk of a session's two speakers: two sentences in three emotions.

    One recording in four is a single utterance.
    """
    rows = []
    for number in range(recordings):
        session = number % 3
        sentences = ("s1", "s2") if number // 3 % 2 else ("s3", "s4")
        turns = product(("ab", "cd", "ef")[session], sentences, ("angry", "happy", "sad"))
        for turn, labels in enumerate(turns):
            if number % 4 != 3 or turn == number % 12:
                path = f"r{number:02d}.wav"
                rows.append((f"r{number:02d}_{turn:02d}", path, str(session), *labels))
    columns = ["utterance", "path", "session", "speaker", "sentence", "emotion"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(corpus="corpus " + frame["session"])


def sides(manifest: pd.DataFrame, folds: pd.DataFrame) -> dict[str, tuple[set[str], set[str]]]:
    """Recordings of the training and of the test set of each fold."""
    paths = folds["utterance"].map(manifest.set_index("utterance")["path"])
    return {
        str(fold): tuple(set(paths[rows.index][rows["part"] == part]) for part in ("train", "test"))
        for fold, rows in folds.groupby("fold", sort=False)
    }


# Of speakers who talk in pairs, one pair for each corpus, these would have nothing to train on.
IMPOSSIBLE = {
    ("speaker_and_sentence_disjoint", 2),
    *product(["corpus_pairs"], (1, 2)),
    *product(["within_corpus"], (0, 1, 2)),
}
CASES = [case for case in product(WITHOUT_FILE, (0, 1, 2)) if case not in IMPOSSIBLE]


@pytest.mark.parametrize(("name", "inner"), CASES)
def test_no_protocol_parts_a_recording(name: str, inner: int) -> None:
    manifest = make_manifest()
    k = 3 if name == "k_fold" else None
    protocol = Protocol(name, repeats=3, k=k, inner=inner)
    folds = make_folds(manifest, protocol)
    assert list(folds["fold"].unique()) == fold_names(manifest, protocol)
    for train, test in sides(manifest, folds).values():
        assert train and test
        assert not train & test
    verdicts = audit(manifest, folds, protocol=protocol)
    assert verdicts.claims["recordings"].status == HOLDS
    assert all(verdict.status == HOLDS for verdict in verdicts.claims.values())
    assert verdicts.remade is not None and verdicts.remade.status == HOLDS


def test_random_splits_keep_their_share_and_their_classes() -> None:
    manifest = make_manifest(60)
    folds = make_folds(manifest, Protocol(repeats=5, test_share=0.3))
    emotions = folds["utterance"].map(manifest.set_index("utterance")["emotion"])
    tested = []
    for _, rows in folds.groupby("fold"):
        assert set(rows["part"]) == {"train", "test"}
        test = rows["part"] == "test"
        shares = test.groupby(emotions[rows.index]).mean()
        assert shares.between(0.25, 0.35).all()
        tested.append(frozenset(rows["utterance"][test]))
    assert len(set(tested)) == 5
    again = make_folds(manifest, Protocol(repeats=5, test_share=0.3))
    pd.testing.assert_frame_equal(folds, again)
    other = make_folds(manifest, Protocol(repeats=5, test_share=0.3, seed=1))
    assert not folds.equals(other)


def test_k_folds_test_every_utterance_once() -> None:
    manifest = make_manifest()
    folds = make_folds(manifest, Protocol("k_fold", k=4))
    assert (folds[folds["part"] == "test"]["utterance"].value_counts() == 1).all()
    assert len(folds[folds["part"] == "test"]) == len(manifest)


def test_recordings_that_are_not_known_are_no_single_one() -> None:
    manifest = make_manifest().assign(path="")
    without = manifest.drop(columns="path")
    for name in ("random_split", "k_fold", "speaker_disjoint"):
        protocol = Protocol(name, repeats=2, k=None)
        folds = make_folds(manifest, protocol)
        pd.testing.assert_frame_equal(folds, make_folds(without, protocol))
        assert audit(manifest, folds).passed
    some = make_manifest()
    some["path"] = some["path"].where(some["session"] == "0", "")
    folds = make_folds(some, Protocol("k_fold", k=3))
    train, test = next(iter(sides(some, folds).values()))
    assert train & test == {""}


def test_what_others_say_in_a_tested_recording_is_unused() -> None:
    manifest = make_manifest()
    folds = make_folds(manifest, Protocol("speaker_disjoint"))
    first = folds[folds["fold"] == "0"].set_index("utterance")["part"]
    by_name = manifest.set_index("utterance")
    tested_paths = set(by_name["path"][by_name["speaker"] == "a"])
    for name, part in first.items():
        row = by_name.loc[name]
        expected = (
            "test" if row["speaker"] == "a"
            else "unused" if row["path"] in tested_paths else "train"
        )  # fmt: skip
        assert part == expected


def test_a_recording_for_each_class_cannot_be_split() -> None:
    manifest = pd.DataFrame(
        {
            "utterance": [f"u{n}" for n in range(30)],
            "emotion": ["calm"] * 10 + ["loud"] * 20,
            "path": ["calm.wav"] * 10 + ["loud1.wav"] * 10 + ["loud2.wav"] * 10,
        }
    )
    for name in ("random_split", "k_fold"):
        with pytest.raises(SersnakeError, match=r"class 'calm' of the corpus has 1 recording and"):
            make_folds(manifest, Protocol(name, k=2))
    with pytest.raises(SersnakeError, match=r"has 1 recording of class 'calm'"):
        wide = pd.concat([manifest, manifest.assign(path="test.wav", utterance=[
            f"t{n}" for n in range(30)])])  # fmt: skip
        wide["speaker"] = np.where(wide["path"] == "test.wav", "b", "a")
        make_folds(wide, Protocol("k_fold", k=2, inner=1))


def test_a_conversation_of_all_leaves_nothing_to_train_on() -> None:
    manifest = make_manifest().assign(path="all.wav")
    with pytest.raises(SersnakeError, match="a segment of speaker a, so nothing is left"):
        make_folds(manifest, Protocol("speaker_disjoint"))


def test_inner_folds_with_nothing_to_train_on_are_refused() -> None:
    with pytest.raises(
        SersnakeError, match=r"of fold 9 .* a segment in the test set of inner fold 0"
    ):
        make_folds(make_manifest(), Protocol("speaker_and_sentence_disjoint", inner=2))


def test_recordings_too_long_for_the_share() -> None:
    manifest = make_manifest().query("utterance.str.startswith('r00') | path == 'r01.wav'")
    with pytest.raises(SersnakeError, match=r"a test share of 0.1 is far less than any of its 2 "):
        make_folds(manifest, Protocol(test_share=0.1))


def test_the_audit_names_a_recording_on_both_sides() -> None:
    manifest = make_manifest()
    folds = make_folds(manifest, Protocol("k_fold", k=3)).query("fold == '0'").copy()
    paths = folds["utterance"].str[:3]
    row = folds.index[(folds["part"] == "test") & paths.duplicated()][0]
    folds.loc[row, "part"] = "train"
    verdict = audit(manifest, folds).claims["recordings"]
    assert verdict.status == BROKEN
    assert f"fold 0: {folds.loc[row, 'utterance']} (train) and r" in verdict.examples[0]
    assert verdict.examples[0].endswith("(test) are of one recording")


@pytest.mark.parametrize("known", [[], ["a"]])
def test_unknown_speakers_are_never_taken_for_separate_ones(known: list[str]) -> None:
    manifest = make_manifest().drop(columns="path")
    manifest["speaker"] = manifest["speaker"].where(manifest["speaker"].isin(known), "")
    for name in ("random_split", "k_fold"):
        protocol = Protocol(name, repeats=2, k=2, inner=1)
        verdicts = audit(manifest, make_folds(manifest, protocol), protocol=protocol)
        assert "speakers" not in verdicts.claims
        assert verdicts.unclaimed["speakers"].status == (BROKEN if known else OPEN)
    folds = make_folds(manifest, Protocol(repeats=1))
    claimed = audit(manifest, folds, claims=["speakers"])
    assert not claimed.passed
    for name in ("speaker_disjoint", "speaker_and_sentence_disjoint"):
        with pytest.raises(SersnakeError, match=r"knows no speakers|without a speaker"):
            make_folds(manifest, Protocol(name))


@pytest.mark.parametrize("apart", ["speaker", "sentence", "path"])
def test_inner_folds_keep_apart_what_a_fold_does(apart: str) -> None:
    """Speakers or sentences that training and test set do not share, else recordings."""
    manifest = make_manifest()
    tested = manifest[apart] == manifest[apart].iloc[0]
    train, test = np.flatnonzero(~tested), np.flatnonzero(tested)
    if apart != "speaker":
        manifest["speaker"] = "a"
    names = manifest[apart].to_numpy(str)
    np.testing.assert_array_equal(kept_apart(manifest, train, test), names)
    unknown = manifest.assign(speaker="", sentence="")  # known of none
    np.testing.assert_array_equal(kept_apart(unknown, train, test), manifest["path"])
    bare = manifest[["utterance", "emotion"]]
    np.testing.assert_array_equal(kept_apart(bare, train, test), manifest["utterance"])
