"""The versions of envs/, of the Makefile's lock and of pyproject.toml are the same."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conda_names import PYPI_NAMES

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENTS = sorted((REPOSITORY / "envs").glob("*.yaml"))
# The lock has no compiler, and pip and setuptools come with its virtual environment.
NOT_LOCKED = {"cxx-compiler", "pip", "python", "setuptools"}
# `sersnake fetch` is called by a person, not by a rule.
IN_NO_RULE = {"pooch", "requests"}


def lock() -> dict[str, str]:
    lines = (REPOSITORY / "requirements.lock").read_text().splitlines()
    pairs = (line.split("==") for line in lines)
    return {canonicalize_name(name): version for name, version in pairs}


def pins(environment: Path) -> dict[str, str]:
    """Name on conda-forge and version of what an environment asks conda for."""
    asked = yaml.safe_load(environment.read_text())["dependencies"]
    return dict(spec.split("=") for spec in asked)


def pip_pins(environment: Path) -> dict[str, str]:
    """Name and version of what an environment gets from PyPI."""
    script = environment.with_suffix(".post-deploy.sh").read_text()
    return dict(re.findall(r"^  ([a-z0-9-]+)==([\w.]+)", script, flags=re.MULTILINE))


def in_environments() -> dict[str, set[str]]:
    """Versions of every locked package in the environments, by its name on PyPI."""
    actual: dict[str, set[str]] = {}
    for environment in ENVIRONMENTS:
        both = {**pins(environment), **pip_pins(environment)}
        for name, version in both.items():
            if name not in NOT_LOCKED:
                actual.setdefault(PYPI_NAMES.get(name, name), set()).add(version)
    return actual


def dependencies() -> list[Requirement]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["demo"]]
    return [Requirement(text) for text in asked]


def test_environments_hold_the_locked_versions() -> None:
    locked = lock()
    actual = in_environments()
    assert actual == {name: {locked[name]} for name in actual}


def test_all_environments_have_one_python() -> None:
    assert len({pins(environment)["python"] for environment in ENVIRONMENTS}) == 1


@pytest.mark.parametrize("requirement", dependencies(), ids=lambda actual: actual.name)
def test_what_the_library_needs_is_in_an_environment_and_recent_enough(
    requirement: Requirement,
) -> None:
    name = canonicalize_name(requirement.name)
    versions = {lock()[name]} if name in IN_NO_RULE else in_environments()[name]
    assert all(requirement.specifier.contains(version) for version in versions)


def test_pypi_gives_only_what_conda_does_not() -> None:
    for environment in ENVIRONMENTS:
        assert not set(pip_pins(environment)) & set(pins(environment)), environment.name


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda path: path.stem)
def test_every_environment_finds_the_working_copy(environment: Path, tmp_path: Path) -> None:
    """The step after its creation is run in a virtual environment, as far as the library."""
    script = environment.with_suffix(".post-deploy.sh").read_text()
    own = re.search(r"<<'PYTHON'\n(.*?)\nPYTHON\n", script, flags=re.DOTALL)
    assert own is not None
    subprocess.run(["python3", "-m", "venv", "--without-pip", tmp_path / "e"], check=True)
    python = str(tmp_path / "e/bin/python")
    subprocess.run([python, "-c", own[1]], check=True)
    find = [python, "-c", "import importlib.util as u; print(u.find_spec('sersnake').origin)"]
    run = subprocess.run(
        find,
        env={"SERSNAKE_ROOT": str(REPOSITORY)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(REPOSITORY / "sersnake" / "__init__.py")
