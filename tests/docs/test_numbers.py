"""The numbers of pages are those of the files that they come from."""

from __future__ import annotations

import re
import subprocess
import sys

from sersnake.settings.degradation import CONDITIONS
from tests.docs.pages import BY_HAND, DOCS, README, RECORDS

TABLES = DOCS / "tables"
WRITTEN = re.compile(  # by docs/tables and by benchmarks, or no prose
    r"<!-- (?:table|begin)\b.*?<!-- end\b.*?-->|```.*?```|`[^`]*`|\]\([^)]*\)|^\|.*?$",
    re.DOTALL | re.MULTILINE,
)
MEASURED = re.compile(r"\d+\.\d+|\d+ (?:points|s|ms|times|[MG]iB)\b")
SETTINGS = {"0.5", "0.9", "1.1", "1.2", "12.6", "30 s"}  # of runs and corpora


def test_tables_are_those_of_the_records() -> None:
    check = subprocess.run([sys.executable, TABLES, "--check"], capture_output=True, text=True)
    assert check.returncode == 0, f"`make settings` writes {check.stdout}{check.stderr}"


def test_what_was_measured_is_not_copied_by_hand() -> None:
    pages = [README, *(page for page in BY_HAND if page.parent == RECORDS)]
    for page in pages:
        prose = WRITTEN.sub("", page.read_text())
        assert set(MEASURED.findall(prose)) <= SETTINGS, page


def test_the_page_on_robustness_lists_every_condition_as_its_entry_does() -> None:
    page = (RECORDS / "robustness.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(name, entry.meaning) for name, entry in CONDITIONS.items()]
