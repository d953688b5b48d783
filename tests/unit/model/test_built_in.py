"""The model that comes with sersnake."""

from __future__ import annotations

from pathlib import Path

import pytest

import sersnake
from sersnake.cli import main
from sersnake.model.built_in import built_in_models, find_model, is_built_in

LARGEST = 12e6  # bytes


def test_it_is_asked_by_its_name() -> None:
    model = sersnake.load_model("emodb")
    assert len(model.labels) == 7
    assert not model.networks
    assert find_model("emodb") == built_in_models()["emodb"]
    assert is_built_in("emodb") and not is_built_in(built_in_models()["emodb"])


def test_a_folder_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "emodb").mkdir()
    assert find_model("emodb") == Path("emodb") and not is_built_in("emodb")
    assert find_model("other") == Path("other")


def test_it_is_small_and_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert sum(file.stat().st_size for file in built_in_models()["emodb"].iterdir()) < LARGEST
    main(["models"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("emodb: ")
    assert "10 speakers; WA / UA " in line
    card = (built_in_models()["emodb"] / "README.md").read_text(encoding="utf-8")
    assert "German" in card or "emodb" in card
