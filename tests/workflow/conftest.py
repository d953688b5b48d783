"""A copy of the project to run the workflow in, as a fresh clone would be."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from tests.small_model import RATE, buzz
from tests.workflow.forked import run_snakemake

REPOSITORY = Path(__file__).parents[2]
COPIED = [
    *("Snakefile", "workflow", "csrc", "sersnake", "config", "envs", "profiles", "setup.py"),
    "snakemake_logger_plugin_sersnake",  # found there by `python -m snakemake`
]
DEMO = """
corpus: demo
folds: {repeats: 2}
training:
  fold_batching: {acln: all, fused: all}
  phase_1: {epochs: 3, decay_epochs: 3}
  retraining: {epochs: 1, decay_epochs: 1}
  phase_2: {epochs: 1, decay_epochs: 1}
  networks: {fcn: {phase_1: {epochs: 3, decay_epochs: 3}}}
"""
EMOTIONS = ("calm", "upset")


@dataclass(frozen=True)
class Project:
    """A folder with the workflow in it."""

    folder: Path

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "snakemake", *map(str, arguments)]

    def run(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs snakemake to its end."""
        words = list(map(str, arguments))
        return run_snakemake(self.folder, words, {**os.environ, **environment})

    def finish(self, *arguments: object, **environment: str) -> str:
        """Runs snakemake, which has to succeed; returns what it said."""
        run = self.run(*arguments, **environment)
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
        return run.stdout + run.stderr

    def planned(self, *arguments: object, **environment: str) -> dict[str, int]:
        """Number of jobs of each rule that a dry run plans."""
        printed = self.finish(
            *arguments, "--dry-run", "--cores", 1, "--quiet", "rules", **environment
        )
        rows = [line.split() for line in printed.splitlines()]
        return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


@cache
def compile_library() -> None:
    """Bytecode that all copies have then, or each of them would compile the library by itself."""
    compileall.compile_dir(REPOSITORY / "sersnake", quiet=2)


def copy_project(folder: Path) -> Project:
    """Copies what a run needs, the built extension included."""
    compile_library()
    folder.mkdir(exist_ok=True)
    for name in COPIED:
        source = REPOSITORY / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    return Project(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project in a folder of the module's own."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo with next to no training, as an undisturbed run on two cores ends, and its model."""
    project = copy_project(tmp_path_factory.mktemp("demo"))
    (project.folder / "tiny.yaml").write_text(DEMO)
    project.finish("all", "model", "--cores", 2, "--configfile", "tiny.yaml")
    return project


@pytest.fixture
def other_project(tmp_path: Path) -> Project:
    """The project in a folder of the test's own."""
    return copy_project(tmp_path / "project")


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """The corpus in a folder of the test's own."""
    return write_corpus(tmp_path / "corpora")


def write_corpus(corpora: Path, name: str = "mine", seed: int = 0) -> Path:
    """Four speakers say three sentences in two emotions, twice; returns the corpora's folder."""
    rng = np.random.default_rng(seed)
    root = corpora / name
    (root / "audio").mkdir(parents=True)
    rows = []
    for speaker in ("anna", "ben", "cleo", "dan"):
        for sentence in ("1", "2", "3"):
            for emotion in EMOTIONS:
                for take in "xy":
                    path = f"audio/{speaker}_{emotion}_{sentence}{take}.wav"
                    soundfile.write(root / path, buzz(emotion, 0.5, rng), RATE)
                    rows.append((path, speaker, emotion, sentence))
    columns = ["path", "speaker", "emotion", "sentence"]
    pd.DataFrame(rows, columns=columns).to_csv(root / "manifest.csv", index=False)
    return corpora
