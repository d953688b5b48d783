"""Snakemake's report of a run: what is in it, and what a reader sees of it in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sersnake.report.result_entries import RunFacts
from sersnake.report.results import results_of
from tests.browser import Page, open_page
from tests.workflow.conftest import Project, copy_project
from tests.workflow.test_corpora_end_to_end import LAYOUTS, check_figures_and_paper, check_results

CORPUS = "iemocap"
SYSTEMS = ("independent_ce", "independent_he", "fcn_he")
# A protocols whose only protocol is the run itself trains nothing more.
SMALL = """
allow_partial: true
keep_weights: false
systems: [SYSTEMS]
protocols: {sessions: {protocol: leave_one_session_out}}
training:
  fold_batching: {acln: all}
  phase_1: {epochs: 2, decay_epochs: 2}
  retraining: {epochs: 1, decay_epochs: 1}
  phase_2: {epochs: 1, decay_epochs: 1}
  networks: {fcn: {phase_1: {epochs: 2, decay_epochs: 2}}}
"""
STREAMS = {"acln": "acln", "fcn": "fcn"}
EXISTING = results_of(
    RunFacts(SYSTEMS, CORPUS, STREAMS, protocols=True, known=("speaker",), folds=5)
)
TABLES, FIGURES = (
    sorted(result.label.partition(":")[0] for result in EXISTING if result.kind == kind)
    for kind in ("table", "figure")
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A finished run and its report."""
    folder = tmp_path_factory.mktemp("report")
    utterances = LAYOUTS[CORPUS].write(folder / "corpora", folder / "speech")
    project = copy_project(folder / "project")
    (project.folder / "small.yaml").write_text(
        f"{SMALL.replace('SYSTEMS', ', '.join(SYSTEMS))}corpora_dir: '{folder / 'corpora'}'\n"
    )
    call = ["--cores", 2, "--configfile", f"config/{CORPUS}.yaml", "small.yaml"]
    project.finish(*call)
    results = project.folder / "results" / CORPUS
    check_results(results, LAYOUTS[CORPUS], utterances, SYSTEMS)
    check_figures_and_paper(results)
    assert not list(project.folder.rglob("*.weights.safetensors"))  # nothing needs them any more
    assert not project.planned(*call[2:])
    project.finish(*call, "--report", "report.html")
    return project, project.folder / "report.html"


def embedded(report: Path, name: str) -> Any:
    """A value that Snakemake writes into its report as JSON."""
    actual = re.search(rf"<script id=.*>\s+var {name} = (.*);\s+</script>", report.read_text())
    assert actual
    return json.loads(actual[1])


def test_every_table_and_figure_has_a_category_a_caption_and_one_label(
    finished: tuple[Project, Path],
) -> None:
    project, report = finished
    results = embedded(report, "results")
    folder = project.folder / "results" / CORPUS
    pages = [*folder.glob("tables/*.html"), *folder.glob("figures/*.png")]
    paths = {str(path.relative_to(project.folder)) for path in pages}
    paths |= {f"results/iemocap/provenance.{ending}" for ending in ("html", "json")}
    assert set(results) - {"results/iemocap/paper.pdf"} == paths
    for path, result in results.items():
        assert len(result["labels"]) == 1, path
        assert re.search("<p>[A-Z].*\\.</p>", result["caption"], re.DOTALL), path
        assert not re.search(r"[a-z)]\.[A-Z]|{%", result["caption"]), path
    labels = [label for result in results.values() for label in result["labels"].items()]
    assert len(set(labels)) == len(labels)
    assert set(embedded(report, "categories")) - {"Paper"} == {"Configuration", "Figures", "Tables"}


def test_the_workflow_page_says_what_was_run(finished: tuple[Project, Path]) -> None:
    page = re.sub("<.*?>", "", embedded(finished[1], "workflow_desc"))
    for words in (
        f"on {CORPUS} (a partial corpus was allowed)",
        "independent_ce, independent_he, fcn_he",
        "Folds: protocol leave_one_session_out",
        "Comparison of protocols: sessions",
        "Streams: acln (network acln on mfcc), fcn (network fcn on is09).",
        "preset quick with overrides, seed 0",
    ):
        assert words in " ".join(page.split())


@pytest.fixture(scope="module")
def page(
    finished: tuple[Project, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    with open_page(finished[1], tmp_path_factory.mktemp("profile")) as page:
        yield page


def open_category(page: Page, name: str) -> list[str]:
    """Clicks a category of the menu; returns the labels that stand in it."""
    link = f"[...document.querySelectorAll('nav li a')].find((a) => a.innerText === '{name}')"
    page.click_until("document.querySelector('nav ol a')", link)
    page.click_until(link, "document.querySelector('nav tbody tr')")
    labels: list[str] = page.ask(
        "[...document.querySelectorAll('nav tbody tr')].map((row) => row.innerText.trim())"
    )
    return labels


def eye(label: str) -> str:
    """What opens the result with a label."""
    rows = "[...document.querySelectorAll('nav tbody tr')]"
    return f"{rows}.find((row) => row.innerText.startsWith('{label}'))?.querySelector('a')"


def column(page: Page, number: int) -> list[str]:
    """The cells of a column of the table that is open."""
    cells: list[str] = page.ask(
        f"[...document.querySelectorAll('tbody tr')].map((row) => row.cells[{number}].innerText)",
        frame=True,
    )
    return cells


def test_report_starts_with_the_workflow(page: Page) -> None:
    page.wait("document.querySelector('#rulegraph svg, #rulegraph canvas')")
    page.click("[...document.querySelectorAll('.prose a')].at(-1)")
    page.wait("document.querySelector('nav').innerText.includes('Configuration and provenance')")
    assert page.errors == []


def test_every_table_opens(page: Page) -> None:
    labels = open_category(page, "Tables")
    assert [label.partition(":")[0] for label in labels] == TABLES
    for name in TABLES:
        title = f"Table {name}" if name.isdigit() else name
        page.click_until(eye(name), f"document.title === '{title}'", frame=True)
        page.wait("document.querySelectorAll('tbody td').length", frame=True)
    assert page.errors == []


def test_a_table_sorts_by_mouse_and_keyboard(page: Page) -> None:
    open_category(page, "Tables")
    page.click_until(eye("2"), "document.title === 'Table 2'", frame=True)
    page.wait("document.querySelector('th button')", frame=True)
    printed = column(page, 5)
    values = [int(cell.replace(",", "")) for cell in printed]
    up = [f"{value:,}" for value in sorted(values)]
    assert printed not in (up, up[::-1])
    heading = "document.querySelectorAll('th button')[5]"
    page.click(heading, frame=True)
    assert column(page, 5) == up
    for expected in (up[::-1], printed, up):
        page.press("Enter")
        assert column(page, 5) == expected
    assert page.ask(f"{heading}.parentElement.ariaSort", frame=True) == "ascending"
    page.click("document.querySelectorAll('th button')[0]", frame=True)
    page.press("Tab")
    page.press("Enter")
    weights = column(page, 1)
    assert weights[-1] == "\N{EN DASH}"
    assert weights[0].startswith("256 ")
    assert page.errors == []


def test_every_figure_is_drawn(page: Page) -> None:
    labels = open_category(page, "Figures")
    assert [label.partition(":")[0] for label in labels] == FIGURES
    image = "document.querySelector('.p-3 > img')"
    before = ""
    for name in FIGURES:
        drawn = f"{image}?.naturalWidth > 400 && {image}.src.slice(-99) !== '{before}'"
        page.click_until(eye(name), drawn)
        before = page.ask(f"{image}.src.slice(-99)")
    assert page.errors == []


def test_the_configuration_is_shown_and_the_record_is_a_download(page: Page) -> None:
    assert len(open_category(page, "Configuration")) == 2
    page.click_until(
        eye("Configuration and provenance"), "document.title === 'Provenance'", frame=True
    )
    rows = dict(zip(column(page, 1), column(page, 2), strict=True))
    assert rows["corpus"] == CORPUS
    assert rows["allow_partial"] == "true"
    assert rows["training: acln: phase_1: epochs"] == "2"
    link = "[...document.querySelectorAll('nav tbody a')].find((a) => a.download)"
    assert page.ask(f"{link}.download") == "provenance.json"
    assert page.errors == []
