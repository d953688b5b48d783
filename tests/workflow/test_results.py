"""A new result: its function in a file, and its entry in the list of results. Nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.workflow.conftest import Project

CONFIG = ("--configfile", "tiny.yaml")
LISTED = "# The order is that of a record's page.\nRESULTS = (\n"
ENTRY = """    Result(
        "toy",
        "table",
        "sersnake.report.tables.toy:toy_table",
        ("metrics",),
        label="Toy: the best accuracy",
        caption="The best accuracy of each system on {corpus}.",
    ),
"""
FUNCTION = '''
"""A table of the best accuracies."""

import pandas as pd

from sersnake.report.run_context import RunContext
from sersnake.report.table_format import Column, Table


def toy_table(metrics: pd.DataFrame, context: RunContext) -> Table:
    """One row a system."""
    best = metrics[metrics["metric"] == "WA"].groupby("system")["value"].max().reset_index()
    columns = (Column("system", "System"), Column("value", "WA"))
    return Table("Toy", "toy", f"The best. {context.setting}", columns, best)
'''


def test_a_table_more_is_two_files(demo: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    subprocess.run(["cp", "-a", demo.folder, project.folder], check=True)
    results = project.folder / "results" / "demo"
    listing = project.folder / "sersnake/report/results.py"
    before = listing.read_text(encoding="utf-8")
    assert LISTED in before
    listing.write_text(before.replace(LISTED, LISTED + ENTRY), encoding="utf-8")
    (project.folder / "sersnake/report/tables/toy.py").write_text(FUNCTION, encoding="utf-8")

    planned = project.planned(*CONFIG)
    planned.pop("compile_paper", None)  # where there is LaTeX
    del planned["total"]
    assert planned == {"make_table": 1, "write_paper": 1, "record_provenance": 1, "all": 1}
    made = [f"results/demo/{name}" for name in ("tables/toy.html", "paper.tex")]
    project.finish(*made, "--cores", 2, *CONFIG)
    assert "independent_he" in (results / "tables/toy.txt").read_text(encoding="utf-8")
    assert r"\input{tables/toy.tex}" in (results / "paper.tex").read_text(encoding="utf-8")
