"""The verb ``train`` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

VERB = ("-m", "sersnake")


def flags(folder: Path, name: str, threads: int) -> list[str]:
    """Inputs and outputs of a call in a folder; ``name`` is that of what it writes."""
    inputs = {
        "manifest": "manifest.csv",
        "folds": "folds.csv",
        "mfcc": "mfcc.safetensors",
        "functionals": "functionals.safetensors",
        "output-weights": f"{name}.weights.safetensors",
        "output-history": f"{name}.history.csv",
        "output-embedding": f"{name}.embedding.safetensors",
    }
    files = [word for flag, file in inputs.items() for word in (f"--{flag}", str(folder / file))]
    return [*files, "--threads", str(threads), "--device", "cpu"]


def call(words: list[str], threads: int, program: tuple[str, ...] = VERB) -> str:
    """Runs it and returns what it said; its failure ends the benchmark."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, *program, *words], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:4])} failed:\n{done.stderr[-2000:]}")
    return done.stderr
