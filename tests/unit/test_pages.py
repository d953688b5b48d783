"""Pages for people: links lead somewhere, and the README's numbers are those of the records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sersnake.io import read_csv

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [
    *(README, ROOT / "CONTRIBUTING.md"),
    *sorted((ROOT / "config").glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
RECORDS = ROOT / "docs" / "results"
# Rows of the README's table: a part of the first cell, the system, and its records.
ROWS = [
    ("paper's method", "independent_he", "emodb", "emodb-speakers"),
    ("no network", "compare_svm", "emodb", "emodb-speakers"),
    ("eight variants", "selected", "beyond", "beyond-speakers"),
]


def slugs(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    lines = FENCED.sub("", page.read_text(encoding="utf-8")).splitlines()
    heads = [line.lstrip("#").strip() for line in lines if line.startswith("#")]
    kept = [re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", head)) for head in heads]
    return {head.lower().replace(" ", "-") for head in kept}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for path, anchor in LINK.findall(text):
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page}: {path}"
        if anchor and target.suffix == ".md":
            assert anchor[1:] in slugs(target), f"{page}: {path}{anchor}"


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").split()) <= 700


@pytest.mark.parametrize(("row", "system", "random", "speakers"), ROWS)
def test_the_readmes_results_are_those_of_the_records(
    row: str, system: str, random: str, speakers: str
) -> None:
    (line,) = [text for text in README.read_text().splitlines() if f"{row}" in text and "|" in text]
    cells = [cell.strip() for cell in line.split("|")[2:4]]
    wa, ua = (interval(random, system, metric, "folds")[0] for metric in ("WA", "UA"))
    assert cells[0] == f"{wa:.1f} / {ua:.1f}"
    pooled = [interval(speakers, system, metric, "speakers") for metric in ("WA", "UA")]
    assert cells[1] == " / ".join("{:.1f} ({:.1f} to {:.1f})".format(*each) for each in pooled)


def interval(record: str, system: str, metric: str, over: str) -> tuple[float, float, float]:
    """Value and interval in percent."""
    rows = read_csv(RECORDS / record / "intervals.csv", ["system", "metric", "over", "value"])
    row = rows.query("system == @system and metric == @metric and over == @over").iloc[0]
    return 100 * float(row["value"]), 100 * float(row["low"]), 100 * float(row["high"])
