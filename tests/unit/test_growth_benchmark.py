"""The benchmark of growth still calls training as training wants to be called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sersnake.io import read_csv

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "training.py"


@pytest.mark.slow
def test_growth_times_a_call_of_both_networks(tmp_path: Path) -> None:
    command = [BENCHMARK, "growth", "--sizes", "60", "--out", tmp_path]
    subprocess.run([sys.executable, *map(str, command)], check=True, cwd=tmp_path)
    actual = read_csv(tmp_path / "training_growth.csv", ["network", "utterances", "train"])
    assert actual["network"].tolist() == ["acln", "fcn"]
    assert actual["train"].tolist() == [48, 48]
    assert (actual[["epoch_s", "embedding_s", "peak_mib"]] > 0).all(axis=None)
    assert (actual["call_s"] > 6 * actual["epoch_s"]).all()
