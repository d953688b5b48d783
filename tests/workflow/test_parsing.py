"""Reading the workflow touches nothing: what a call that runs nothing leaves as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import REPOSITORY, Project
from tests.workflow.test_module import OTHER

LOCKS = {"0.input.lock": "data/a.txt\n", "0.output.lock": "counts/a.txt\n"}


def lock(folder: Path) -> dict[str, tuple[str, int]]:
    """What another workflow, at work in this folder, has locked."""
    locks = folder / ".snakemake" / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    for name, files in LOCKS.items():
        (locks / name).write_text(files)
    return locked(folder)


def locked(folder: Path) -> dict[str, tuple[str, int]]:
    locks = sorted((folder / ".snakemake" / "locks").glob("*"))
    return {path.name: (path.read_text(), path.stat().st_mtime_ns) for path in locks}


@pytest.mark.parametrize(
    "call",
    [
        ["--dry-run", "--cores", "1"],
        ["--lint"],
        ["--summary"],
        ["--report", "report.html"],
    ],
    ids=lambda call: call[0].strip("-"),
)
def test_locks_of_another_workflow_stay(call: list[str], project: Project) -> None:
    before = lock(project.folder)
    # A report is refused, as nothing has been made that it could show; it has read the workflow.
    project.run(*call, "--configfile", "config/config.yaml")
    assert locked(project.folder) == before
    assert not (project.folder / ".snakemake" / "sersnake").exists()


def test_locks_of_another_workflow_stay_where_ours_is_its_module(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(OTHER.format(repository=REPOSITORY))
    before = lock(tmp_path)
    Project(tmp_path).finish("--dry-run", "--cores", 1)
    assert locked(tmp_path) == before
    assert not (tmp_path / ".snakemake" / "sersnake").exists()


CHANGED = """
import os
from snakemake.cli import main
before = dict(os.environ)
try:
    main(["--dry-run", "--cores", "1", "--quiet", "all"])
except SystemExit:
    pass
print(sorted(name for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)))
"""


def test_the_environment_of_the_call_stays(project: Project) -> None:
    call = [sys.executable, "-c", CHANGED]
    run = subprocess.run(call, cwd=project.folder, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
