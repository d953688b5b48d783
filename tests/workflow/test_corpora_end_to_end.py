"""CASIA and IEMOCAP from their published layouts to the paper, on synthetic recordings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from sersnake.corpora import casia, iemocap
from sersnake.io import read_csv
from sersnake.settings.systems import PAPER_SYSTEMS
from tests.workflow.conftest import Project
from tests.workflow.published_layouts import SESSIONS, write_casia, write_iemocap

SMALL = """
allow_partial: true
training:
  fold_batching: {acln: all, fused: all}
  phase_1: {epochs: 1, decay_epochs: 1}
  retraining: {epochs: 1, decay_epochs: 1}
  phase_2: {epochs: 1, decay_epochs: 1}
  networks: {fcn: {phase_1: {epochs: 1, decay_epochs: 1}}}
"""
MEASURED = [f"table{number}" for number in range(3, 8)]
NAMED = ["table1", "table2", *MEASURED]


@dataclass(frozen=True)
class Layout:
    """How a corpus is made, and what the run has to find in it."""

    write: Callable[[Path, Path], int]
    emotions: tuple[str, ...]
    protocol: str
    folds: int
    settings: str = ""


LAYOUTS = {
    "casia": Layout(
        write_casia,
        casia.EMOTIONS,
        "stratified random 80/20 split",
        1,
        "folds: {repeats: 1}\n",
    ),
    "iemocap": Layout(write_iemocap, iemocap.FOUR, "leave one session out", len(SESSIONS)),
}


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's recordings, each voice made once."""
    return tmp_path_factory.mktemp("speech")


# A run of few systems on IEMOCAP is looked at in test_report.py.
@pytest.mark.slow
@pytest.mark.parametrize("corpus", LAYOUTS)
def test_from_the_layout_to_the_paper(
    corpus: str, other_project: Project, speech: Path, tmp_path: Path
) -> None:
    layout = LAYOUTS[corpus]
    utterances = layout.write(tmp_path / "corpora", speech)
    chosen = f"systems: paper\ncorpora_dir: '{tmp_path / 'corpora'}'\n"
    (other_project.folder / "small.yaml").write_text(f"{SMALL}{layout.settings}{chosen}")
    other_project.finish("--cores", 2, "--configfile", f"config/{corpus}.yaml", "small.yaml")
    results = other_project.folder / "results" / corpus
    check_results(results, layout, utterances, PAPER_SYSTEMS)
    check_figures_and_paper(results)


def check_results(results: Path, layout: Layout, utterances: int, systems: tuple[str, ...]) -> None:
    """A run on a part of a corpus: what it has read, and every table of the paper."""
    manifest = read_csv(results / "manifest.csv", ["emotion", "certificate"])
    assert len(manifest) == utterances
    assert set(manifest["emotion"]) == set(layout.emotions)
    assert set(manifest["certificate"]) == {"partial"}
    check_predictions(read_csv(results / "predictions.csv", ["system", "fold"]), systems, layout)
    check_tables(results / "tables", layout)


def check_predictions(predictions: pd.DataFrame, systems: tuple[str, ...], layout: Layout) -> None:
    assert list(predictions["system"].unique()) == list(systems)
    assert predictions["fold"].nunique() == layout.folds
    assert {f"score_{emotion}" for emotion in layout.emotions} <= set(predictions.columns)


def check_tables(tables: Path, layout: Layout) -> None:
    """All seven are there, measure what was asked for, and say that the corpus is not whole."""
    for name in NAMED:
        for ending in ("tex", "csv", "html"):
            assert (tables / f"{name}.{ending}").stat().st_size, name
        # The lines of a caption are broken anywhere.
        caption = " ".join((tables / f"{name}.txt").read_text().partition("\n\n")[0].split())
        assert "(partial corpus)" in caption, name
        assert "synthetic" not in caption, name  # nobody says so of a corpus of recordings
        assert (layout.protocol in caption) == (name in MEASURED), name
    classes = pd.read_csv(tables / "table6.csv").iloc[:, 0]
    assert list(classes) == [*layout.emotions, "UA"]
    assert "this run" in (tables / "table7.txt").read_text()


def check_figures_and_paper(results: Path) -> None:
    paper = (results / "paper.tex").read_text()
    for number in range(2, 6):
        figure = results / "figures" / f"figure{number}"
        assert figure.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
        assert figure.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
        assert f"{{figures/figure{number}.pdf}}" in paper
    for name in NAMED:
        assert rf"\input{{tables/{name}.tex}}" in paper
    title = paper.partition(r"\title{")[2].partition("\n")[0]
    assert "(partial corpus)" in title
    if shutil.which("pdflatex"):
        assert (results / "paper.pdf").read_bytes().startswith(b"%PDF")
