"""A caption says what was counted in the files: what is shared, and what is missing."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from sersnake.protocols import Protocol, make_folds
from sersnake.report.run_context import run_context


@pytest.fixture
def manifest() -> pd.DataFrame:
    rows = [(f"{s}_{t}_{e}", s, t, e) for s, t, e in product("abcd", "xyz", ("happy", "sad"))]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "sentence", "emotion"])
    return frame.assign(corpus="mine", synthetic="false", certificate="none")


@pytest.mark.parametrize(
    ("protocol", "phrase"),
    [
        (
            Protocol("random_split", test_share=0.5),
            "10 folds (stratified random 50/50 split); speakers and sentences are shared between "
            "training and test part.",
        ),
        (
            Protocol("speaker_disjoint"),
            "4 folds (leave one speaker out); no speaker stands in both training and test part, "
            "but sentences do.",
        ),
        (
            Protocol("sentence_disjoint"),
            "3 folds (leave one sentence out); speakers are shared between training and test part, "
            "sentences are not.",
        ),
        (
            Protocol("speaker_and_sentence_disjoint", k=2),
            "4 folds (speakers and sentences disjoint (2 x 2 groups)); no speaker and no sentence "
            "stands in both training and test part.",
        ),
    ],
)
def test_the_setting_says_what_is_shared(
    manifest: pd.DataFrame, protocol: Protocol, phrase: str
) -> None:
    context = run_context(manifest, make_folds(manifest, protocol), protocol, "quick")
    assert context.setting.startswith(phrase)


def test_what_is_shared_is_counted_not_concluded(manifest: pd.DataFrame) -> None:
    protocol = Protocol("speaker_disjoint")
    folds = make_folds(manifest, protocol)
    folds.loc[folds["part"].eq("test").idxmax(), "part"] = "train"
    assert run_context(manifest, folds, protocol, "quick").shared_speakers is True


def test_unknown_speakers_are_said_and_a_column_may_be_missing(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    unknown = manifest.assign(speaker="").drop(columns="sentence")
    context = run_context(unknown, folds, protocol, "quick")
    assert (context.shared_speakers, context.shared_sentences) == (None, None)
    assert "the speakers are not all known" in context.setting
    assert context.setting.startswith("1 fold (")


def test_a_partial_corpus_is_called_so_wherever_it_is_named(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    assert run_context(manifest, folds, protocol, "quick").corpus_name == "MINE"
    partial = run_context(manifest.assign(certificate="partial"), folds, protocol, "quick")
    assert partial.corpus_name == "MINE (partial corpus)"
    old = run_context(manifest.drop(columns="certificate"), folds, protocol, "quick")
    assert not old.partial


def test_what_is_scaled_by_speaker_is_called_transductive(manifest: pd.DataFrame) -> None:
    protocol = Protocol(repeats=1)
    folds = make_folds(manifest, protocol)
    assert "transductive" not in run_context(manifest, folds, protocol, "quick").setting
    by_speaker = run_context(manifest, folds, protocol, "quick", "speaker")
    assert "training and test part alike (transductive)" in by_speaker.setting


@pytest.mark.parametrize(
    ("corpus", "certificate", "words"),
    [
        ("casia", "complete", ["2400 utterances, not of 24"]),
        ("casia", "partial", ["the whole corpus"]),
        ("emodb", "partial", ["the whole corpus"]),
        ("emodb", "complete", []),
        ("mine", "none", []),
    ],
)
def test_published_values_of_other_data_are_called_so(
    corpus: str, certificate: str, words: list[str], manifest: pd.DataFrame
) -> None:
    protocol = Protocol(repeats=1)
    held = manifest.assign(corpus=corpus, certificate=certificate)
    context = run_context(held, make_folds(held, protocol), protocol, "quick")
    assert list(context.published_notes) == [f"The published values are of {w}." for w in words]
