"""The workflow as a module of another one."""

from __future__ import annotations

from pathlib import Path

from tests.workflow.conftest import REPOSITORY, Project

OTHER = """
module sersnake:
    snakefile: "{repository}/workflow/Snakefile"
    config: {{"corpus": "demo", "name": "part", "folds": {{"repeats": 2}}}}


use rule * from sersnake as sersnake_*


rule count_parts:
    default_target: True
    input:
        "results/part/folds.csv",
    output:
        "parts.txt",
    shell:
        "cut -d , -f 3 {{input}} | sort | uniq -c > {{output}}"
"""


def test_another_workflow_builds_on_its_folds(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(OTHER.format(repository=REPOSITORY))
    Project(tmp_path).finish("--cores", 2)
    counted = dict(
        reversed(line.split()) for line in (tmp_path / "parts.txt").read_text().splitlines()
    )
    assert counted == {"part": "1", "train": "152", "test": "40"}
    assert not (tmp_path / "results/demo").exists()
