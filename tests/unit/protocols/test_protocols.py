"""Folds are complete, repeatable, and disjoint in what their protocol names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import product

import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols import (
    PROTOCOLS,
    Protocol,
    describe_folds,
    fold_names,
    fold_parts,
    make_folds,
)

WITHOUT_FILE = [name for name in PROTOCOLS if name != "predefined"]
TESTED_ONCE = [name for name in WITHOUT_FILE if name != "random_split"]


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Six speakers in three sessions say five sentences in three emotions, twice each."""
    rows = [
        {
            "utterance": f"{speaker}_{sentence}_{emotion}_{take}",
            "speaker": speaker,
            "session": str("abcdef".index(speaker) // 2),
            "sentence": sentence,
            "emotion": emotion,
            "corpus": "mine",
        }
        for speaker, sentence, emotion, take in product(
            "abcdef", ("s1", "s2", "s3", "s4", "s5"), ("angry", "happy", "sad"), "12"
        )
    ]
    return pd.DataFrame(rows).sort_values("utterance", ignore_index=True)


def suited(manifest: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """The manifest as it is, or as two joined corpora of three speakers, for a protocol of such."""
    corpora = manifest["speaker"].map(lambda name: "first" if name < "d" else "second")
    return manifest.assign(corpus=corpora) if "corpus" in protocol else manifest


def sides(manifest: pd.DataFrame, folds: pd.DataFrame, column: str) -> list[tuple[set, set]]:
    """Values of a column in training and test set, fold by fold."""
    values = folds["utterance"].map(manifest.set_index("utterance")[column])
    return [
        (set(values[rows.index][rows == "train"]), set(values[rows.index][rows == "test"]))
        for _, rows in folds["part"].groupby(folds["fold"], sort=False)
    ]


@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize("name", WITHOUT_FILE)
def test_every_fold_names_every_utterance_and_the_names_are_foretold(
    manifest: pd.DataFrame, name: str, k: int | None
) -> None:
    manifest, protocol = suited(manifest, name), Protocol(name, k=k)
    folds = make_folds(manifest, protocol)
    assert list(folds.columns) == ["fold", "utterance", "part"]
    assert list(folds["fold"].unique()) == fold_names(manifest, protocol)
    assert set(folds["part"]) <= {"train", "test", "unused"}
    for _, fold in folds.groupby("fold"):
        assert fold["utterance"].tolist() == manifest["utterance"].tolist()
        assert {"train", "test"} <= set(fold["part"])


@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize("name", TESTED_ONCE)
def test_every_utterance_is_tested_once(manifest: pd.DataFrame, name: str, k: int | None) -> None:
    folds = make_folds(suited(manifest, name), Protocol(name, k=k))
    tested = folds.loc[folds["part"] == "test", "utterance"]
    assert sorted(tested) == manifest["utterance"].tolist()


@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize("name", WITHOUT_FILE)
def test_same_seed_same_folds(manifest: pd.DataFrame, name: str, k: int | None) -> None:
    manifest = suited(manifest, name)
    first = make_folds(manifest, Protocol(name, k=k, seed=1))
    pd.testing.assert_frame_equal(first, make_folds(manifest, Protocol(name, k=k, seed=1)))
    drawn = "seed" in Protocol(name, k=k).label
    assert first.equals(make_folds(manifest, Protocol(name, k=k, seed=2))) != drawn


@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("sentence_disjoint", ["sentence"]),
        ("speaker_disjoint", ["speaker"]),
        ("speaker_and_sentence_disjoint", ["speaker", "sentence"]),
        ("leave_one_session_out", ["session", "speaker"]),
        ("corpus_disjoint", ["corpus", "speaker"]),
        ("corpus_pairs", ["corpus", "speaker"]),
        ("within_corpus", ["speaker"]),
    ],
)
def test_what_is_disjoint_stands_on_one_side(
    manifest: pd.DataFrame, name: str, columns: list[str], k: int | None
) -> None:
    manifest = suited(manifest, name)
    folds = make_folds(manifest, Protocol(name, k=k))
    for column in columns:
        assert all(not train & test for train, test in sides(manifest, folds, column))


def test_random_split_is_stratified_and_more_repeats_keep_the_first(manifest: pd.DataFrame) -> None:
    three = make_folds(manifest, Protocol(repeats=3))
    five = make_folds(manifest, Protocol(repeats=5))
    pd.testing.assert_frame_equal(three, five[: len(three)])
    tests = five[five["part"] == "test"].groupby("fold")["utterance"].agg(tuple)
    assert tests.nunique() == 5
    emotions = manifest.set_index("utterance")["emotion"]
    for names in tests:
        assert emotions[list(names)].value_counts().to_dict() == {
            "angry": 12,
            "happy": 12,
            "sad": 12,
        }


def test_k_fold_is_stratified(manifest: pd.DataFrame) -> None:
    folds = make_folds(manifest, Protocol("k_fold", k=4))
    tested = folds[folds["part"] == "test"]
    emotions = tested["utterance"].map(manifest.set_index("utterance")["emotion"])
    assert emotions.groupby([tested["fold"], emotions]).size().eq(15).all()
    assert len(fold_names(manifest, Protocol("k_fold"))) == 10


def test_one_is_left_out_in_the_order_of_names(manifest: pd.DataFrame) -> None:
    folds = make_folds(manifest.iloc[::-1], Protocol("speaker_disjoint"))
    assert [test for _, test in sides(manifest, folds, "speaker")] == [{s} for s in "abcdef"]


def test_groups_of_speakers_share_the_speakers(manifest: pd.DataFrame) -> None:
    folds = make_folds(manifest, Protocol("speaker_disjoint", k=3))
    tested = [test for _, test in sides(manifest, folds, "speaker")]
    assert [len(test) for test in tested] == [2, 2, 2]
    assert set().union(*tested) == set("abcdef")
    lines = list(describe_folds(manifest, folds, Protocol("speaker_disjoint", k=3)))
    assert lines[1] == f"fold 1: 120 train, 60 test; tested: speaker {', '.join(sorted(tested[1]))}"


def test_what_shares_only_one_with_the_cell_is_unused(manifest: pd.DataFrame) -> None:
    folds = make_folds(manifest, Protocol("speaker_and_sentence_disjoint"))
    assert folds["fold"].nunique() == 30
    second = folds[folds["fold"] == "1"].set_index("utterance")["part"]
    by_name = manifest.set_index("utterance")
    same = (by_name["speaker"] == "a").astype(int) + (by_name["sentence"] == "s2")
    assert second.eq(same.map({0: "train", 1: "unused", 2: "test"})).all()
    lines = list(describe_folds(manifest, folds, Protocol("speaker_and_sentence_disjoint")))
    assert lines[1] == "fold 1: 120 train, 6 test, 54 unused; tested: speaker a; sentence s2"


@pytest.mark.parametrize("k", [None, 2])
def test_an_empty_cell_makes_no_fold(manifest: pd.DataFrame, k: int | None) -> None:
    kept = manifest[(manifest["speaker"] != "a") | (manifest["sentence"] != "s1")]
    protocol = Protocol("speaker_and_sentence_disjoint", k=k)
    folds = make_folds(kept, protocol)
    assert list(folds["fold"].unique()) == fold_names(kept, protocol)
    assert folds["fold"].nunique() == (29 if k is None else 4)
    tested = folds.loc[folds["part"] == "test", "utterance"]
    assert sorted(tested) == sorted(kept["utterance"])


def test_a_session_is_left_out_whatever_k(manifest: pd.DataFrame) -> None:
    assert len(fold_names(manifest, Protocol("leave_one_session_out", k=2))) == 3
    assert Protocol("leave_one_session_out", k=2).description == "leave one session out"


def test_a_fold_within_a_corpus_leaves_the_others_unused(manifest: pd.DataFrame) -> None:
    joined = suited(manifest, "corpus")
    folds = make_folds(joined, Protocol("within_corpus"))
    corpora = [train | test for train, test in sides(joined, folds, "corpus")]
    assert corpora == [{"first"}] * 3 + [{"second"}] * 3


def test_pairs_of_corpora_are_ordered_and_the_rest_is_unused(manifest: pd.DataFrame) -> None:
    names = dict(zip("abcdef", ["x", "x", "y", "y", "z", "z"], strict=True))
    joined = manifest.assign(corpus=manifest["speaker"].map(names))
    tested = sides(joined, make_folds(joined, Protocol("corpus_pairs")), "corpus")
    assert tested == [({a}, {b}) for a in "xyz" for b in "xyz" if a != b]
    left_out = sides(joined, make_folds(joined, Protocol("corpus_disjoint")), "corpus")
    assert left_out == [({"y", "z"}, {"x"}), ({"x", "z"}, {"y"}), ({"x", "y"}, {"z"})]


def blank(column: str, rows: slice) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(manifest: pd.DataFrame) -> pd.DataFrame:
        changed = manifest.copy()
        changed.loc[changed.index[rows], column] = ""
        return changed

    return change


def rare(manifest: pd.DataFrame) -> pd.DataFrame:
    changed = manifest.copy()
    changed.loc[0, "emotion"] = "bored"
    return changed


@pytest.mark.parametrize(
    ("protocol", "change", "message"),
    [
        (
            Protocol("sentence_disjoint"),
            blank("sentence", slice(None)),
            "sentence_disjoint: mine knows no sentences; fill the column sentence of its manifest",
        ),
        (
            Protocol("speaker_disjoint"),
            lambda manifest: manifest.drop(columns="speaker"),
            "speaker_disjoint: mine knows no speakers",
        ),
        (
            Protocol("speaker_and_sentence_disjoint"),
            blank("speaker", slice(0, 7)),
            r"7 utterances of mine without a speaker \(a_s1_angry_1, .*, …\); fill the column",
        ),
        (
            Protocol("leave_one_session_out"),
            lambda manifest: manifest.assign(session="1"),
            "mine has 1 session, and 2 are needed; choose another protocol",
        ),
        (
            Protocol("speaker_disjoint", k=7),
            lambda manifest: manifest,
            "mine has 6 speakers, and 7 are needed; set k to at most 6",
        ),
        (
            Protocol("corpus_disjoint"),
            lambda manifest: manifest,
            "mine has 1 corpus, and 2 are needed; choose another protocol",
        ),
        (
            Protocol("corpus_pairs"),
            lambda manifest: manifest.drop(columns="corpus"),
            "corpus_pairs: the corpus knows no corpora",
        ),
        (
            Protocol("within_corpus"),
            lambda manifest: suited(manifest, "corpus").query("speaker != 'e' and speaker != 'f'"),
            "second has 1 speaker, and 2 are needed; choose another protocol",
        ),
        (Protocol("k_fold"), rare, "class 'bored' of mine has 1 utterance and cannot be split"),
        (Protocol(), rare, "class 'bored' of mine has 1 utterance and cannot be split into 2"),
        (
            Protocol(test_share=0.01),
            lambda manifest: manifest,
            "test_share: 0.01 of 180 utterances puts 2 into the test set and 178 into",
        ),
        (
            Protocol(test_share=0.99),
            lambda manifest: manifest,
            "puts 179 into the test set and 1 into the training set",
        ),
        (
            Protocol("speaker_and_sentence_disjoint"),
            lambda manifest: manifest[manifest["speaker"].eq("a") | manifest["sentence"].eq("s1")],
            "shares neither speaker nor sentence with a_s1_angry_1 .*choose speaker_disjoint",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_with_a_remedy(
    manifest: pd.DataFrame,
    protocol: Protocol,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    message: str,
) -> None:
    with pytest.raises(SersnakeError, match=message):
        make_folds(change(manifest), protocol)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"protocol": "nonsense"},
            "protocol: 'nonsense' is not allowed; choose one of corpus_disj",
        ),
        ({"repeats": 0}, "repeats"),
        (
            {"test_share": 1.0},
            "test_share: 1.0 is not allowed; choose a number above 0 and below 1",
        ),
        ({"k": 1}, "k: 1 is not allowed; choose a whole number of at least 2"),
        ({"seed": -1}, "seed"),
    ],
)
def test_options_that_never_work_are_refused(options: dict, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        Protocol(**options)


def test_folds_are_counted_where_somebody_relies_on_them(manifest: pd.DataFrame) -> None:
    protocol = Protocol("speaker_disjoint")
    assert len(make_folds(manifest, protocol, expected=6)) == 6 * len(manifest)
    with pytest.raises(SersnakeError, match="mine gives 5 folds, expected were 6"):
        make_folds(manifest[manifest["speaker"] != "c"], protocol, expected=6)


def test_more_folds_than_can_be_trained_are_refused() -> None:
    names = [f"u{i}" for i in range(6000)]
    manifest = pd.DataFrame({"utterance": names, "sentence": names, "emotion": "sad"})
    with pytest.raises(SersnakeError, match="6,000 folds of 6,000 utterances are too many"):
        fold_names(manifest, Protocol("sentence_disjoint"))


@pytest.mark.parametrize(
    ("protocol", "description", "claims"),
    [
        (Protocol(), "stratified random 80/20 split", ()),
        (Protocol(test_share=0.125), "stratified random 87.5/12.5 split", ()),
        (Protocol("k_fold"), "stratified 10-fold cross-validation", ()),
        (Protocol("sentence_disjoint"), "leave one sentence out", ("sentences",)),
        (Protocol("speaker_disjoint", k=5), "5 groups of speakers", ("speakers",)),
        (
            Protocol("speaker_and_sentence_disjoint", k=5),
            "speakers and sentences disjoint (5 x 5 groups)",
            ("speakers", "sentences"),
        ),
        (Protocol("leave_one_session_out"), "leave one session out", ("speakers", "sessions")),
        (Protocol("corpus_disjoint"), "leave one corpus out", ("speakers",)),
        (
            Protocol("within_corpus", k=2),
            "2 groups of speakers within each corpus",
            ("speakers",),
        ),
        (
            Protocol("predefined", fold_file="/data/folds.csv"),
            "predefined folds of folds.csv",
            (),
        ),
    ],
)
def test_a_protocol_says_what_it_is_and_claims(
    protocol: Protocol, description: str, claims: tuple[str, ...]
) -> None:
    assert protocol.description == description
    assert protocol.claims == ("recordings", *claims)


def test_fold_names_do_not_wait_for_scikit_learn() -> None:
    code = (
        "import sys, pandas as pd; from sersnake.protocols import Protocol, fold_names;"
        "frame = pd.DataFrame({'utterance': ['a', 'b'], 'speaker': ['1', '2'],"
        " 'sentence': ['x', 'y'], 'emotion': 'sad'});"
        "names = [fold_names(frame, Protocol(name)) for name in ('random_split', 'k_fold',"
        " 'speaker_disjoint', 'speaker_and_sentence_disjoint')];"
        "print([len(n) for n in names], 'sklearn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[10, 10, 2, 2] False"


def test_parts_follow_the_manifest_s_order_and_unused_is_in_neither() -> None:
    folds = pd.DataFrame(
        {
            "fold": "0",
            "utterance": ["b", "d", "c", "a"],
            "part": ["test", "unused", "train", "train"],
        }
    )
    train, test = fold_parts(folds, "0", pd.Series(["a", "b", "c", "d"]))
    assert (list(train), list(test)) == ([0, 2], [1])
    with pytest.raises(SersnakeError, match="no fold '7'"):
        fold_parts(folds, "7", pd.Series(["a", "b", "c", "d"]))
    for wrong in (["a", "b", "c"], ["a", "b", "c", "e"]):
        with pytest.raises(SersnakeError, match="different utterances"):
            fold_parts(folds, "0", pd.Series(wrong))
    with pytest.raises(SersnakeError, match="different utterances"):
        fold_parts(pd.concat([folds, folds[:1]]), "0", pd.Series(["a", "b", "c", "d"]))
