"""Across corpora: each result stands where it was trained and tested, and counts there alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import read_csv, write_csv
from sersnake.protocols import Protocol, make_folds
from sersnake.protocols.audit import audit
from sersnake.report.cross_corpus import cross_corpus_table, measure_corpora, rows_of, values_of
from sersnake.report.figures.cross_corpus import cross_corpus_figure
from sersnake.report.run_context import RunContext, describe_run

SYSTEM = "is09_svm"


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Two corpora of two speakers, each of whom says four utterances in two emotions."""
    rows = [
        (f"{corpus}-{speaker}_{emotion}_{take}", corpus, f"{corpus}-{speaker}", emotion)
        for corpus in ("here", "away")
        for speaker in "ab"
        for emotion in ("angry", "sad")
        for take in "xy"
    ]
    frame = pd.DataFrame(rows, columns=["utterance", "corpus", "speaker", "emotion"])
    return frame.sort_values("utterance", ignore_index=True).assign(
        sentence="", session="", synthetic="false", certificate="none"
    )


def measure(manifest: pd.DataFrame, protocol: str) -> tuple[pd.DataFrame, RunContext]:
    """A system that is right where the corpus was trained on, and else takes all for sad."""
    made = Protocol(protocol)
    folds = make_folds(manifest, made)
    context = describe_run(manifest, audit(manifest, folds, protocol=made).as_dict(), {})
    rows = folds.merge(manifest[["utterance", "emotion", "corpus"]], on="utterance")
    trained = rows[rows["part"] == "train"].groupby("fold")["corpus"].agg(set)
    tests = rows[rows["part"] == "test"]
    known = [corpus in trained[f] for f, corpus in zip(tests["fold"], tests["corpus"], strict=True)]
    predictions = tests.assign(system=SYSTEM, predicted=tests["emotion"].where(known, "sad"))
    return measure_corpora(protocol, predictions, folds, context, manifest), context


@pytest.fixture
def cells(manifest: pd.DataFrame) -> pd.DataFrame:
    names = ("corpus_disjoint", "within_corpus", "speaker_disjoint", "random_split")
    return pd.concat([measure(manifest, name)[0] for name in names], ignore_index=True)


def test_what_was_trained_on_and_tested_is_read_from_the_folds(cells: pd.DataFrame) -> None:
    wa = cells[cells["metric"] == "WA"].set_index(["protocol", "trained_on", "tested_on"])["value"]
    assert wa.to_dict() == {
        ("corpus_disjoint", "away", "here"): 0.5,
        ("corpus_disjoint", "here", "away"): 0.5,
        ("within_corpus", "away", "away"): 1,
        ("within_corpus", "here", "here"): 1,
        ("speaker_disjoint", "away+here", "away"): 1,
        ("speaker_disjoint", "away+here", "here"): 1,
        ("random_split", "away+here", "away"): 1,
        ("random_split", "away+here", "here"): 1,
    }
    ua = cells[(cells["metric"] == "UA") & (cells["protocol"] == "corpus_disjoint")]
    assert ua[["value", "low", "high"]].to_numpy().tolist() == [[0.5] * 3] * 2
    shared = cells.drop_duplicates("protocol").set_index("protocol")["shared"]
    assert shared["corpus_disjoint"] == "sentences unknown"
    assert shared["random_split"] == "speakers, sentences unknown"


def test_a_row_is_a_training_set_and_has_one_result_of_a_corpus(cells: pd.DataFrame) -> None:
    rows = [(row.trained_on, row.protocols) for row in rows_of(cells)]
    assert rows == [
        ("away", {"here": "corpus_disjoint", "away": "within_corpus"}),
        ("here", {"away": "corpus_disjoint", "here": "within_corpus"}),
        ("away+here", {"away": "speaker_disjoint", "here": "speaker_disjoint"}),
        ("away+here", {"away": "random_split", "here": "random_split"}),
    ]
    assert values_of(cells, SYSTEM, "WA")["value"].tolist() == [
        *([100, 50], [50, 100], [100, 100], [100, 100])
    ]


def test_the_table_has_the_matrix_and_names_the_protocols(
    cells: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    context = measure(manifest, "corpus_disjoint")[1]
    table = cross_corpus_table(cells, context)
    assert table.frame[["system", "trained_on", "protocol", "here_value"]].iloc[1].tolist() == [
        *("IS09 + linear SVM: WA", "HERE", "corpus disjoint, within corpus", 100)
    ]
    assert table.caption.startswith("Across the corpora AWAY and HERE: weighted (WA) and")
    assert "within corpus: leave one speaker out within each corpus (training" in table.notes[0]
    for printed in (table.text(), table.latex(), table.html(), table.csv()):
        assert "AWAY and HERE" in printed


def test_a_result_that_no_protocol_gives_stays_empty(manifest: pd.DataFrame) -> None:
    alone, context = measure(manifest, "corpus_disjoint")
    table = cross_corpus_table(alone, context)
    assert table.frame["here_value"].isna().tolist() == [False, True] * 2
    figure = cross_corpus_figure(alone, context)
    drawn = [text.get_text() for text in figure.axes[0].texts]
    assert drawn == ["50.0ᵃ\n50 to 50"] * 2


def test_the_figure_shows_each_result_with_its_protocol(
    cells: pd.DataFrame, manifest: pd.DataFrame
) -> None:
    many = [cells.assign(system=name) for name in ("is09_svm", "a_x", "b_x", "c_x", "d_x", "e_x")]
    context = measure(manifest, "corpus_disjoint")[1]
    figure = cross_corpus_figure(pd.concat(many, ignore_index=True), context)
    assert len(figure.axes) == 2 * 4
    assert "2 more methods in the table" in figure.get_suptitle()
    drawn = [text.get_text().split("\n")[0] for text in figure.axes[0].texts]
    assert drawn == ["100.0ᵇ", "50.0ᵃ", "50.0ᵃ", "100.0ᵇ", "100.0ᶜ", "100.0ᶜ", "100.0ᵈ", "100.0ᵈ"]
    (legend,) = figure.legends
    assert legend.get_texts()[1].get_text() == "ᵇ leave one speaker out within each corpus"


def test_the_verb_scores_several_protocols(manifest: pd.DataFrame, tmp_path: Path) -> None:
    protocols = ("corpus_disjoint", "within_corpus")
    write_csv(tmp_path / "manifest.csv", manifest)
    files: dict[str, list[str]] = {"predictions": [], "folds": [], "contexts": []}
    for name in protocols:
        folds = make_folds(manifest, Protocol(name))
        tests = folds[folds["part"] == "test"].merge(manifest, on="utterance")
        predictions = tests.assign(system=SYSTEM, predicted=tests["emotion"])
        _, context = measure(manifest, name)
        context.save(tmp_path / f"{name}.json")
        write_csv(tmp_path / f"{name}-folds.csv", folds)
        write_csv(tmp_path / f"{name}.csv", predictions)
        files["predictions"].append(str(tmp_path / f"{name}.csv"))
        files["folds"].append(str(tmp_path / f"{name}-folds.csv"))
        files["contexts"].append(str(tmp_path / f"{name}.json"))
    words = [word for name, paths in files.items() for word in (f"--{name}", *paths)]
    output = tmp_path / "cross_corpus.csv"
    rest = ["--manifest", str(tmp_path / "manifest.csv"), "--output", str(output)]
    assert main(["cross-corpora", *protocols, *words, *rest]) == 0
    made = read_csv(output, ["trained_on", "tested_on", "value", "low", "high"])
    assert len(made) == 2 * 4
    assert set(made["value"]) == {1}
    assert json.loads((tmp_path / "within_corpus.json").read_text())["corpus"] == "away+here"
    assert main(["cross-corpora", "corpus_disjoint", *words, *rest]) != 0
