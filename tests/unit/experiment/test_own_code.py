"""A user's own networks count by their code, and are not imported for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sersnake.errors import SersnakeError
from sersnake.experiment.own_code import digest_of

CODE = """
import os
os.environ["IMPORTED"] = "yes"

class Mine:
    def __init__(self, inputs, classes, width=8):
        self.width = width
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that snakemake would run in, with the module ``nets.mine``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMPORTED", raising=False)
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "__init__.py").touch()
    (tmp_path / "nets" / "mine.py").write_text(CODE)
    return tmp_path


def test_a_digest_changes_by_code_and_not_by_comments(folder: Path) -> None:
    path = folder / "nets" / "mine.py"
    before = digest_of("nets.mine.Mine")
    path.write_text(f"# Mine alone.\n\n{CODE}")
    assert digest_of("nets.mine.Mine") == before
    path.write_text(CODE.replace("width=8", "width=9"))
    assert digest_of("nets.mine.Mine") != before


def test_nothing_is_imported(folder: Path) -> None:
    digest_of("nets.mine.Mine")
    assert "nets" not in sys.modules
    assert "IMPORTED" not in os.environ


def test_an_installed_package_is_found_too() -> None:
    assert len(digest_of("sersnake.networks.fcn.FCN")) == 64


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nets.other.Mine", "module nets.other is missing; write nets/other.py into the folder"),
        ("nowhere.Mine", "module nowhere is missing; write nowhere.py into the folder that snake"),
        ("nets.mine.deep.Mine", "module nets.mine.deep is missing; write"),
        ("math.Mine", "module math is missing|math: is not a Python file; name the module"),
    ],
)
def test_a_missing_module_is_named_with_a_remedy(folder: Path, place: str, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        digest_of(place)


def test_a_file_that_is_no_python_is_named_with_its_line(folder: Path) -> None:
    (folder / "nets" / "mine.py").write_text("class Mine:\n    def (")
    with pytest.raises(SersnakeError, match=r"mine\.py: line 2: .*; correct it"):
        digest_of("nets.mine.Mine")
