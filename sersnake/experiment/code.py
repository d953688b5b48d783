"""The code that a function reaches, and its digest.

Definitions are followed by name, through imports, from the functions that a call starts with: an
edit changes the digest of whatever can reach the edited code, and no other. Only files that are
reached are read, and nothing is imported.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sersnake.experiment.modules import IMPORT, Module, data_files, read_module
from sersnake.experiment.syntax import Name, Target


class Symbol(NamedTuple):
    """A definition in a module; the whole module where ``name`` is empty.

    The name ``<import>`` is what the module does when it is imported, apart from its definitions.
    """

    module: Name
    name: str = ""


class Code:
    """The code of a package, read as far as it is needed."""

    def __init__(
        self,
        root: Path,
        extensions: Mapping[str, Sequence[Path]] | None = None,
        instead: Mapping[Symbol, Sequence[Symbol]] | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            root: Folder of the package; its name is the package's.
            extensions: Sources of compiled modules, by their dotted names.
            instead: What replaces a definition: for a registry that loads its entries by name, the
                entries that a run uses; for code that only writes a log, nothing.
        """
        self.root = root
        self.extensions = {tuple(name.split(".")): f for name, f in (extensions or {}).items()}
        self.instead = dict(instead or {})
        self._modules: dict[Name, Module | None] = {}
        self._data: dict[Path, dict[str, list[Path]]] = {}
        self._steps: dict[Symbol, tuple[str, frozenset[Symbol]]] = {}

    def digest(self, starts: Iterable[Symbol], also: str = "") -> str:
        """Digest of a text and of everything that some definitions reach.

        Raises:
            SersnakeError: A file that is reached is not Python.
        """
        with _without_collection():
            reached = self.reach(starts)
        lines = [f"{'.'.join(s.module)}:{s.name} {self._step(s)[0]}" for s in reached]
        return hashlib.sha256("\n".join([also, *sorted(lines)]).encode()).hexdigest()[:16]

    def reach(self, starts: Iterable[Symbol]) -> set[Symbol]:
        """Everything that some definitions reach, including themselves.

        Raises:
            SersnakeError: A file that is reached is not Python.
        """
        reached: set[Symbol] = set()
        queue = list(starts)
        while queue:
            symbol = queue.pop()
            if symbol not in reached:
                reached.add(symbol)
                queue += self._step(symbol)[1]
        return reached

    def _step(self, symbol: Symbol) -> tuple[str, frozenset[Symbol]]:
        """Digest of a symbol alone, and what it refers to."""
        if symbol not in self._steps:
            self._steps[symbol] = self._read(symbol)
        return self._steps[symbol]

    def _read(self, symbol: Symbol) -> tuple[str, frozenset[Symbol]]:
        if symbol in self.instead:
            return "", frozenset(self.instead[symbol])
        if symbol.module in self.extensions:
            return files_digest(self.extensions[symbol.module]), frozenset()
        module = self._module(symbol.module)
        if module is None:
            return "", frozenset()  # of another library
        contents = module.contents_of(symbol.name or None)
        targets = {name for content in contents for name in content.imports}
        parts = [content.digest for content in contents]
        names = {name for content in contents for name in content.names}
        for name in sorted({*names, (symbol.name,)}):
            if name[0] in module.definitions:
                targets.add((module.name, name))
            if name[0] in module.imports:  # perhaps too: what is imported may be added to
                place, attributes = module.imports[name[0]]
                targets.add((place, (*attributes, *name[1:])))
                parts.append(f"{name[0]} {place} {attributes}")
        if not symbol.name:
            targets.update(module.imports.values())
        beside = self._beside(module.folder)
        strings = {text for content in contents for text in content.strings}
        parts += [f"{file} {files_digest(beside[file])}" for file in beside if file in strings]
        symbols = {self._resolve(target) for target in targets} | self._imported(symbol.module)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest(), frozenset(symbols)

    def _imported(self, name: Name) -> set[Symbol]:
        """What is done when a module is imported, by itself and by the packages around it."""
        places = [name[:length] for length in range(1, len(name) + 1)]
        modules = {place: self._module(place) for place in places}
        return {
            Symbol(place, IMPORT) for place, module in modules.items() if module and module.effects
        }

    def _resolve(self, target: Target) -> Symbol:
        """The definition that some attributes of a module lead to, through what packages import."""
        place, attributes = target
        for number, name in enumerate(attributes):
            module = self._module(place)
            if module is None:
                break
            if name in module.definitions:
                return Symbol(place, name)
            if name in module.imports and module.imports[name] != (place, (name,)):
                imported, more = module.imports[name]
                return self._resolve((imported, (*more, *attributes[number + 1 :])))
            if not module.is_package or not self._is_module((*place, name)):
                break
            place = (*place, name)
        return Symbol(place)

    def _is_module(self, name: Name) -> bool:
        return name in self.extensions or self._module(name) is not None

    def _module(self, name: Name) -> Module | None:
        if name not in self._modules:
            self._modules[name] = self._load(name)
        return self._modules[name]

    def _load(self, name: Name) -> Module | None:
        if name[0] != self.root.name:
            return None
        path = self.root.joinpath(*name[1:])
        for file in (path / "__init__.py", path.parent / f"{path.name}.py"):
            if file.is_file():
                return read_module(file, name)
        return None

    def _beside(self, folder: Path) -> dict[str, list[Path]]:
        if folder not in self._data:
            self._data[folder] = dict(sorted(data_files(folder).items()))
        return self._data[folder]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Suspends garbage collection, which takes half of the time among syntax trees.

    Objects made meanwhile are moved to the oldest generation, or they would be scanned at once.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def files_digest(files: Iterable[Path]) -> str:
    """Digest of files' names and contents.

    Raises:
        OSError: One cannot be read.
    """
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
