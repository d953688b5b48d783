"""The numbers of pages are those of the files that they come from."""

from __future__ import annotations

import re
import subprocess
import sys

from sersnake.settings.degradation import CONDITIONS
from tests.docs.pages import DOCS, RECORDS

TABLES = DOCS / "tables"


def test_tables_are_those_of_the_records() -> None:
    check = subprocess.run([sys.executable, TABLES, "--check"], capture_output=True, text=True)
    assert check.returncode == 0, f"`make settings` writes {check.stdout}{check.stderr}"


def test_the_page_on_robustness_lists_every_condition_as_its_entry_does() -> None:
    page = (RECORDS / "robustness.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(name, entry.meaning) for name, entry in CONDITIONS.items()]
