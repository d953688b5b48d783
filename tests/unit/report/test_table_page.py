"""The page of a table in a browser: a click on a heading sorts the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sersnake.report.table_format import Column, Table
from tests.browser import Page, open_page

NAN = float("nan")
TABLE = Table(
    "Table 1",
    "mixed",
    "Cells of every kind.",
    (
        Column("name", "Name"),
        Column("difference", "Difference"),
        Column("mean", "Mean", "Over folds"),
        Column("std", "std", "Over folds", spread=True),
        Column("weights", "Weights", decimals=0),
        Column("size", "Size", decimals=None),
    ),
    pd.DataFrame(
        {
            "name": ["b", "d", "a", "c"],
            "difference": [2.0, -10.0, NAN, 1.5],
            "mean": [9.5, NAN, 10.25, 100.0],
            "std": [1.0, NAN, 0.5, 0.0],
            "weights": [1200.0, 90.0, 1000000.0, NAN],
            "size": ["2 x 1", "10 x 3", None, "10 x 12"],
        }
    ),
)
HEADINGS = ["Name", "Difference", "Mean", "Weights", "Size"]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "table.html").write_text(TABLE.html(), encoding="utf-8")
    with open_page(tmp_path / "table.html", tmp_path / "profile") as page:
        yield page


def names(page: Page) -> str:
    """The first cells of the rows, from top to bottom."""
    first = "[...document.querySelectorAll('tbody tr')].map((row) => row.cells[0].innerText)"
    return "".join(page.ask(first))


def test_rows_sort_up_and_down_and_back_with_missing_ones_last(page: Page) -> None:
    orders = {}
    for number, heading in enumerate(HEADINGS):
        seen = []
        for _ in range(3):
            page.click(f"document.querySelectorAll('th button')[{number}]")
            seen.append(names(page))
        orders[heading] = seen
    assert orders == {
        "Name": ["abcd", "dcba", "bdac"],
        "Difference": ["dcba", "bcda", "bdac"],
        "Mean": ["bacd", "cabd", "bdac"],
        "Weights": ["dbac", "abdc", "bdac"],
        "Size": ["bdca", "cdba", "bdac"],
    }
    assert page.errors == []


def test_the_keyboard_reaches_every_heading_and_the_order_is_told(page: Page) -> None:
    told = "[...document.querySelectorAll('th[scope=col]')].map((heading) => heading.ariaSort)"
    for number in range(len(HEADINGS)):
        page.press("Tab")
        page.press("Enter")
        directions = ["none"] * len(HEADINGS)
        directions[number] = "ascending"
        assert page.ask(told) == directions


def test_headings_read_as_before(page: Page) -> None:
    shown = "[...document.querySelectorAll('th[scope=col]')].map((cell) => cell.textContent)"
    assert page.ask(shown) == HEADINGS
