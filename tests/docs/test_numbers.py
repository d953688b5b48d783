"""The numbers of pages are those of the files that they come from."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from sersnake.io import read_csv
from sersnake.settings.degradation import CONDITIONS
from tests.docs.pages import README, RECORDS

SUMMARY = RECORDS / "index.md"
# Rows of the README's table: a part of the first cell, the system, and its records.
OF_README = [
    ("paper's method", "independent_he", "emodb", "emodb-speakers"),
    ("no network", "compare_svm", "emodb", "emodb-speakers"),
    ("eight variants", "selected", "beyond", "beyond-speakers"),
]
# Rows of the summary: how they begin, the system, its record, and over what its values are means.
OF_SUMMARY = [
    ("ten random 80/20 splits: fused training, CE", "fused_ce", "emodb", "folds"),
    ("… independent training, CE", "independent_ce", "emodb", "folds"),
    ("… independent training, HE", "independent_he", "emodb", "folds"),
    ("… ComParE + linear SVM | | 86", "compare_svm", "emodb", "folds"),
    ("… selected among eight variants | | 90", "selected", "beyond", "folds"),
    ("random 10-fold: selected", "selected", "beyond-ten-fold", "speakers"),
    ("… ComParE + linear SVM | | 87", "compare_svm", "beyond-ten-fold", "speakers"),
    ("one speaker left out: independent training", "independent_he", "emodb-speakers", "speakers"),
    ("… ComParE + linear SVM | | 80", "compare_svm", "emodb-speakers", "speakers"),
    ("… selected among eight variants | | 81", "selected", "beyond-speakers", "speakers"),
]
# Differences in the text of the summary: record, pair, and how they are written.
DIFFERENCES = [
    ("emodb", "independent_he", "fused_ce", "{0:.1f} points WA ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "independent_ce", "{0:.1f} point WA ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "independent_focal", "{0:.1f} point WA ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "acln_he", "{0:.1f} points WA over ACLN ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "fcn_he", "{0:.1f} over FCN ({1:.1f} to {2:.1f})"),
    (
        "beyond",
        "selected",
        "compare_svm",
        "{0:.1f} points WA above that SVM on random splits",
    ),
]


def in_percent(record: str, system: str, metric: str, over: str) -> tuple[float, float, float]:
    """Value and interval."""
    rows = read_csv(RECORDS / record / "intervals.csv", ["system", "metric", "over", "value"])
    row = rows.query("system == @system and metric == @metric and over == @over").iloc[0]
    return 100 * float(row["value"]), 100 * float(row["low"]), 100 * float(row["high"])


@pytest.mark.parametrize(("row", "system", "random", "speakers"), OF_README)
def test_the_readmes_results_are_those_of_the_records(
    row: str, system: str, random: str, speakers: str
) -> None:
    (line,) = [text for text in README.read_text().splitlines() if f"{row}" in text and "|" in text]
    cells = [cell.strip() for cell in line.split("|")[2:4]]
    wa, ua = (in_percent(random, system, metric, "folds")[0] for metric in ("WA", "UA"))
    assert cells[0] == f"{wa:.1f} / {ua:.1f}"
    pooled = [in_percent(speakers, system, metric, "speakers") for metric in ("WA", "UA")]
    assert cells[1] == " / ".join("{:.1f} ({:.1f} to {:.1f})".format(*each) for each in pooled)


@pytest.mark.parametrize(("row", "system", "record", "over"), OF_SUMMARY)
def test_the_summarys_rows_are_those_of_the_records(
    row: str, system: str, record: str, over: str
) -> None:
    (line,) = [line for line in SUMMARY.read_text().splitlines() if line.startswith(f"| {row}")]
    cells = [cell.strip() for cell in line.split("|")[3:5]]
    wa, ua = (in_percent(record, system, metric, over) for metric in ("WA", "UA"))
    assert cells[0] == f"{wa[0]:.1f} / {ua[0]:.1f}"
    if cells[1]:
        ranges = [in_percent(record, system, metric, "speakers")[1:] for metric in ("WA", "UA")]
        assert cells[1] == " / ".join("{:.1f} to {:.1f}".format(*each) for each in ranges)


@pytest.mark.parametrize(("record", "system", "against", "form"), DIFFERENCES)
def test_the_summarys_differences_are_those_of_the_records(
    record: str, system: str, against: str, form: str
) -> None:
    rows = read_csv(RECORDS / record / "comparisons.csv", ["system", "against", "metric", "test"])
    of_pair = rows.query("system == @system and against == @against and metric == 'WA'")
    row = of_pair[of_pair["test"] == "corrected resampled t"].iloc[0]
    text = form.format(*(100 * float(row[name]) for name in ("difference", "low", "high")))
    assert text in SUMMARY.read_text().replace("\n", " ")


def test_the_listeners_agreement_is_that_of_the_records() -> None:
    text = SUMMARY.read_text()
    for record in ("emodb", "emodb-speakers"):
        rows = pd.read_csv(RECORDS / record / "agreement.csv")
        for row in rows.itertuples():
            assert f"{row.rho:.2f} ({row.low:.2f} to {row.high:.2f})" in text


def test_the_tables_across_corpora_are_those_of_the_file() -> None:
    page = (RECORDS / "corpora.md").read_text()
    cells = pd.read_csv(RECORDS / "corpora" / "cross_corpus.csv")
    for key in ("value", "low", "high"):
        for value in cells[key]:
            assert re.search(rf"\b{100 * value:.1f}\b", page), value


def test_the_tables_of_enrolment_across_corpora_are_those_of_the_file() -> None:
    page = (RECORDS / "corpora.md").read_text()
    cells = pd.read_csv(RECORDS / "corpora" / "enrolment.csv")
    in_pairs = cells.pivot_table("value", ["by", "enrolled", "trained_on", "system"], "metric")
    for wa, ua in 100 * in_pairs[["WA", "UA"]].to_numpy():
        assert f" {wa:.1f} / {ua:.1f} |" in page
    gains = cells[(cells["metric"] == "WA") & (cells["by"] != "none")]
    for gain, low, high in 100 * gains[["gain", "gain_low", "gain_high"]].to_numpy():
        assert f" {gain:.1f} ({low:.1f} to {high:.1f}) |" in page


def test_the_page_on_robustness_lists_every_condition_as_its_entry_does() -> None:
    page = (RECORDS / "robustness.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(name, entry.meaning) for name, entry in CONDITIONS.items()]


@pytest.mark.parametrize("corpus", ["emodb", "nemo"])
def test_the_tables_of_robustness_are_those_of_the_file(corpus: str) -> None:
    page = (RECORDS / "robustness.md").read_text()
    table = pd.read_csv(RECORDS / "robustness" / f"{corpus}.csv")
    section = page[page.index(f"](robustness/{corpus}.csv)") :]
    (header,) = re.findall(r"^\| WA in percent \| (.+) \|$", section, re.MULTILINE)[:1]
    for system, rows in table.groupby("system"):
        assert header.split(" | ") == rows["condition"].tolist()
        row = re.search(rf"^\| {re.escape(str(system))} \| (.+) \|$", section, re.MULTILINE)
        assert row and [*map(float, row[1].split(" | "))] == rows["wa_value"].tolist()


def test_changes_in_the_text_on_robustness_are_those_of_the_file() -> None:
    page = (RECORDS / "robustness.md").read_text()
    table = pd.read_csv(RECORDS / "robustness" / "emodb.csv").set_index(["system", "condition"])
    changes = -table[["wa_gain", "wa_gain_high", "wa_gain_low"]]
    text = " ".join(
        page.replace("points WA (95 % CI ", "(").replace("points at 10 dB (", "(").split()
    )
    for system, condition, form in (
        ("ComParE + linear SVM", "level -20 dB", "{} ({} to {})"),
        ("ComParE + linear SVM", "MP3 32 kbit/s", "{}, which is not significant ({} to {})"),
        ("Whisper + LDA", "noise 10 dB", "{} ({} to {})"),
        ("Whisper + LDA", "reverberation", "{} in the room ({} to {})"),
        ("Whisper + LDA", "telephone", "{} over the telephone ({} to {})"),
    ):
        assert form.format(*changes.loc[system, condition]) in text, (system, condition)


@pytest.mark.parametrize(("corpus", "name"), [("emodb", "EMODB"), ("nemo", "nEMO")])
def test_the_tables_of_enrolment_are_those_of_the_curves(corpus: str, name: str) -> None:
    text = (RECORDS / "speakers.md").read_text()
    curve = pd.read_csv(RECORDS / "enrolment" / f"{corpus}.csv")
    for system, rows in curve.groupby("system"):
        row = f"| {name}: {str(system).replace(' +', ',').replace('linear SVM', 'SVM')} |"
        numbers = rows[~rows["enrolled"].str.startswith("10,")]
        cells = [f" {wa} / {ua} |" for wa, ua in numbers[["wa_value", "ua_value"]].to_numpy()]
        assert row + "".join(cells) in text
        tens = rows[rows["enrolled"].str.startswith("10")]
        gains = tens[["wa_gain", "wa_gain_low", "wa_gain_high"]].to_numpy()
        assert row + "".join(f" {gain} ({low} to {high}) |" for gain, low, high in gains) in text
