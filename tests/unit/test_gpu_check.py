"""The check of a graphics card, with the processor in the card's place."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.io import Features, write_csv

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
WIDTHS = {"mfcc": 13, "is09": 384, "encoder": 12}
COUNT = 24
# Runs the script where only what it may need can be imported, beside the standard library.
RUN = """
import sys, runpy
import numpy, pandas, torch, safetensors.numpy
import msgspec
known = {name.partition(".")[0] for name in sys.modules} | set(sys.stdlib_module_names)

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in known | {"sersnake", "gpu", "torch"}:
            raise ImportError(f"{name} is more than training needs")

sys.meta_path.insert(0, Nothing())
sys.path.insert(0, sys.argv[1])
sys.argv[:] = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packs of some synthetic utterances."""
    folder = tmp_path_factory.mktemp("packs")
    names = [f"u{number}" for number in range(COUNT)]
    random = np.random.default_rng(0)
    lengths = random.integers(20, 40, COUNT)
    for name, width in WIDTHS.items():
        rows = lengths if name != "is09" else np.ones(COUNT, int)
        frames = [random.standard_normal((count, width), np.float32) for count in rows]
        Features.stack(names, frames, {}).save(folder / "features" / f"{name}.safetensors")
    emotions = ["anger", "neutral"] * (COUNT // 2)
    write_csv(
        folder / "manifest.csv",
        pd.DataFrame({"utterance": names, "emotion": emotions, "corpus": "synthetic"}),
    )
    parts = ["train"] * (COUNT - 4) + ["test"] * 4
    write_csv(folder / "folds.csv", pd.DataFrame({"fold": "0", "utterance": names, "part": parts}))
    return folder


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    script = BENCHMARKS / "gpu_check.py"
    options = [folder, "--device", "cpu", "--epochs", "1", "--at-once", "2"]
    call = [sys.executable, "-c", RUN, BENCHMARKS, script, *options]
    return subprocess.run([*map(str, call)], capture_output=True, text=True, check=False)


def test_all_networks_are_compared_with_what_training_imports_alone(folder: Path) -> None:
    done = check(folder)
    assert done.returncode == 0, done.stderr
    result = json.loads((folder / "gpu_check.json").read_text(encoding="utf-8"))
    networks = {row["network"]: row for row in result["networks"]}
    assert list(networks) == ["acln", "fcn", "fused", "aln"]
    for row in networks.values():
        assert row["embedding_difference"] == row["loss_difference"] == 0  # the same device
        assert row["same_bytes"] and row["agrees"]
        assert row["cpu_seconds"] > 0 and row["card_seconds"] > 0
    assert [row["folds"] for row in result["folds_at_once"]] == [2]
    assert done.stdout.count("| acln |") == 1


def test_a_missing_pack_is_named(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert done.returncode == 1
    assert "no pack of is09 and mfcc; `make gpu-check` makes them" in done.stderr


@pytest.mark.parametrize(
    ("change", "agrees"),
    [
        ({}, True),
        ({"embedding_difference": 1e-3}, False),
        ({"loss_difference": 0.1}, False),
        ({"loss_difference": float("nan")}, False),
        ({"same_bytes": False}, False),
    ],
)
def test_what_disagrees(
    change: dict[str, object], agrees: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from gpu.compare import agrees as judged

    row = {"embedding_difference": 1e-6, "loss_difference": 1e-5, "same_bytes": True, **change}
    assert judged(row) is agrees
