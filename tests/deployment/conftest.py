"""A fresh clone of the project, and a short run of the demo to hold others against."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workflow.conftest import REPOSITORY, Project

# Long enough that a job can be met while it trains, and short all the same.
SHORT = """
corpus: demo
folds: {repeats: 2}
systems: [is09_svm, independent_ce, independent_he]
training:
  retraining: {epochs: 1, decay_epochs: 1}
  phase_2: {epochs: 1, decay_epochs: 1}
  networks: {fcn: {phase_1: {epochs: 3, decay_epochs: 3}}}
"""
CONFIG = ["--configfile", "short.yaml"]
# What a seed decides, to the byte.
DECIDED = ("folds.csv", "history.csv", "hard_index.csv", "predictions.csv", "metrics.csv")
# That, and a table: on a cluster each job of a submission costs a start of Snakemake.
TARGETS = [f"results/demo/{name}" for name in (*DECIDED, "tables/table3.csv")]


def fresh_clone(folder: Path) -> Project:
    """Copies what a clone would have, with edits that are not committed yet and nothing built."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target)
    (folder / "short.yaml").write_text(SHORT)
    return Project(folder)


def decided(project: Project) -> dict[str, bytes]:
    """The files of the demo's run that have to be the same however it was run."""
    results = project.folder / "results/demo"
    return {name: (results / name).read_bytes() for name in DECIDED}


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project in a folder of the test's own, with no more than a clone has."""
    return fresh_clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A short run of the demo on this machine, in the environment of the tests."""
    project = fresh_clone(tmp_path_factory.mktemp("local"))
    project.finish(*TARGETS, "--cores", os.cpu_count(), *CONFIG)
    return project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, and the other worker does the rest meanwhile."""
    items.sort(key=lambda item: item.path.stem != "test_slurm_failures")
