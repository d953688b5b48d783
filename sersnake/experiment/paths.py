"""Paths as rules have them."""

from __future__ import annotations

import os
from pathlib import Path


def movable(path: str | Path) -> str:
    """A path as a moved or copied project has it too: relative, where it is below this folder.

    Snakemake remembers the names of inputs, and takes another name for another input.
    """
    here = Path.cwd()
    for whole in (Path(os.path.normpath(here / path)), Path(path).resolve()):
        if here in whole.parents:
            return str(whole.relative_to(here))
    return str(path)
