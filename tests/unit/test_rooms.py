"""The library's rooms: each imports only rooms below it, and the tests mirror them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import sersnake

LIBRARY = Path(sersnake.__file__).parent
TESTS = Path(__file__).parent
# From the ground up (docs/architecture.md).
ROOMS = [
    *("errors", "io", "settings", "corpora", "features", "protocols", "networks", "training"),
    *("fusion", "evaluation", "report", "model", "estimators", "experiment", "cli"),
]


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports() -> Iterator[tuple[str, str]]:
    """Every import within the library, as the importing and the imported module."""
    for path in LIBRARY.rglob("*.py"):
        module = ".".join(("sersnake", *path.relative_to(LIBRARY).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sersnake"):
                yield module, node.module or ""
            elif isinstance(node, ast.Import):
                yield from ((module, name.name) for name in node.names if "sersnake" in name.name)


def test_every_module_has_its_room() -> None:
    loose = {path.stem for path in LIBRARY.glob("*.py")}
    assert loose == {"__init__", "__main__", "errors"}
    folders = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    assert folders | {"errors"} == set(ROOMS)


def test_a_room_imports_only_rooms_below_it() -> None:
    order = {name: number for number, name in enumerate(ROOMS)}
    upward = [
        (module, imported)
        for module, imported in imports()
        if room(module) in order and room(imported) in order
        if order[room(imported)] > order[room(module)]
    ]
    assert upward == []


def test_the_library_knows_nothing_of_snakemake() -> None:
    for path in LIBRARY.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            name.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for name in node.names
        }
        names |= {
            (node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert "snakemake" not in names, path


def test_the_tests_mirror_the_rooms() -> None:
    assert {path.parent.name for path in TESTS.glob("*/__init__.py")} <= set(ROOMS)
