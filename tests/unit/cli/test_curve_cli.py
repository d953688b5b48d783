"""The verbs that read curve.csv: Figure 6, and what choosing an epoch would have claimed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import read_csv, write_csv
from sersnake.report.run_context import RunContext


@pytest.fixture
def run(tmp_path: Path) -> list[str]:
    """A run of two folds, as what `sersnake figure` and `table` are told of it."""
    context = RunContext("emodb", 2, "stratified random 80/20 split", True, "quick")
    context.save(tmp_path / "context.json")
    folds = [(f, u, "test" if u == t else "train") for f, t in enumerate("ab") for u in "abc"]
    write_csv(tmp_path / "folds.csv", pd.DataFrame(folds, columns=["fold", "utterance", "part"]))
    rows = [
        ("acln", system, fold, 1 + (epoch > 2), epoch, (3 + (epoch == 2) + fold) / 10, 0.3)
        for system in ("independent_ce", "independent_he")
        for fold in range(2)
        for epoch in (1, 2, 3)
    ]
    columns = ["network", "system", "fold", "phase", "epoch", "wa", "ua"]
    write_csv(tmp_path / "curve.csv", pd.DataFrame(rows, columns=columns), "%.8g")
    return [f"--context={tmp_path / 'context.json'}", f"--output={tmp_path / 'made'}", "--source"]


def test_figure_6_is_drawn_from_the_curve(run: list[str], tmp_path: Path) -> None:
    assert main(["figure", "figure6", *run, f"curve={tmp_path / 'curve.csv'}"]) == 0
    assert (tmp_path / "made.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "made.png").stat().st_size > 1000


def test_optimism_and_its_table_are_written(run: list[str], tmp_path: Path) -> None:
    measured = str(tmp_path / "optimism.csv")
    words = [str(tmp_path / "curve.csv"), f"--folds={tmp_path / 'folds.csv'}"]
    assert main(["optimism", *words, "--output", measured]) == 0
    assert main(["table", "optimism", *run, f"optimism={measured}"]) == 0
    actual = read_csv(tmp_path / "optimism.csv", ["network", "system", "metric", "optimism", "low"])
    by_metric = actual.set_index(["system", "metric"])["optimism"]
    assert by_metric["independent_he", "WA"] == pytest.approx(0.1)
    assert by_metric["independent_ce", "UA"] == 0
    for kind in ("tex", "html", "txt"):
        text = (tmp_path / f"made.{kind}").read_text(encoding="utf-8")
        assert "not a result: selected on the test set" in text
    assert len((tmp_path / "made.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_a_curve_without_its_columns_is_refused(
    run: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "curve.csv", pd.DataFrame({"network": ["acln"], "system": ["fused_ce"]}))
    assert main(["figure", "figure6", *run, f"curve={tmp_path / 'curve.csv'}"]) == 2
    assert "curve.csv: has no column fold, phase, epoch, wa, ua" in capsys.readouterr().err
