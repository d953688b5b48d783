"""A caption says what was counted in the files: what is shared, and what is missing."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io import write_csv
from sersnake.protocols import Protocol, make_folds
from sersnake.protocols.audit import audit
from sersnake.report.run_context import RunContext, describe_run


@pytest.fixture
def manifest() -> pd.DataFrame:
    rows = [(f"{s}_{t}_{e}", s, t, e) for s, t, e in product("abcd", "xyz", ("happy", "sad"))]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "sentence", "emotion"])
    return frame.assign(corpus="mine", synthetic="false", certificate="none")


def context_of(
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
    protocol: Protocol,
    settings: dict[str, object] | None = None,
) -> RunContext:
    examined = audit(manifest, folds, protocol=protocol)
    return describe_run(manifest, examined.as_dict(), settings or {})


@pytest.mark.parametrize(
    ("protocol", "phrase"),
    [
        (
            Protocol("random_split", test_share=0.5),
            "10 folds (stratified random 50/50 split); speakers and sentences are shared between "
            "training and test set.",
        ),
        (
            Protocol("speaker_disjoint"),
            "4 folds (leave one speaker out); sentences are shared between training and "
            "test set, speakers are not.",
        ),
        (
            Protocol("sentence_disjoint"),
            "3 folds (leave one sentence out); speakers are shared between training and test set, "
            "sentences are not.",
        ),
        (
            Protocol("speaker_and_sentence_disjoint", k=2),
            "4 folds (speakers and sentences disjoint (2 x 2 groups)); neither speakers nor "
            "sentences are shared between training and test set.",
        ),
    ],
)
def test_the_setting_says_what_is_shared(
    manifest: pd.DataFrame, protocol: Protocol, phrase: str
) -> None:
    context = context_of(manifest, make_folds(manifest, protocol), protocol)
    assert context.setting.startswith(phrase)


def test_what_is_shared_is_counted_not_concluded(manifest: pd.DataFrame) -> None:
    protocol = Protocol("speaker_disjoint")
    folds = make_folds(manifest, protocol)
    folds.loc[folds["part"].eq("test").idxmax(), "part"] = "train"
    assert context_of(manifest, folds, protocol).shared_speakers is True


def test_unknown_speakers_are_said_and_a_column_may_be_missing(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    unknown = manifest.assign(speaker="").drop(columns="sentence")
    context = context_of(unknown, folds, protocol)
    assert (context.shared_speakers, context.shared_sentences) == (None, None)
    assert "the speakers are not all known" in context.setting
    assert context.setting.startswith("1 fold (")


def test_a_partial_corpus_is_called_so_wherever_it_is_named(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    assert context_of(manifest, folds, protocol).corpus_name == "MINE"
    partial = context_of(manifest.assign(certificate="partial"), folds, protocol)
    assert partial.corpus_name == "MINE (partial corpus)"
    old = context_of(manifest.drop(columns="certificate"), folds, protocol)
    assert not old.partial


def test_what_is_scaled_by_speaker_is_called_transductive(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    assert "transductive" not in context_of(manifest, folds, protocol).setting
    by_speaker = context_of(manifest, folds, protocol, {"transductive": True})
    assert "with the test set included (transductive)" in by_speaker.setting


@pytest.mark.parametrize(
    ("enrolment", "sentence"),
    [
        (
            {"utterances": 5},
            "5 utterances of each test speaker, drawn at random without their labels, set the "
            "scale of that speaker's features in the classifiers and are not scored.",
        ),
        (
            {"utterances": "all"},
            "All utterances of each test speaker set the scale of that speaker's features in the "
            "classifiers and are scored as well (speaker normalisation, transductive).",
        ),
        (
            {"utterances": 20, "by": "corpus"},
            "20 utterances of each test corpus, drawn at random without their labels, set the "
            "scale of that corpus' features in the classifiers and are not scored.",
        ),
        (
            {"utterances": 5, "networks": True},
            "set the scale of that speaker's features in the networks and the classifiers and are "
            "not scored.",
        ),
        ({}, ""),
    ],
)
def test_a_caption_says_who_is_enrolled(
    manifest: pd.DataFrame, tmp_path: Path, enrolment: dict[str, object], sentence: str
) -> None:
    protocol = Protocol("speaker_disjoint")
    settings = {key: value for key, value in enrolment.items() if key != "networks"}
    told: dict[str, object] = {"enrolment": settings} if enrolment else {}
    told |= {"networks_enrolled": True} if "networks" in enrolment else {}
    context = context_of(manifest, make_folds(manifest, protocol), protocol, told)
    assert sentence in context.setting
    assert ("of each test " in context.setting) == bool(enrolment)
    context.save(tmp_path / "context.json")
    assert RunContext.load(tmp_path / "context.json") == context


@pytest.mark.parametrize(
    ("corpus", "certificate", "words"),
    [
        ("casia", "complete", ["2400 utterances, not of 24"]),
        ("casia", "partial", ["the whole corpus"]),
        ("emodb", "partial", ["the whole corpus"]),
        ("emodb", "complete", ["other classes"]),
        ("mine", "none", []),
    ],
)
def test_published_values_of_other_data_are_called_so(
    corpus: str, certificate: str, words: list[str], manifest: pd.DataFrame
) -> None:
    protocol = Protocol(repeats=1)
    held = manifest.assign(corpus=corpus, certificate=certificate)
    context = context_of(held, make_folds(held, protocol), protocol)
    assert list(context.published_notes) == [f"The published values are of {w}." for w in words]


def test_emotions_that_are_kept_and_merged_are_told(manifest: pd.DataFrame, tmp_path: Path) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    labels = {"keep": ["happy", "sad"], "merge": {"excited": "happy"}}
    context = context_of(manifest, folds, protocol, {"emotion_labels": labels})
    sentence = "Classes: only happy, sad; excited counts as happy."
    assert sentence in context.setting
    assert sentence in context.setting_of_protocols
    context.save(tmp_path / "context.json")
    assert RunContext.load(tmp_path / "context.json") == context
    context_of(manifest, folds, protocol).save(tmp_path / "context.json")
    assert "emotion_labels" not in json.loads((tmp_path / "context.json").read_text())


def test_joined_corpora_are_all_named(manifest: pd.DataFrame) -> None:
    joined = manifest.assign(corpus=["mine"] * 12 + ["yours"] * 12)
    protocol = Protocol("corpus_disjoint")
    context = context_of(joined, make_folds(joined, protocol), protocol)
    assert (context.corpus, context.corpus_name) == ("mine+yours", "MINE and YOURS")
    assert context.setting.startswith("2 folds (leave one corpus out); ")


def test_what_is_compared_over_protocols_names_none(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    context = context_of(manifest, make_folds(manifest, protocol), protocol)
    assert "80/20" in context.setting
    assert context.setting_of_protocols == "Quick preset: a short schedule, not the paper's."


def test_the_verb_writes_what_is_read_back(manifest: pd.DataFrame, tmp_path: Path) -> None:
    protocol = Protocol("speaker_and_sentence_disjoint")
    folds = make_folds(manifest, protocol)
    write_csv(tmp_path / "manifest.csv", manifest)
    write_csv(tmp_path / "folds.csv", folds)
    files = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    output = tmp_path / "audit.json"
    named = ["--set", "protocol=speaker_and_sentence_disjoint"]
    assert main(["audit", *files, *named, "--output", str(output)]) == 0
    settings = {
        **{"preset": "paper", "hard_share": 0.4, "transductive": True},
        "streams": {"mine": {"label": "Mine", "features": "is09", "network": {"name": "fcn"}}},
    }
    words = [files[0], f"--audit={output}", f"--run={json.dumps(settings)}"]
    assert main(["describe", *words, f"--output={tmp_path / 'context.json'}"]) == 0
    context = RunContext.load(tmp_path / "context.json")
    assert context == context_of(manifest, folds, protocol, settings)
    assert (context.emotions, context.hard_share) == (("happy", "sad"), 0.4)
    assert context.train_share == (folds["part"] == "train").mean()


def test_a_run_that_cannot_be_described_is_refused(manifest: pd.DataFrame, tmp_path: Path) -> None:
    examined = audit(manifest, make_folds(manifest, Protocol())).as_dict()
    with pytest.raises(SersnakeError, match=r"a\.json: names no protocol; audit the folds"):
        describe_run(manifest, examined, {}, "a.json")
    with pytest.raises(SersnakeError, match="--run: presett is not one of preset, transductive"):
        describe_run(manifest, examined, {"presett": "quick"})
    for text, message in (
        ("{}", "not a context.json of this version"),
        ("{", r"not JSON \(.*\); make it"),
    ):
        (tmp_path / "context.json").write_text(text)
        with pytest.raises(SersnakeError, match=message):
            RunContext.load(tmp_path / "context.json")
