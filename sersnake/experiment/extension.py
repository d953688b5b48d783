"""The file that the C++ extension is built into, and what it is built from."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path


def extension_file(repository: Path, conda: bool) -> str:
    """The compiled extension, below the project's folder.

    Its name depends on the Python that builds and imports it: this one, or with ``conda`` that of
    ``envs/features.yaml``.
    """
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX"))
    if conda:
        environment = (repository / "envs/features.yaml").read_text(encoding="utf-8")
        version = re.search(r"python=(\d+)\.(\d+)", environment)
        assert version, "envs/features.yaml pins Python"
        suffix = re.sub(r"cpython-\d+", "cpython-" + "".join(version.groups()), suffix)
    return f"sersnake/_kernel{suffix}"


def extension_sources(repository: Path) -> list[Path]:
    """What the C++ extension is built from."""
    sources = (path for path in (repository / "csrc").iterdir() if path.suffix in (".cc", ".h"))
    return [*sorted(sources), repository / "setup.py"]
