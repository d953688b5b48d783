"""Two corpora in one run: trained on the one, tested on the other."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.conftest import Project, write_corpus

SETTINGS = """
corpus: both
corpora:
  mine: {reader: csv}
  yours: {reader: csv, folder: theirs}
labels: {merge: {upset: loud}}
folds: {protocol: corpus_disjoint}
systems: [is09_svm]
"""
TABLE = "results/both/tables/cross_corpus.txt"


def config(project: Project, more: str = "") -> Path:
    path = project.folder / "both.yaml"
    path.write_text(SETTINGS + more)
    return path


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two corpora of the same speakers' names and sentences."""
    folder = tmp_path_factory.mktemp("corpora")
    write_corpus(folder)
    return str(write_corpus(folder, "theirs", seed=1))


def test_from_two_corpora_to_the_matrix(project: Project, corpora: str) -> None:
    words = ["--configfile", config(project)]
    project.finish(TABLE, *words, "--cores", 2, SERSNAKE_CORPORA=corpora)
    results = project.folder / "results" / "both"
    cells = pd.read_csv(results / "cross_corpus.csv").query("metric == 'WA'")
    assert list(zip(cells["trained_on"], cells["tested_on"], strict=True)) == [
        *(("mine", "yours"), ("yours", "mine"))
    ]
    assert (cells["value"] > 0.9).all()
    table = " ".join((project.folder / TABLE).read_text().split())
    assert "Across the corpora MINE and YOURS" in table
    assert "Classes: upset counts as loud." in table
    assert "corpus disjoint: leave one corpus out" in table
    manifest = pd.read_csv(results / "manifest.csv")
    assert manifest["speaker"].nunique() == 8
    assert set(manifest["emotion"]) == {"calm", "loud"}
    audited = json.loads((results / "audit.json").read_text())
    assert audited["claims"]["speakers"]["status"] == "holds"
    assert audited["passed"]


def test_protocols_of_joined_corpora_cross_them(project: Project, corpora: str) -> None:
    """The matrix has their results, in place of what a leak is worth."""
    path = config(project, "name: crossed\nprotocols: {within: {protocol: within_corpus}}\n")
    planned = project.planned("--configfile", path, SERSNAKE_CORPORA=corpora)
    assert (planned["make_folds"], planned["cross_corpora"]) == (2, 1)
    assert "compare_protocols" not in planned
