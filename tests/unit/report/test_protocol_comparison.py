"""The protocol comparison: what it measures, its table and its picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import write_csv
from sersnake.protocols import Protocol
from sersnake.protocols.audit import audit
from sersnake.report.figures.protocol_comparison import protocol_comparison_figure
from sersnake.report.figures.saving import save_figure
from sersnake.report.protocol_comparison import (
    measure_protocol,
    protocol_comparison_table,
    shared_groups,
)
from sersnake.report.run_context import RunContext, describe_run

EMOTIONS = ("angry", "sad")


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Four speakers say two sentences in two emotions."""
    rows = [
        (f"{speaker}_{sentence}_{emotion}", speaker, sentence, emotion)
        for speaker in "abcd"
        for sentence in ("s1", "s2")
        for emotion in EMOTIONS
    ]
    frame = pd.DataFrame(rows, columns=["utterance", "speaker", "sentence", "emotion"])
    return frame.assign(corpus="mine", synthetic="false", session="", certificate="none")


def folds_by(manifest: pd.DataFrame, tested: dict[str, Any]) -> pd.DataFrame:
    parts = [
        manifest[["utterance"]].assign(fold=fold, part=np.where(test, "test", "train"))
        for fold, test in tested.items()
    ]
    return pd.concat(parts, ignore_index=True)


def context_of(manifest: pd.DataFrame, folds: pd.DataFrame) -> RunContext:
    examined = audit(manifest, folds, protocol=Protocol("predefined")).as_dict()
    return describe_run(manifest, examined, {})


def predictions_for(manifest: pd.DataFrame, folds: pd.DataFrame, wrong: str) -> pd.DataFrame:
    """One system that takes speaker ``wrong`` for sad throughout."""
    tested = folds[folds["part"] == "test"].merge(manifest, on="utterance")
    predicted = tested["emotion"].where(tested["speaker"] != wrong, "sad")
    return tested.assign(system="is09_svm", predicted=predicted)


def test_what_is_shared_is_counted(manifest: pd.DataFrame) -> None:
    by_speaker = folds_by(manifest, {name: manifest["speaker"] == name for name in "abcd"})
    by_sentence = folds_by(manifest, {name: manifest["sentence"] == name for name in ("s1", "s2")})
    by_chance = folds_by(manifest, {"0": manifest.index % 3 == 0})
    assert shared_groups(context_of(manifest, by_speaker)) == "sentences"
    assert shared_groups(context_of(manifest, by_sentence)) == "speakers"
    assert shared_groups(context_of(manifest, by_chance)) == "speakers, sentences"


def test_unused_utterances_share_nothing(manifest: pd.DataFrame) -> None:
    folds = folds_by(manifest, {"0": (manifest["speaker"] == "a") & (manifest["sentence"] == "s1")})
    beside = (manifest["speaker"] == "a") != (manifest["sentence"] == "s1")
    assert shared_groups(context_of(manifest, folds)) == "speakers, sentences"
    folds.loc[beside.to_numpy(), "part"] = "unused"
    assert shared_groups(context_of(manifest, folds)) == "nothing"


def test_unknown_sentences_are_called_unknown(manifest: pd.DataFrame) -> None:
    folds = folds_by(manifest, {name: manifest["speaker"] == name for name in "abcd"})
    unknown = context_of(manifest.assign(sentence=""), folds)
    assert shared_groups(unknown) == "sentences unknown"


@pytest.fixture
def comparison(manifest: pd.DataFrame) -> pd.DataFrame:
    protocols = {
        "random_split": {"0": manifest.index % 2 == 0, "1": manifest.index % 2 == 1},
        "speaker_disjoint": {name: manifest["speaker"] == name for name in "abcd"},
    }
    rows = []
    for protocol, tested in protocols.items():
        folds = folds_by(manifest, tested)
        predictions = predictions_for(manifest, folds, wrong="a")
        context = context_of(manifest, folds)
        rows.append(measure_protocol(protocol, predictions, context, manifest))
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def context(manifest: pd.DataFrame) -> RunContext:
    return context_of(manifest, folds_by(manifest, {"0": manifest.index % 2 == 0}))


def test_a_protocol_is_pooled_over_its_folds(comparison: pd.DataFrame) -> None:
    cells = comparison.set_index(["protocol", "metric"])
    # One speaker of four is half wrong: 14 of 16; all sad ones and six of eight angry ones right.
    assert cells.loc[("speaker_disjoint", "WA"), "value"] == 0.875
    assert cells.loc[("speaker_disjoint", "UA"), "value"] == 0.875
    assert cells.loc[("speaker_disjoint", "WA"), "train_share"] == 0.75
    assert cells.loc[("random_split", "WA"), "train_share"] == 0.5
    assert cells.loc[("speaker_disjoint", "WA"), "shared"] == "sentences"
    assert cells.loc[("speaker_disjoint", "WA"), "low"] == pytest.approx(0.625, abs=0.13)
    assert cells.loc[("speaker_disjoint", "WA"), "high"] == 1.0
    assert (comparison["low"] <= comparison["value"]).all() and (
        comparison["value"] <= comparison["high"]
    ).all()


def test_the_table_says_what_each_protocol_leaks(
    comparison: pd.DataFrame, context: RunContext
) -> None:
    text = " ".join(protocol_comparison_table(comparison, context).text().split())
    assert "speaker disjoint (4 folds): sentences" in text
    assert "random split (2 folds): speakers, sentences" in text
    assert "87.50" in text
    assert "MINE" in text
    assert context.protocol not in text  # it is about several


def test_a_synthetic_or_partial_corpus_is_called_so(
    comparison: pd.DataFrame, context: RunContext
) -> None:
    spoken = protocol_comparison_table(comparison, replace(context, synthetic=True))
    assert "synthetic" in spoken.caption
    partial = protocol_comparison_table(comparison, replace(context, partial=True))
    assert "partial corpus" in partial.caption


def test_a_system_that_lacks_a_protocol_is_left_out_there(
    comparison: pd.DataFrame, context: RunContext
) -> None:
    more = comparison[comparison["protocol"] == "random_split"].assign(system="fused_ce")
    figure = protocol_comparison_figure(pd.concat([more, comparison]), context)
    svm, fused = (bars.lines[0].get_ydata() for bars in figure.axes[0].containers)
    assert fused[0] == svm[0] == 87.5
    assert np.isnan(fused[1]) and svm[1] == 87.5


def test_the_figure_says_how_many_systems_it_leaves_out(
    comparison: pd.DataFrame, context: RunContext
) -> None:
    more = [comparison.assign(system=system) for system in ("acln_ce", "fcn_ce")]
    every = protocol_comparison_figure(pd.concat([comparison, *more]), context)
    assert "2 more methods in the table" in every.get_suptitle()
    assert len(every.axes[0].containers) == 1
    assert "more method" not in protocol_comparison_figure(comparison, context).get_suptitle()


def test_the_figure_has_one_mark_with_bars_per_protocol(
    comparison: pd.DataFrame, context: RunContext, tmp_path: Path
) -> None:
    figure = protocol_comparison_figure(comparison, context)
    wa, ua = figure.axes
    assert [label.get_text() for label in ua.get_xticklabels()] == [
        "random\nsplit\n(50 % train)",
        "speaker\ndisjoint\n(75 % train)",
    ]
    drawn = wa.containers[0].lines[0].get_ydata()
    assert list(drawn) == [87.5, 87.5]
    save_figure(figure, tmp_path / "protocols")
    assert (tmp_path / "protocols.pdf").stat().st_size > 1000
    assert (tmp_path / "protocols.png").stat().st_size > 1000


def test_unknown_speakers_leave_the_values_without_bounds(
    manifest: pd.DataFrame, tmp_path: Path
) -> None:
    folds = folds_by(manifest, {"0": manifest.index % 2 == 0, "1": manifest.index % 2 == 1})
    predictions = predictions_for(manifest, folds, wrong="a")
    manifest = manifest.assign(speaker="")
    write_csv(tmp_path / "manifest.csv", manifest)
    columns = ["system", "fold", "utterance", "emotion", "predicted"]
    write_csv(tmp_path / "predictions.csv", predictions[columns])
    context_of(manifest, folds).save(tmp_path / "context.json")
    words = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "predictions")]
    words += ["--contexts", str(tmp_path / "context.json")]
    comparison = str(tmp_path / "protocols.csv")
    assert main(["compare-protocols", "random_split", *words, "--output", comparison]) == 0
    words = ["--context", str(tmp_path / "context.json"), "--source", f"protocols={comparison}"]
    for kind in ("table", "figure"):
        assert main([kind, "protocols", *words, "--output", str(tmp_path / "made")]) == 0
    rows = pd.read_csv(tmp_path / "made.csv")
    assert rows["wa_value"].tolist() == [87.5]
    assert rows[["wa_low", "wa_high", "ua_low", "ua_high"]].isna().all(axis=None)
    assert (tmp_path / "made.png").stat().st_size > 1000
