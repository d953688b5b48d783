"""One module of a package, from its syntax tree: nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.experiment.syntax import (
    FUNCTIONS,
    Content,
    Name,
    Target,
    content_of,
    imported_names,
    is_for_types,
    is_idle,
)

IMPORT = "<import>"
CODE = {".py", ".pyc", ".pyd", ".pyi", ".so"}


@dataclass
class Module:
    """A module, and where its names come from.

    Attributes:
        name: Its dotted name.
        folder: Its folder, which also holds the data files that it reads.
        is_package: Whether it is an ``__init__.py``.
        imports: What its imports bind.
        definitions: The statements that define a name: a function, a class, assignments.
        effects: Statements that do more than define; they run with the first import.
    """

    name: Name
    folder: Path
    is_package: bool
    imports: dict[str, Target] = field(default_factory=dict)
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)
    contents: dict[int, Content] = field(default_factory=dict)

    @property
    def package(self) -> Name:
        """The package that it is, or is in."""
        return self.name if self.is_package else self.name[:-1]

    def contents_of(self, name: str | None) -> list[Content]:
        """The contents of a definition, of the import, or for ``None`` of all definitions."""
        if name is None:
            chosen = [statement for many in self.definitions.values() for statement in many]
        else:
            chosen = self.effects if name == IMPORT else self.definitions.get(name, [])
        return [self._content(statement) for statement in chosen]

    def _content(self, statement: ast.stmt) -> Content:
        key = id(statement)
        if key not in self.contents:
            self.contents[key] = content_of(statement, self.package)
        return self.contents[key]


def read_module(path: Path, name: Name) -> Module:
    """Reads a module's file.

    Raises:
        SersnakeError: It is not Python.
        OSError: It cannot be read.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise SersnakeError(f"{path}: line {error.lineno}: {error.msg}; correct it") from None
    module = Module(name, path.parent, path.name == "__init__.py")
    for statement in tree.body:
        _place(module, statement)
    return module


def data_files(folder: Path) -> dict[str, list[Path]]:
    """The data files beside a module by their names; a folder without code is one of them."""
    files = {}
    for entry in folder.iterdir():
        if entry.is_file() and entry.suffix not in CODE:
            files[entry.name] = [entry]
        elif entry.is_dir() and entry.name != "__pycache__" and not any(entry.glob("*.py")):
            files[entry.name] = sorted(path for path in entry.rglob("*") if path.is_file())
    return files


def _place(module: Module, statement: ast.stmt) -> None:
    """Puts a statement where it belongs."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        module.imports |= imported_names(statement, module.package)
    elif isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        module.definitions.setdefault(statement.name, []).append(statement)
    elif names := _assigned(statement):
        for name in names:
            module.definitions.setdefault(name, []).append(statement)
    elif isinstance(statement, ast.If) and is_for_types(statement):
        for otherwise in statement.orelse:
            _place(module, otherwise)
    elif not is_idle(statement):
        module.effects.append(statement)
        for inner in _within(statement):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                module.imports |= imported_names(inner, module.package)


def _assigned(statement: ast.stmt) -> list[str]:
    """The names of an assignment, if it sets nothing else."""
    if isinstance(statement, ast.Assign):
        targets: Iterable[ast.expr] = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    else:
        return []
    leaves = [leaf for target in targets for leaf in getattr(target, "elts", [target])]
    names = [leaf.id for leaf in leaves if isinstance(leaf, ast.Name)]
    return names if len(names) == len(leaves) else []


def _within(statement: ast.stmt) -> Iterable[ast.AST]:
    """The nodes that a compound statement runs, without those of functions."""
    queue: list[ast.AST] = [statement]
    for node in queue:
        yield node
        queue += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, (*FUNCTIONS, ast.ClassDef))
        ]
