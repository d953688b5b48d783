"""Whether files are what they should be, by their sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from io import BufferedIOBase
from pathlib import Path

NAMED = 3  # files a message names


def sha256(file: BufferedIOBase) -> str:
    """The sha256 of a whole file, in hexadecimal."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def faults(folder: Path, hashes: Mapping[str, str]) -> str:
    """Says which recordings are missing or altered.

    Args:
        folder: A corpus' folder.
        hashes: sha256 of each recording by its path below ``folder``.

    Returns:
        Half a sentence; empty if all is as it should be.
    """
    there = [name for name in hashes if (folder / name).is_file()]
    missing = sorted(set(hashes).difference(there))
    altered = [name for name in there if _hash(folder / name) != hashes[name]]
    return " and ".join(
        f"{len(names)} of {len(hashes)} recordings {what} ({_some(names)})"
        for names, what in ((missing, "are missing"), (altered, "are not as published"))
        if names
    )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return sha256(file)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
