"""The software environment of a call.

In a workflow each rule may run in its own environment. If the variable ``SERSNAKE_ENVIRONMENTS`` is
set, a call writes its environment there, and the provenance collects it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "SERSNAKE_ENVIRONMENTS"
PACKAGES = (
    "audformat",
    "matplotlib",
    "numpy",
    "opensmile",
    "pandas",
    "pybind11",
    "safetensors",
    "scikit-learn",
    "scipy",
    "soundfile",
    "soxr",
    "statsmodels",
    "torch",
)


def describe_environment() -> dict[str, Any]:
    """This process' environment.

    Returns:
        ``prefix``, as a relative path in the working directory and otherwise its last folder alone,
        so that a record names no folder of one machine; ``python``; and ``versions`` of the
        packages that results depend on.
    """
    return {
        "prefix": _place(Path(sys.prefix)),
        "python": platform.python_version(),
        "versions": dict(_versions()),
    }


def leave_environment(call: str) -> None:
    """Writes ``<call>.json`` to the folder of ``SERSNAKE_ENVIRONMENTS``, where it is set."""
    if not (name := os.environ.get(FOLDER_VARIABLE)):
        return
    folder = Path(name)
    folder.mkdir(parents=True, exist_ok=True)
    # Jobs of one verb run side by side, on several machines too, where process numbers can meet.
    half = folder / f".{uuid.uuid4().hex}.part"
    half.write_text(json.dumps(describe_environment(), indent=2), encoding="utf-8")
    half.replace(folder / f"{call}.json")


def read_environments(folder: Path) -> dict[str, dict[str, Any]]:
    """The environments in a folder by their calls; empty if there is none."""
    from sersnake.io import read_json  # a call that writes its environment reads none

    return {path.stem: read_json(path) for path in sorted(folder.glob("*.json"))}


def _versions() -> list[tuple[str, str]]:
    versions = []
    for name in PACKAGES:
        try:
            versions.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return versions


def _place(prefix: Path) -> str:
    here = Path.cwd()
    return prefix.relative_to(here).as_posix() if prefix.is_relative_to(here) else prefix.name
