"""A model without networks answers without the libraries that are slow to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sersnake.errors import SersnakeError
from sersnake.model import load_model
from tests import small_model

SLOW = ("torch", "sklearn", "pandas", "scipy", "opensmile", "matplotlib")
ANSWER = f"""
import sys
from sersnake.cli import main
assert main(sys.argv[1:]) == 0
print(sorted(set(sys.modules) & set({SLOW!r})))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LDA on functionals of openSMILE, and the recordings that it was made of."""
    folder = tmp_path_factory.mktemp("made")
    recordings = small_model.write_recordings(folder / "wav", takes=2)
    small_model.prepare(folder, recordings, is09={"feature_set": "IS09+eGeMAPSv02"})
    system = ["--system", "is09_lda", "--classifier", "lda"]
    where = ["--manifest", folder / "manifest.csv", "--folds", folder / "folds.csv"]
    pack, predictions = folder / "is09.safetensors", folder / "lda.csv"
    small_model.call(
        *("classify", pack, *system, *where, "--fold", "0", "1", "--output", predictions)
    )
    small_model.call(
        *("make-model", *system, "--name", "small", *where, "--features", f"is09={pack}"),
        *("--weights", "--embeddings", "--held-out", pack, "--predictions", predictions),
        *(*small_model.settings(features=["is09"]), "--context", folder / "context.json"),
        *("--output-dir", folder / "model"),
    )
    return folder


def test_a_baseline_imports_nothing_slow(folder: Path) -> None:
    words = ["predict", folder / "wav", "--model", folder / "model", "--probabilities"]
    run = subprocess.run(
        [sys.executable, "-c", ANSWER, *map(str, words)], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"
    assert len(run.stdout.splitlines()) == 1 + 18 + 1  # header, recordings, modules


def test_a_device_that_is_not_there_is_refused_all_the_same(folder: Path) -> None:
    with pytest.raises(SersnakeError, match="device: 'nothing'"):
        load_model(folder / "model").on("nothing")
