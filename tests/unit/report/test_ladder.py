"""The protocol ladder: what it measures, its table and its picture."""

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
from sersnake.report.figures.ladder import ladder_figure
from sersnake.report.figures.saving import save_figure
from sersnake.report.ladder import ladder_table, measure_rung, shared_groups
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
    """One arm that takes speaker ``wrong`` for sad throughout."""
    tested = folds[folds["part"] == "test"].merge(manifest, on="utterance")
    predicted = tested["emotion"].where(tested["speaker"] != wrong, "sad")
    return tested.assign(arm="is09_svm", predicted=predicted)


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
def ladder(manifest: pd.DataFrame) -> pd.DataFrame:
    rungs = {
        "random_split": {"0": manifest.index % 2 == 0, "1": manifest.index % 2 == 1},
        "speaker_disjoint": {name: manifest["speaker"] == name for name in "abcd"},
    }
    rows = []
    for rung, tested in rungs.items():
        folds = folds_by(manifest, tested)
        predictions = predictions_for(manifest, folds, wrong="a")
        context = context_of(manifest, folds)
        rows.append(measure_rung(rung, predictions, context, manifest, seed=0))
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def context(manifest: pd.DataFrame) -> RunContext:
    return context_of(manifest, folds_by(manifest, {"0": manifest.index % 2 == 0}))


def test_a_rung_is_pooled_over_its_folds(ladder: pd.DataFrame) -> None:
    cells = ladder.set_index(["rung", "metric"])
    # One speaker of four is half wrong: 14 of 16; all sad ones and six of eight angry ones right.
    assert cells.loc[("speaker_disjoint", "WA"), "value"] == 0.875
    assert cells.loc[("speaker_disjoint", "UA"), "value"] == 0.875
    assert cells.loc[("speaker_disjoint", "WA"), "train_share"] == 0.75
    assert cells.loc[("random_split", "WA"), "train_share"] == 0.5
    assert cells.loc[("speaker_disjoint", "WA"), "shared"] == "sentences"
    assert cells.loc[("speaker_disjoint", "WA"), "low"] == pytest.approx(0.625, abs=0.13)
    assert cells.loc[("speaker_disjoint", "WA"), "high"] == 1.0
    assert (ladder["low"] <= ladder["value"]).all() and (ladder["value"] <= ladder["high"]).all()


def test_the_table_says_what_each_rung_leaks(ladder: pd.DataFrame, context: RunContext) -> None:
    text = " ".join(ladder_table(ladder, context).text().split())
    assert "speaker disjoint (4 folds): sentences" in text
    assert "random split (2 folds): speakers, sentences" in text
    assert "87.50" in text
    assert "MINE" in text
    assert context.protocol not in text  # it is about several


def test_a_synthetic_or_partial_corpus_is_called_so(
    ladder: pd.DataFrame, context: RunContext
) -> None:
    spoken = ladder_table(ladder, replace(context, synthetic=True))
    assert "synthetic" in spoken.caption
    partial = ladder_table(ladder, replace(context, partial=True))
    assert "partial corpus" in partial.caption


def test_an_arm_that_lacks_a_rung_is_left_out_there(
    ladder: pd.DataFrame, context: RunContext
) -> None:
    more = ladder[ladder["rung"] == "random_split"].assign(arm="fused_ce")
    figure = ladder_figure(pd.concat([more, ladder]), context)
    svm, fused = (bars.lines[0].get_ydata() for bars in figure.axes[0].containers)
    assert fused[0] == svm[0] == 87.5
    assert np.isnan(fused[1]) and svm[1] == 87.5


def test_the_figure_says_how_many_arms_it_leaves_out(
    ladder: pd.DataFrame, context: RunContext
) -> None:
    more = [ladder.assign(arm=arm) for arm in ("alf_ce", "elf_ce")]
    every = ladder_figure(pd.concat([ladder, *more]), context)
    assert "2 more methods in the table" in every.get_suptitle()
    assert len(every.axes[0].containers) == 1
    assert "more method" not in ladder_figure(ladder, context).get_suptitle()


def test_the_figure_has_a_mark_with_bars_a_rung(
    ladder: pd.DataFrame, context: RunContext, tmp_path: Path
) -> None:
    figure = ladder_figure(ladder, context)
    wa, ua = figure.axes
    assert [label.get_text() for label in ua.get_xticklabels()] == [
        "random\nsplit\n(50 % train)",
        "speaker\ndisjoint\n(75 % train)",
    ]
    drawn = wa.containers[0].lines[0].get_ydata()
    assert list(drawn) == [87.5, 87.5]
    save_figure(figure, tmp_path / "ladder")
    assert (tmp_path / "ladder.pdf").stat().st_size > 1000
    assert (tmp_path / "ladder.png").stat().st_size > 1000


def test_unknown_speakers_leave_the_values_without_bounds(
    manifest: pd.DataFrame, tmp_path: Path
) -> None:
    folds = folds_by(manifest, {"0": manifest.index % 2 == 0, "1": manifest.index % 2 == 1})
    predictions = predictions_for(manifest, folds, wrong="a")
    manifest = manifest.assign(speaker="")
    write_csv(tmp_path / "manifest.csv", manifest)
    columns = ["arm", "fold", "utterance", "emotion", "predicted"]
    write_csv(tmp_path / "predictions.csv", predictions[columns])
    context_of(manifest, folds).save(tmp_path / "context.json")
    words = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "predictions")]
    words += ["--contexts", str(tmp_path / "context.json")]
    ladder = str(tmp_path / "ladder.csv")
    assert main(["ladder", "random_split", *words, "--output", ladder]) == 0
    words = ["--context", str(tmp_path / "context.json"), "--source", f"ladder={ladder}"]
    for kind in ("table", "figure"):
        assert main([kind, "ladder", *words, "--output", str(tmp_path / "made")]) == 0
    rows = pd.read_csv(tmp_path / "made.csv")
    assert rows["wa_value"].tolist() == [87.5]
    assert rows[["wa_low", "wa_high", "ua_low", "ua_high"]].isna().all(axis=None)
    assert (tmp_path / "made.png").stat().st_size > 1000
