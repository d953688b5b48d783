"""The project's own code, as a run uses it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sersnake.experiment.code import CPP_SUFFIXES, Code, Symbol

EXTENSION = Symbol(("sersnake", "_kernel"))
READERS = Symbol(("sersnake", "corpora"), "READERS")


def project_code(repository: Path, readers: Iterable[str]) -> Code:
    """The library with its extension's sources, and of the readers those that a run asks for.

    Args:
        repository: Folder of the project.
        readers: Modules of the readers, such as ``emodb``.
    """
    sources = sorted(
        path for path in (repository / "csrc").iterdir() if path.suffix in CPP_SUFFIXES
    )
    chosen = [Symbol((*READERS.module, reader), "CORPUS") for reader in sorted(readers)]
    return Code(
        repository / "sersnake",
        extensions={".".join(EXTENSION.module): [*sources, repository / "setup.py"]},
        chosen={READERS: chosen},
    )
