"""What a release says of itself, and what GitHub runs for it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import sersnake

ROOT = Path(__file__).parents[2]
PAGES = [path.relative_to(ROOT) for path in sorted((ROOT / ".github").rglob("*.yml"))]
LATEST = re.compile(r"^## \[([\d.]+)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)


def test_version_and_date_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    version, date = LATEST.findall((ROOT / "CHANGELOG.md").read_text())[0]
    assert project["version"] == sersnake.__version__ == citation["version"] == version
    assert citation["date-released"].isoformat() == date


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_pages_of_github_are_yaml_with_a_name(page: Path) -> None:
    assert yaml.safe_load((ROOT / page).read_text())["name"]


def test_github_runs_what_the_project_runs_and_may_only_read() -> None:
    workflows = [yaml.safe_load(path.read_text()) for path in ROOT.glob(".github/workflows/*.yml")]
    steps = [step for flow in workflows for job in flow["jobs"].values() for step in job["steps"]]
    assert any(".ci/run" in step.get("run", "") for step in steps)
    assert all(flow["permissions"] == {"contents": "read"} for flow in workflows)
