"""Inner folds: they split training sets alone, and their audit notices where they do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import write_csv
from sersnake.protocols import PROTOCOLS, Protocol, fold_names, fold_parts, make_folds, outer_names
from sersnake.protocols.audit import audit
from sersnake.protocols.audit.nesting import judge_nesting
from sersnake.protocols.audit.verdict import BROKEN, HOLDS

WITHOUT_FILE = [name for name in PROTOCOLS if name != "predefined"]
BY_SPEAKER = {
    *("speaker_disjoint", "speaker_and_sentence_disjoint", "leave_one_session_out"),
    *("corpus_disjoint", "corpus_pairs", "within_corpus"),
}


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Six speakers in three sessions say five sentences in three emotions, twice each."""
    rows = [
        (f"{speaker}_{sentence}_{emotion}_{take}", speaker, sentence, emotion)
        for speaker, sentence, emotion, take in product(
            "abcdef", ("s1", "s2", "s3", "s4", "s5"), ("angry", "happy", "sad"), "12"
        )
    ]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "sentence", "emotion"])
    frame["session"] = frame["speaker"].map(dict(zip("abcdef", "112233", strict=True)))
    return frame.assign(corpus=frame["speaker"].map(dict(zip("abcdef", "xxxyyy", strict=True))))


# Of a corpus of three speakers, two are left to train on.
CASES = [case for case in product(WITHOUT_FILE, (1, 2, 3)) if case != ("within_corpus", 3)]


def parts_of(folds: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """Utterances of each fold and part."""
    return folds.groupby(["fold", "part"])["utterance"].agg(set).to_dict()


@pytest.mark.parametrize(("name", "inner"), CASES)
def test_inner_folds_split_the_training_part_alone_and_their_names_are_foretold(
    manifest: pd.DataFrame, name: str, inner: int
) -> None:
    k = 3 if name == "k_fold" else None
    outer = make_folds(manifest, Protocol(name, repeats=2, k=k))
    protocol = Protocol(name, repeats=2, k=k, inner=inner)
    folds = make_folds(manifest, protocol)
    names = [f"{fold}-{i}" for fold in outer["fold"].unique() for i in range(inner)]
    assert list(folds["fold"].unique()) == fold_names(manifest, protocol) == names
    before, parts = parts_of(outer), parts_of(folds)
    for fold in names:
        train, test = parts[fold, "train"], parts[fold, "test"]
        assert not train & test
        (outer_fold,) = outer_names(fold)
        assert train | test == before[outer_fold, "train"]
    if inner > 1:  # every training utterance of the outer fold is tested once
        tested = [parts[f"0-{i}", "test"] for i in range(inner)]
        assert sum(map(len, tested)) == len(set().union(*tested)) == len(before["0", "train"])
    assert judge_nesting(folds, outer).status == HOLDS
    assert audit(manifest, folds, protocol=protocol).passed


@pytest.mark.parametrize("inner", [1, 2])
@pytest.mark.parametrize("name", WITHOUT_FILE)
def test_speakers_stay_together_where_the_outer_protocol_keeps_them_so(
    manifest: pd.DataFrame, name: str, inner: int
) -> None:
    protocol = Protocol(name, repeats=2, inner=inner, seed=1)
    assert ("speakers" in protocol.claims) == (name in BY_SPEAKER)
    result = audit(manifest, make_folds(manifest, protocol), protocol=protocol)
    shared = any(findings.shared["speakers"] for findings in result.folds.values())
    assert shared == (name not in BY_SPEAKER)


@pytest.mark.parametrize(("inner", "tested"), [(1, 29), (4, 36)])
def test_without_groups_inner_folds_are_stratified(
    manifest: pd.DataFrame, inner: int, tested: int
) -> None:
    folds = make_folds(manifest, Protocol(repeats=1, inner=inner))
    emotions = manifest.set_index("utterance")["emotion"]
    tests = folds[folds["part"] == "test"]
    sizes = emotions[tests["utterance"]].groupby(tests["fold"].to_numpy()).value_counts()
    assert sizes.groupby(level=0).sum().eq(tested).all()
    assert sizes.max() - sizes.min() <= 1


def test_same_seed_same_inner_folds_and_another_seed_others(manifest: pd.DataFrame) -> None:
    first, again, other = (
        make_folds(manifest, Protocol("k_fold", k=2, inner=3, seed=seed)) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@pytest.mark.parametrize("share", [False, True])
def test_predefined_folds_keep_speakers_apart_where_they_did(
    manifest: pd.DataFrame, tmp_path: Path, share: bool
) -> None:
    part = (manifest["speaker"] == "a").map({True: "test", False: "train"})
    if share:
        part[0] = "train"
    write_csv(tmp_path / "folds.csv", manifest[["utterance"]].assign(fold="x-1", part=part))
    protocol = Protocol("predefined", fold_file=str(tmp_path / "folds.csv"), inner=2)
    folds = make_folds(manifest, protocol)
    assert list(folds["fold"].unique()) == fold_names(manifest, protocol) == ["x-1-0", "x-1-1"]
    result = audit(manifest, folds, protocol=protocol)
    assert any(findings.shared["speakers"] for findings in result.folds.values()) == share
    assert result.passed


def test_the_outer_test_part_is_in_neither_part(manifest: pd.DataFrame) -> None:
    outer = make_folds(manifest, Protocol(repeats=1))
    folds = make_folds(manifest, Protocol(repeats=1, inner=2))
    _, test = fold_parts(outer, "0", manifest["utterance"])
    inner = [set(part) for part in fold_parts(folds, "0-1", manifest["utterance"])]
    assert sum(map(len, inner)) == len(manifest) - len(test)
    assert not set(test) & set().union(*inner)


def test_a_nested_protocol_says_so() -> None:
    assert Protocol("speaker_disjoint", inner=3).description == (
        "3 inner folds of every training set of: leave one speaker out"
    )
    assert Protocol(inner=1).description == (
        "an inner 80/20 split of every training set of: stratified random 80/20 split"
    )
    assert Protocol("speaker_disjoint", inner=1).label == (
        "speaker_disjoint with 1 inner fold and seed 0"
    )
    assert Protocol("speaker_disjoint").label == "speaker_disjoint"


def few_speakers(manifest: pd.DataFrame) -> pd.DataFrame:
    return manifest[manifest["speaker"].isin(["a", "b"])]


def rare(manifest: pd.DataFrame) -> pd.DataFrame:
    """Two bored utterances: one in the training set."""
    emotion = manifest["emotion"].where(manifest.index > 1, "bored")
    return manifest.assign(emotion=emotion)


@pytest.mark.parametrize(
    ("protocol", "change", "message"),
    [
        (
            Protocol("speaker_disjoint", inner=6),
            lambda manifest: manifest,
            "inner: the training set of fold 0 of x.y has 5 speakers, and 6 are needed; "
            "set inner to at most 5",
        ),
        (
            Protocol("speaker_disjoint", inner=1),
            few_speakers,
            "has 1 speaker, and 2 are needed; choose another protocol",
        ),
        (
            Protocol("k_fold", k=2, inner=2),
            rare,
            "fold 0 of x.y has 1 utterance of class 'bored', which cannot be split into 2; "
            "leave the class out",
        ),
        (
            Protocol("k_fold", k=2, inner=31),
            lambda manifest: manifest,
            "has 30 utterances of class 'angry', which cannot be split into 31; set inner to at "
            "most 30",
        ),
        (
            Protocol("k_fold", k=2, inner=1),
            lambda manifest: manifest[manifest["sentence"] == "s1"][
                lambda rows: rows["speaker"].isin(["a", "b"])
            ].iloc[:12],
            "has 6 utterances, and a fifth of them cannot hold each of 3 classes; set inner to 2",
        ),
    ],
)
def test_a_training_part_that_cannot_be_split_is_refused_with_a_remedy(
    manifest: pd.DataFrame,
    protocol: Protocol,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    message: str,
) -> None:
    with pytest.raises(SersnakeError, match=message):
        make_folds(change(manifest), protocol)


def test_negative_inner_and_too_many_folds_are_refused() -> None:
    with pytest.raises(SersnakeError, match="inner: -1 is not allowed"):
        Protocol(inner=-1)
    names = [f"u{i}" for i in range(3000)]
    manifest = pd.DataFrame({"utterance": names, "sentence": names, "emotion": "sad"})
    with pytest.raises(SersnakeError, match="9,000 folds of 3,000 utterances are too many"):
        fold_names(manifest, Protocol("sentence_disjoint", inner=3))


@pytest.mark.parametrize("name", ["3", "3-", "-1", "3-a", "pooled"])
def test_a_name_without_an_outer_fold_is_refused(name: str) -> None:
    with pytest.raises(SersnakeError, match=f"fold {name} is not an inner fold"):
        outer_names(name)


OUTER = pd.DataFrame(
    [("0", "a", "test"), ("0", "b", "train"), ("0", "c", "train"), ("0", "d", "unused")],
    columns=["fold", "utterance", "part"],
)
INNER = pd.DataFrame(
    [("0-0", "b", "train"), ("0-0", "c", "test")], columns=["fold", "utterance", "part"]
)


@pytest.mark.parametrize(
    ("rows", "example"),
    [
        ([("0-0", "a", "train")], "fold 0-0: a not in the training set of 0"),
        ([("0-0", "a", "test"), ("0-0", "d", "train")], "fold 0-0: a, d not in the training set"),
        ([("1-0", "b", "train")], "fold 1-0: there is no fold 1 to split"),
        ([("0", "b", "train")], "fold 0 is not an inner fold"),
    ],
)
def test_what_is_not_of_the_outer_training_part_is_named(
    rows: list[tuple[str, str, str]], example: str
) -> None:
    more = pd.concat([INNER, pd.DataFrame(rows, columns=INNER.columns)])
    verdict = judge_nesting(more, OUTER)
    assert verdict.status == BROKEN
    assert example in verdict.examples[0]


def test_what_an_inner_fold_leaves_unused_does_not_matter() -> None:
    unused = pd.concat([INNER, INNER[:1].assign(utterance="a", part="unused")])
    assert judge_nesting(unused, OUTER).status == HOLDS


def test_an_outer_fold_without_inner_folds_is_named() -> None:
    outer = pd.concat([OUTER, OUTER.assign(fold="1")])
    verdict = judge_nesting(INNER, outer)
    assert (verdict.status, verdict.examples) == (BROKEN, ("fold 1 has no inner fold",))


def test_an_utterance_on_both_sides_of_the_outer_fold_trains_no_inner_fold() -> None:
    outer = pd.concat([OUTER, OUTER[:1].assign(part="train")])
    more = pd.concat([INNER, INNER[:1].assign(utterance="a")])
    assert judge_nesting(more, outer).status == BROKEN


def test_the_verbs_make_and_check_inner_folds(
    manifest: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "manifest.csv", manifest)
    source = ["--manifest", str(tmp_path / "manifest.csv"), "--set", "repeats=2"]
    outer, inner = tmp_path / "outer.csv", tmp_path / "inner.csv"
    assert main(["folds", *source, "--output", str(outer)]) == 0
    nested = [*source, "--set", "inner=2"]
    assert main(["folds", *nested, "--expected", "4", "--output", str(inner)]) == 0
    assert "fold 1-1: 72 train, 72 test" in capsys.readouterr().err
    check = ["audit", *nested, "--output", str(tmp_path / "audit.json")]
    check += ["--folds", str(inner), "--outer"]
    assert main([*check, str(outer)]) == 0
    assert "ok     nesting     4 inner folds: none holds anything" in capsys.readouterr().out
    assert main([*check, str(inner)]) == 1
    assert "FAILS  nesting" in capsys.readouterr().out
    claims = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["claims"]
    assert claims["nesting"]["status"] == BROKEN
