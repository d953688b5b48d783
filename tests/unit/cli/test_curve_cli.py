"""The verbs that read curve.csv: Figure 6, and what choosing an epoch would have claimed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import read_csv, write_csv


@pytest.fixture
def run(tmp_path: Path) -> list[str]:
    """A run of two folds, as the arguments that name its files."""
    manifest = pd.DataFrame({"utterance": ["a", "b", "c"], "speaker": "x", "emotion": "sad"})
    write_csv(tmp_path / "manifest.csv", manifest.assign(corpus="emodb", synthetic="false"))
    folds = [(f, u, "test" if u == t else "train") for f, t in enumerate("ab") for u in "abc"]
    write_csv(tmp_path / "folds.csv", pd.DataFrame(folds, columns=["fold", "utterance", "part"]))
    rows = [
        ("acln", arm, fold, 1 + (epoch > 2), epoch, (3 + (epoch == 2) + fold) / 10, 0.3)
        for arm in ("independent_ce", "independent_he")
        for fold in range(2)
        for epoch in (1, 2, 3)
    ]
    columns = ["network", "arm", "fold", "phase", "epoch", "wa", "ua"]
    write_csv(tmp_path / "curve.csv", pd.DataFrame(rows, columns=columns), "%.8g")
    files = [f"--{name}={tmp_path / name}.csv" for name in ("manifest", "folds")]
    return [str(tmp_path / "curve.csv"), *files, f"--output-stem={tmp_path / 'made'}"]


def test_figure_6_is_drawn_from_the_curve(run: list[str], tmp_path: Path) -> None:
    assert main(["figure", "6", *run]) == 0
    assert (tmp_path / "made.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "made.png").stat().st_size > 1000


def test_optimism_and_its_table_are_written(run: list[str], tmp_path: Path) -> None:
    assert main(["optimism", *run, "--output", str(tmp_path / "optimism.csv")]) == 0
    found = read_csv(tmp_path / "optimism.csv", ["network", "arm", "metric", "optimism", "low"])
    by_metric = found.set_index(["arm", "metric"])["optimism"]
    assert by_metric["independent_he", "WA"] == pytest.approx(0.1)
    assert by_metric["independent_ce", "UA"] == 0
    for kind in ("tex", "html", "txt"):
        text = (tmp_path / f"made.{kind}").read_text(encoding="utf-8")
        assert "not a result: chosen on the test part" in text
    assert len((tmp_path / "made.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_a_curve_without_its_columns_is_refused(
    run: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "curve.csv", pd.DataFrame({"network": ["acln"], "arm": ["fused_ce"]}))
    assert main(["figure", "6", *run]) == 2
    assert "curve.csv: has no column fold, phase, epoch, wa, ua" in capsys.readouterr().err
