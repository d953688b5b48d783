"""The numbers of pages are those of the files that they come from."""

from __future__ import annotations

import re
import subprocess
import sys

import pandas as pd
import pytest

from sersnake.io import read_csv
from sersnake.settings.degradation import CONDITIONS
from tests.docs.pages import DOCS, RECORDS

SUMMARY = RECORDS / "index.md"
TABLES = DOCS / "tables.py"
# Differences in the text of the summary: record, pair, and how they are written.
DIFFERENCES = [
    ("emodb", "independent_he", "fused_ce", "{0:.1f} points WA ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "independent_ce", "{0:.1f} points WA ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "independent_focal", "{0:.1f} points WA ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "acln_he", "{0:.1f} points WA over ACLN ({1:.1f} to {2:.1f})"),
    ("emodb", "independent_he", "fcn_he", "{0:.1f} over FCN ({1:.1f} to {2:.1f})"),
    (
        "beyond",
        "selected",
        "compare_svm",
        "{0:.1f} points WA above that SVM on random splits",
    ),
]


def test_tables_are_those_of_the_records() -> None:
    check = subprocess.run([sys.executable, TABLES, "--check"], capture_output=True, text=True)
    assert check.returncode == 0, f"`make settings` writes {check.stdout}{check.stderr}"


@pytest.mark.parametrize(("record", "system", "against", "form"), DIFFERENCES)
def test_the_summarys_differences_are_those_of_the_records(
    record: str, system: str, against: str, form: str
) -> None:
    rows = read_csv(RECORDS / record / "comparisons.csv", ["system", "against", "metric", "test"])
    of_pair = rows.query("system == @system and against == @against and metric == 'WA'")
    row = of_pair[of_pair["test"] == "corrected resampled t"].iloc[0]
    text = form.format(*(100 * float(row[name]) for name in ("difference", "low", "high")))
    assert text in SUMMARY.read_text().replace("\n", " ")


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
