"""Bytes: how they are written, and whether there is room for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from sersnake.errors import SersnakeError


def as_text(size: float) -> str:
    """A number of bytes as people read it: 820 B, 64.3 kB, 40.6 MB, 1.2 GB."""
    for unit in ("B", "kB", "MB"):
        if size < 999.95:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def require_space(folder: Path, needed: int) -> None:
    """Checks that a folder's disk has room for so many bytes more.

    Raises:
        SersnakeError: It has not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SersnakeError(
            f"{folder}: {as_text(needed)} more are needed and {as_text(free)} are free; make room "
            "or choose a folder on another disk with --to"
        )
