"""The verb ``train`` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

VERB = ("-m", "sersnake")


def flags(folder: Path, name: str, threads: int, **settings: object) -> list[str]:
    """Files and settings of a call in a folder; ``name`` is that of its output."""
    files = {"manifest": "manifest.csv", "folds": "folds.csv", "output": name}
    words = [word for flag, file in files.items() for word in (f"--{flag}", str(folder / file))]
    features = [f"{each}={folder / each}.safetensors" for each in ("mfcc", "is09")]
    how = json.dumps({"device": "cpu", **settings})
    return [*words, "--features", *features, "--threads", str(threads), "--settings", how]


def call(words: list[str], threads: int, program: tuple[str, ...] = VERB) -> str:
    """Runs the verb and returns its standard error; a failure ends the benchmark."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, *program, *words], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words[:4])} failed:\n{done.stderr[-2000:]}")
    return done.stderr
