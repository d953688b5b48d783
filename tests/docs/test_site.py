"""The site is built without a warning, and the examples of the library run."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = DOCS / "reference" / "api"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
WITH_EXAMPLES = (
    *("features.cepstra", "training.loss_modules"),
    *("estimators.hard_example", "estimators.fusion", "fusion.final"),
)


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    build = ["sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(tmp_path / "site")]
    run = subprocess.run([sys.executable, "-m", *build], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    api = tmp_path / "site" / "reference" / "api"
    pages = {path.stem for path in api.glob("*.html")}
    assert {path.stem for path in PAGES.glob("*.md")} == pages
    estimators = (api / "estimators.html").read_text()
    for name in ("HardExampleClassifier", "hard_index_", "IndependentFusionClassifier"):
        assert name in estimators


@pytest.mark.parametrize(
    "page", [path.stem for path in sorted(PAGES.glob("*.md")) if BLOCK.search(path.read_text())]
)
def test_examples_of_a_page_run(page: str) -> None:
    """One after the other, as in a notebook."""
    names: dict[str, object] = {}
    for code in BLOCK.findall((PAGES / f"{page}.md").read_text()):
        exec(code, names)
    assert len(names) > 1


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_of_docstrings_run(module: str) -> None:
    actual = doctest.testmod(import_module(f"sersnake.{module}"))
    assert actual.attempted > 0
    assert actual.failed == 0
