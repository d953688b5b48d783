"""sersnake without make: `pip install` of its folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.workflow.conftest import Project

pytestmark = pytest.mark.deployment


@pytest.fixture(scope="module")
def wheel(clone: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install .` builds, with the packages that are there."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(clone.folder)], check=True)
    return next(folder.glob("sersnake-*.whl"))


def test_it_brings_the_library_and_its_data_and_no_workflow(wheel: Path, clone: Project) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = {path.relative_to(clone.folder) for path in clone.folder.glob("sersnake/**/*.py")}
    assert {str(module) for module in modules} <= set(names)
    data = {"sersnake/evaluation/published.csv", "sersnake/report/atlas/page/atlas.js"}
    assert data <= set(names)
    assert any(name.startswith("sersnake/_kernel.") for name in names)
    assert not [name for name in names if name.endswith((".smk", "Snakefile"))]


def test_installed_it_extracts_features_wherever_it_is_called(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--target", str(target), str(wheel)], check=True)
    noise = np.random.default_rng(0).normal(0, 0.1, 16000)
    soundfile.write(tmp_path / "noise.wav", noise, 16000)
    words = ["extract", "mfcc", "noise.wav", "--output", "mfcc.safetensors"]
    call = [sys.executable, "-m", "sersnake", *words]
    environment = {**os.environ, "PYTHONPATH": str(target)}
    subprocess.run(call, cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "mfcc.safetensors").stat().st_size > 4 * 13 * 80
