"""The audit finds what stands on both sides, and never takes the unknown for the unshared."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols import Protocol, make_folds
from sersnake.protocols.audit import Audit, audit
from sersnake.protocols.audit.report import report

PROTOCOLS = [
    Protocol(repeats=3),
    Protocol("k_fold", k=3),
    Protocol("sentence_disjoint"),
    Protocol("speaker_disjoint", k=2),
    Protocol("speaker_and_sentence_disjoint"),
    Protocol("leave_one_session_out"),
]


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Four speakers in two sessions say three sentences in two emotions, twice each."""
    rows = [
        (f"{s}_{t}_{e}_{take}", s, str("abcd".index(s) // 2), t, e)
        for s, t, e, take in product("abcd", ("s1", "s2", "s3"), ("happy", "sad"), "12")
    ]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "session", "sentence", "emotion"])
    return frame.assign(corpus="mine", sha256=[f"{i:064x}" for i in range(len(frame))])


def one_fold(manifest: pd.DataFrame, test: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "fold": "0",
            "utterance": manifest["utterance"],
            "part": test.map({True: "test", False: "train"}),
        }
    )


def by_speaker(manifest: pd.DataFrame) -> pd.DataFrame:
    return one_fold(manifest, manifest["speaker"] == "a")


def set_part(folds: pd.DataFrame, utterance: str, part: str, fold: str = "0") -> pd.DataFrame:
    changed = folds.copy()
    changed.loc[(folds["fold"] == fold) & (folds["utterance"] == utterance), "part"] = part
    return changed


def text_of(result: Audit) -> str:
    return report(result, "manifest.csv", "folds.csv")


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.protocol)
def test_every_protocol_keeps_what_it_claims(manifest: pd.DataFrame, protocol: Protocol) -> None:
    result = audit(manifest, make_folds(manifest, protocol), protocol=protocol)
    assert result.passed, result.broken
    assert tuple(result.claims) == protocol.claims
    assert "Passed: every claim holds." in text_of(result)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.protocol)
def test_one_edited_line_is_caught(manifest: pd.DataFrame, protocol: Protocol) -> None:
    folds = make_folds(manifest, protocol)
    name = folds.loc[(folds["fold"] == "1") & (folds["part"] == "test"), "utterance"].iloc[0]
    result = audit(manifest, set_part(folds, name, "train", "1"), protocol=protocol)
    assert not result.passed
    line = f"fold 1: {name} is in train, {protocol.label} puts it in test"
    assert line in text_of(result)
    assert result.folds["1"].changed == [(name, "train", "test")]


def test_a_missing_and_an_added_fold_are_caught(manifest: pd.DataFrame) -> None:
    protocol = Protocol("leave_one_session_out")
    folds = make_folds(manifest, protocol)
    result = audit(manifest, folds[folds["fold"] == "0"], protocol=protocol)
    assert "fold 1 is missing" in text_of(result)
    added = pd.concat([folds, folds[folds["fold"] == "0"].assign(fold="7")])
    result = audit(manifest, added, protocol=protocol)
    assert "fold 7 is not one of those that leave_one_session_out makes" in text_of(result)


def test_rows_left_out_are_unused(manifest: pd.DataFrame) -> None:
    protocol = Protocol("speaker_and_sentence_disjoint")
    folds = make_folds(manifest, protocol)
    assert audit(manifest, folds[folds["part"] != "unused"], protocol=protocol).passed


def test_a_slip_names_speaker_and_utterance(manifest: pd.DataFrame) -> None:
    folds = set_part(by_speaker(manifest), "a_s1_sad_2", "train")
    result = audit(manifest, folds, claims=["speakers"])
    assert result.claims["speakers"].status == "does not hold"
    text = text_of(result)
    assert "FAILS  speakers    the test speaker also trains in fold 0 (a)" in text
    assert "fold 0: speaker a has 1 of its 12 utterances in train: a_s1_sad_2" in text
    assert "Failed: the claim speakers does not hold." in text


def test_what_is_not_claimed_is_told_but_passes(manifest: pd.DataFrame) -> None:
    result = audit(manifest, by_speaker(manifest))
    assert result.passed
    assert list(result.claims) == ["recordings"]
    text = text_of(result)
    assert (
        "speakers    not shared: none of the 4 speakers is in more than one part of a fold" in text
    )
    assert "sentences   shared: all 3 test sentences also train in fold 0 (s1, s2, s3)" in text
    assert "sessions    shared: the test session also trains in fold 0 (0)" in text


def test_claims_override_those_of_the_protocol_but_for_recordings(manifest: pd.DataFrame) -> None:
    protocol = Protocol("speaker_disjoint")
    folds = make_folds(manifest, protocol)
    assert not audit(manifest, folds, protocol=protocol, claims=["sentences"]).passed
    assert list(audit(manifest, folds, protocol=protocol, claims=[]).claims) == ["recordings"]
    with pytest.raises(SersnakeError, match="claims: 'speaker' is not one of recordings, speakers"):
        audit(manifest, folds, claims=["speaker"])


@pytest.mark.parametrize("unknown", [1, 48])
def test_an_unknown_speaker_cannot_be_certified(manifest: pd.DataFrame, unknown: int) -> None:
    folds = by_speaker(manifest)
    manifest.loc[manifest.index[-unknown:], "speaker"] = ""
    result = audit(manifest, folds, claims=["speakers"])
    assert result.claims["speakers"].status == "cannot be certified"
    reason = (
        "the speaker of 1 utterance in train or test is not known"
        if unknown == 1
        else "the manifest has no speakers"
    )
    assert f"FAILS  speakers    cannot be certified: {reason}" in text_of(result)
    assert result.shares("speakers") is None


def test_unknown_does_not_hide_what_is_shared(manifest: pd.DataFrame) -> None:
    folds = set_part(by_speaker(manifest), "a_s1_sad_2", "train")
    manifest.loc[manifest.index[-3:], "speaker"] = ""
    result = audit(manifest, folds, claims=["speakers"])
    assert result.claims["speakers"].status == "does not hold"
    assert result.shares("speakers") is True


def test_unknown_speakers_of_unused_utterances_do_not_matter(manifest: pd.DataFrame) -> None:
    folds = set_part(by_speaker(manifest), "d_s3_sad_2", "unused")
    manifest.loc[manifest["utterance"] == "d_s3_sad_2", "speaker"] = ""
    result = audit(manifest, folds, claims=["speakers"])
    assert result.passed
    assert result.shares("speakers") is False


def test_an_utterance_in_both_parts_breaks_the_claim_of_every_protocol(
    manifest: pd.DataFrame,
) -> None:
    folds = by_speaker(manifest)
    again = folds[folds["utterance"] == "a_s1_sad_1"].assign(part="train")
    result = audit(manifest, pd.concat([folds, again]))
    assert not result.passed
    assert result.folds["0"].both_sides == ["a_s1_sad_1"]
    text = text_of(result)
    assert "FAILS  recordings  the same recording is in more than one part in fold 0" in text
    assert "fold 0: a_s1_sad_1 is in both parts" in text
    assert "a_s1_sad_1 has several rows in fold 0" in text


def test_the_same_samples_under_two_names_are_one_recording(manifest: pd.DataFrame) -> None:
    manifest.loc[manifest["utterance"] == "b_s1_sad_1", "sha256"] = manifest["sha256"].iloc[0]
    result = audit(manifest, by_speaker(manifest))
    assert result.claims["recordings"].status == "does not hold"
    line = "fold 0: b_s1_sad_1 (train) and a_s1_happy_1 (test) have the same samples"
    assert line in text_of(result)


def test_copies_on_one_side_do_no_harm(manifest: pd.DataFrame) -> None:
    manifest.loc[1, "sha256"] = manifest["sha256"].iloc[0]
    assert audit(manifest, by_speaker(manifest)).passed


def test_recordings_that_sound_the_same_are_a_warning(manifest: pd.DataFrame) -> None:
    prints = [f"{1000 * (i + 1):04x}" + f"{i:02x}" * 32 for i in range(len(manifest))]
    other = int((manifest["utterance"] == "b_s1_sad_1").argmax())
    prints[other] = prints[0][:-1] + "1"
    result = audit(manifest.assign(fingerprint=prints), by_speaker(manifest))
    assert result.passed
    assert result.folds["0"].near_identical == [{"train": "b_s1_sad_1", "test": "a_s1_happy_1"}]
    line = "a_s1_happy_1 and b_s1_sad_1 sound the same and are in different parts in fold 0"
    assert result.warnings == (line,)


def test_what_was_not_looked_for_is_said(manifest: pd.DataFrame) -> None:
    warnings = audit(manifest.drop(columns="sha256"), by_speaker(manifest)).warnings
    assert warnings == (
        "identical recordings are not checked: the manifest has no column sha256",
        "near-identical recordings are not checked: the manifest has no column fingerprint",
    )
    manifest.loc[0, "sha256"] = ""
    warnings = audit(manifest, by_speaker(manifest)).warnings
    assert warnings[0] == ("identical recordings are not checked among 1 utterance without sha256")


def test_a_class_that_is_never_trained_fails_and_never_tested_warns(
    manifest: pd.DataFrame,
) -> None:
    happy_a = (manifest["speaker"] == "a") & (manifest["emotion"] == "happy")
    result = audit(manifest, one_fold(manifest, happy_a))
    assert result.passed
    assert "no sad in the test set of fold 0" in result.warnings
    result = audit(manifest, one_fold(manifest, ~happy_a))
    assert result.failures == ("no sad in the train set of fold 0",)
    assert not result.passed


def test_a_class_that_the_folds_leave_out_everywhere_is_not_missed(manifest: pd.DataFrame) -> None:
    folds = by_speaker(manifest)
    used = folds["utterance"].str.contains("happy")
    result = audit(manifest, folds[used])
    assert result.passed
    assert not any("sad" in warning for warning in result.warnings)


def test_folds_without_a_part_or_with_strangers_fail(manifest: pd.DataFrame) -> None:
    folds = by_speaker(manifest)
    nothing = audit(manifest, folds.assign(part="train"))
    assert nothing.failures == ("the test set of fold 0 is empty",)
    stranger = pd.DataFrame({"fold": ["0"], "utterance": ["x"], "part": ["test"]})
    strange = audit(manifest, pd.concat([folds, stranger]), claims=["speakers"])
    assert strange.failures == ("the manifest has no x (1 utterance)",)
    assert strange.claims["speakers"].status == "cannot be certified"
    assert strange.folds["0"].unlisted == ["x"]
    with pytest.raises(SersnakeError, match="there is no fold"):
        audit(manifest, folds.iloc[:0])


def test_an_utterance_twice_in_the_manifest_is_refused(manifest: pd.DataFrame) -> None:
    doubled = pd.concat([manifest, manifest[:1]])
    with pytest.raises(SersnakeError, match="a_s1_happy_1 occurs more than once"):
        audit(doubled, by_speaker(manifest))


def test_how_often_utterances_are_tested_is_counted(manifest: pd.DataFrame) -> None:
    folds = pd.concat([by_speaker(manifest), by_speaker(manifest).assign(fold="1")])
    result = audit(manifest, folds)
    assert len(result.never_tested) == 36
    assert result.tested_often == manifest["utterance"].tolist()[:12]
    assert "36 never tested, 12 tested more than once" in text_of(result)


def test_a_report_of_many_folds_is_short_and_the_json_is_complete(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=50)
    result = audit(manifest, make_folds(manifest, protocol), protocol=protocol, claims=["speakers"])
    text = text_of(result)
    assert "all 3 to 4 test speakers also train in every fold (a, b, c, d)" in text or (
        "all 4 test speakers also train in every fold (a, b, c, d)" in text
    )
    assert len(text.splitlines()) < 30
    value = json.loads(json.dumps(result.as_dict(), sort_keys=True))
    assert value["passed"] is False
    assert value["claims"]["speakers"]["status"] == "does not hold"
    assert len(value["folds"]) == 50
    counts = value["folds"]["7"]["shared"]["speakers"]["a"]
    assert counts["train"] + counts["test"] == 12
    assert value["shared"] == {"speakers": True, "sentences": True, "sessions": True}


@pytest.mark.parametrize("seed", range(8))
def test_the_counts_are_those_of_sets(manifest: pd.DataFrame, seed: int) -> None:
    """Random parts, some utterances left out, some in both parts, some speakers unknown."""
    random = np.random.default_rng(seed)
    manifest["speaker"] = manifest["speaker"].where(random.random(len(manifest)) > 0.05, "")
    rows = manifest.sample(60, replace=True, random_state=seed)["utterance"]
    parts = random.choice(["train", "test", "unused"], len(rows), p=[0.2, 0.1, 0.7])
    folds = pd.DataFrame({"fold": "0", "utterance": rows.to_numpy(), "part": parts})
    result = audit(manifest, folds)
    findings = result.folds["0"]
    sides = {part: set(folds.loc[folds["part"] == part, "utterance"]) for part in set(parts)}
    train, test = sides["train"], sides["test"]
    assert (findings.train, findings.test) == (len(train), len(test))
    assert set(findings.both_sides) == train & test
    for claim in ("speakers", "sentences", "sessions"):
        column = manifest.set_index("utterance")[claim[:-1]]
        in_train, in_test = column[list(train)], column[list(test)]
        expected = (set(in_train) & set(in_test)) - {""}
        assert set(findings.shared[claim]) == expected
        for name in expected:
            shared = findings.shared[claim][name]
            assert shared.sizes == {
                "train": (in_train == name).sum(),
                "test": (in_test == name).sum(),
            }
        assert findings.unknown[claim] == (column[list(train | test)] == "").sum()
        assert result.shares(claim) == (
            True if expected else None if findings.unknown[claim] else False
        )


def with_validation(manifest: pd.DataFrame, **parts: str) -> pd.DataFrame:
    """One fold that gives each speaker a part; d is trained on."""
    part = manifest["speaker"].map({"d": "train", **parts})
    return pd.DataFrame({"fold": "0", "utterance": manifest["utterance"], "part": part})


def test_three_parts_that_share_nothing_pass(manifest: pd.DataFrame) -> None:
    folds = with_validation(manifest, a="test", b="validation", c="train")
    result = audit(manifest, folds, claims=["speakers"])
    assert result.passed
    assert result.folds["0"].validated["speakers"] == 1
    assert "Train 24, validation 12, test 12 utterances per fold" in text_of(result)


@pytest.mark.parametrize(
    ("moved", "part", "reason"),
    [
        ("b_s1_sad_2", "train", "the validation speaker also trains in fold 0 (b)"),
        ("b_s1_sad_2", "test", "1 of 2 test speakers also validate in fold 0 (b)"),
        ("a_s1_sad_2", "validation", "the test speaker also validates in fold 0 (a)"),
        ("a_s1_sad_2", "train", "the test speaker also trains in fold 0 (a)"),
    ],
)
def test_a_leak_to_or_from_the_validation_part_breaks_the_claim(
    manifest: pd.DataFrame, moved: str, part: str, reason: str
) -> None:
    folds = with_validation(manifest, a="test", b="validation", c="train")
    result = audit(manifest, set_part(folds, moved, part), claims=["speakers"])
    assert not result.passed
    text = text_of(result)
    assert f"FAILS  speakers    {reason}" in text
    assert f"fold 0: speaker {moved[0]} has 1 of its 12 utterances in {part}: {moved}" in text


@pytest.mark.parametrize("where", ["a", "d"])
def test_the_same_samples_in_validation_and_another_part_are_one_recording(
    manifest: pd.DataFrame, where: str
) -> None:
    folds = with_validation(manifest, a="test", b="validation", c="train")
    one, other = (manifest["utterance"] == f"{speaker}_s1_sad_1" for speaker in ("b", where))
    manifest.loc[one, "sha256"] = manifest.loc[other, "sha256"].iloc[0]
    result = audit(manifest, folds)
    assert result.claims["recordings"].status == "does not hold"
    assert "b_s1_sad_1 (validation)" in text_of(result)


def test_an_utterance_in_validation_and_training_part_is_found(manifest: pd.DataFrame) -> None:
    folds = with_validation(manifest, a="test", b="validation", c="train")
    again = folds[folds["utterance"] == "b_s1_sad_1"].assign(part="train")
    result = audit(manifest, pd.concat([folds, again]))
    assert "fold 0: b_s1_sad_1 is in several parts" in text_of(result)
    assert not result.passed


def test_unknown_speakers_of_the_validation_part_cannot_be_certified(
    manifest: pd.DataFrame,
) -> None:
    folds = with_validation(manifest, a="test", b="validation", c="train")
    manifest.loc[manifest["utterance"] == "b_s1_sad_1", "speaker"] = ""
    result = audit(manifest, folds, claims=["speakers"])
    reason = "the speaker of 1 utterance in train, validation or test is not known"
    assert result.claims["speakers"].reason == reason


@pytest.mark.parametrize("empty", ["test", "train"])
def test_nothing_is_ok_over_an_empty_part(manifest: pd.DataFrame, empty: str) -> None:
    full = {"test": "train", "train": "test"}[empty]
    folds = pd.concat([by_speaker(manifest), by_speaker(manifest).assign(fold="1", part=full)])
    result = audit(manifest, folds, claims=["speakers"])
    assert not result.passed
    text = text_of(result)
    assert "  ok " not in text
    assert "not shared" not in text
    for claim in ("recordings", "speakers"):
        assert f"  none   {claim:<12}the {empty} set of fold 1 is empty" in text


def test_a_leak_is_told_although_nothing_is_tested(manifest: pd.DataFrame) -> None:
    folds = with_validation(manifest, a="train", b="validation", c="train")
    folds = set_part(folds, "b_s1_sad_1", "train")
    result = audit(manifest, folds, claims=["speakers"])
    assert "FAILS  speakers    the validation speaker also trains in fold 0" in text_of(result)


def test_the_fold_of_a_model_passes_and_says_that_nothing_is_tested(
    manifest: pd.DataFrame,
) -> None:
    protocol = Protocol("whole")
    result = audit(manifest, make_folds(manifest, protocol), protocol=protocol)
    assert result.passed
    assert "Passed: all utterances are in the training set, as intended." in text_of(result)


def test_a_part_is_never_passed_over_for_its_spelling(manifest: pd.DataFrame) -> None:
    folds = with_validation(manifest, a="TEST", b="val", c="Training")
    assert audit(manifest, folds).folds["0"].validation == 12
    folds.loc[5, "part"] = "held out"
    with pytest.raises(
        SersnakeError, match="folds: row 5: part 'held out' is not one of train, test"
    ):
        audit(manifest, folds)
