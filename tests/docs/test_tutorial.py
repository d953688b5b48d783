"""The tutorial does what it says, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "recordings-to-predictions.ipynb"


def test_every_cell_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = nbformat.read(TUTORIAL, as_version=4).cells
    assert not any(cell.get("outputs") for cell in cells)  # nothing that was not run here
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, str(TUTORIAL), "exec"), names)
    assert len(names["answers"]) == len(names["labels"]) == 72
    metrics: pd.DataFrame = names["metrics"]
    accuracy = metrics[(metrics["fold"] == "pooled") & (metrics["metric"] == "UA")]["value"].item()
    assert accuracy > 0.5  # four synthetic emotions, which differ in pitch and pace
    assert names["told"]["emotion"].item() in set(names["labels"]["emotion"])
    assert (names["accuracies"] > 0.4).all()
