"""A user's own networks: where their code is, and a digest of it. Nothing is imported."""

from __future__ import annotations

import ast
import hashlib
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from sersnake.errors import SersnakeError


def digest_of(place: str) -> str:
    """A digest of the file of a class, without comments and layout.

    Args:
        place: ``module.Class``, of a module in this folder or of an installed package.

    Raises:
        SersnakeError: There is no such module, or it is not Python.
    """
    module = place.rpartition(".")[0]
    path = _source(module)
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise SersnakeError(f"{path}: line {error.lineno}: {error.msg}; correct it") from None
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _source(module: str) -> Path:
    """The file of a module, found as Python would find it."""
    folders: list[str] | None = [str(Path.cwd()), *sys.path]
    name = origin = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, folders) if folders else None
        if spec is None:
            raise SersnakeError(
                f"module {name} is missing; write {name.replace('.', '/')}.py into the folder "
                "that snakemake runs in, or install its package"
            )
        folders = list(spec.submodule_search_locations or [])
        origin = spec.origin or ""
    if not origin.endswith(".py"):
        raise SersnakeError(f"{module}: is not a Python file; name the module that has the class")
    return Path(origin)
