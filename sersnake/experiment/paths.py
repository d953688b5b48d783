"""Paths in rules."""

from __future__ import annotations

import os
from pathlib import Path


def movable(path: str | Path) -> str:
    """A path that stays the same in a moved or copied project: relative, if below this folder.

    Snakemake remembers the names of inputs and takes a changed name for another input.
    """
    here = Path.cwd()
    for whole in (Path(os.path.normpath(here / path)), Path(path).resolve()):
        if here in whole.parents:
            return str(whole.relative_to(here))
    return str(path)
