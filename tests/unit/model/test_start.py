"""A model answers without the libraries that are slow to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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


def asked(words: list[object]) -> tuple[list[str], str]:
    """The lines that a call prints, and which slow libraries it has imported."""
    run = subprocess.run(
        [sys.executable, "-c", ANSWER, *map(str, words)], capture_output=True, text=True, check=True
    )
    *answers, modules = run.stdout.splitlines()
    return answers, modules


def test_a_baseline_imports_nothing_slow(folder: Path) -> None:
    words = ["predict", folder / "wav", "--model", folder / "model", "--probabilities"]
    answers, modules = asked(words)
    assert modules == "[]"
    assert len(answers) == 1 + 18  # header, recordings


def test_networks_import_nothing_slow(tmp_path: Path) -> None:
    model = small_model.make_model(
        tmp_path / "work", small_model.write_recordings(tmp_path / "wav", takes=2)
    )
    assert asked(["predict", tmp_path / "wav", "--model", model])[1] == "[]"
