"""sersnake without make: `pip install` of its source distribution."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.workflow.conftest import Project

pytestmark = pytest.mark.deployment
# Builds a source distribution of the working folder without another tool.
BUILD = "import sys; from setuptools.build_meta import build_sdist; build_sdist(sys.argv[1])"


@pytest.fixture(scope="module")
def sdist(clone: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    call = [sys.executable, "-c", BUILD, str(folder)]
    subprocess.run(call, cwd=clone.folder, stdout=subprocess.DEVNULL, check=True)
    return next(folder.glob("sersnake-*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """What `pip install` builds of it, with the packages that are there."""
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(sdist.parent)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(sdist)], check=True)
    return next(sdist.parent.glob("sersnake-*.whl"))


def test_the_source_distribution_is_the_library_alone(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        files = [Path(member.name) for member in archive.getmembers() if member.isfile()]
    folders = {file.parts[1] for file in files if len(file.parts) > 2}
    assert folders == {"csrc", "sersnake", "sersnake.egg-info", "snakemake_logger_plugin_sersnake"}
    assert not [file for file in files if file.suffix in {".so", ".wav", ".pyc"}]
    assert sdist.stat().st_size < 2_000_000


def test_it_brings_the_library_and_its_data_and_no_workflow(wheel: Path, clone: Project) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    files = [path for path in clone.folder.glob("sersnake/**/*") if path.is_file()]
    library = {str(path.relative_to(clone.folder)) for path in files if path.suffix != ".pyc"}
    assert library <= set(names)
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
