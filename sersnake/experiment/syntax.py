"""What counts in a statement: its syntax tree, without parts that change no result.

Comments, docstrings and annotations are left out, and the words of errors and warnings. The names
that a statement refers to are collected on the same walk, so that each is walked once.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

Name = tuple[str, ...]  # a dotted name: ("pd", "concat")
Target = tuple[Name, Name]  # a module, and the attributes that are taken from it

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SKIPPED_FIELDS = {"annotation", "ctx", "kind", "returns", "type_comment"}
FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in SKIPPED_FIELDS)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


@dataclass(frozen=True)
class Content:
    """What counts in a statement.

    Attributes:
        digest: Of its syntax tree.
        names: Names of the module that it uses, with the attributes that follow each.
        imports: What it uses of modules that its own functions import, by full names.
        strings: Its constants; one may name a data file.
    """

    digest: str
    names: frozenset[Name]
    imports: frozenset[Target]
    strings: frozenset[str]


def content_of(statement: ast.stmt, package: Name) -> Content:
    """Walks a statement of a module.

    Args:
        statement: A statement at the top of the module.
        package: Package of the module, from which relative imports start.
    """
    walk = _Walk(package)
    walk.visit(statement)
    module = walk.scopes[0]
    digest = hashlib.sha256("\n".join(walk.text).encode("utf-8", "surrogatepass")).hexdigest()
    names = module.used | walk.module_names
    return Content(digest, frozenset(names), frozenset(walk.imports), frozenset(walk.strings))


def imported_names(statement: ast.Import | ast.ImportFrom, package: Name) -> dict[str, Target]:
    """What an import binds: ``{"np": (("numpy",), ())}``."""
    if isinstance(statement, ast.Import):
        modules = {alias.name: alias.asname for alias in statement.names}
        return {
            asname or name.partition(".")[0]: (tuple(name.split("."))[: None if asname else 1], ())
            for name, asname in modules.items()
        }
    parents = package[: len(package) + 1 - statement.level] if statement.level else ()
    module = (*parents, *(statement.module.split(".") if statement.module else ()))
    return {alias.asname or alias.name: (module, (alias.name,)) for alias in statement.names}


def is_for_types(statement: ast.stmt) -> bool:
    """Whether it is ``if TYPE_CHECKING:``, which never runs."""
    if not isinstance(statement, ast.If):
        return False
    test = statement.test
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def is_idle(node: object) -> bool:
    """Whether it is a statement that does nothing: a docstring, or ``pass``."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass)


@dataclass
class _Scope:
    """Names of a function, a class, a comprehension or the module.

    Attributes:
        bound: Names that it binds; those of imports with what they import.
        used: Names that it uses.
        fields: Whether it is a class in whose body annotations count.
        is_class: Whether it is a class, whose names the functions within do not see.
        declared: Names of the module, by ``global``.
    """

    bound: dict[str, Target | None] = field(default_factory=dict)
    used: set[Name] = field(default_factory=set)
    is_class: bool = False
    fields: bool = False
    declared: set[str] = field(default_factory=set)


class _Walk:
    """A walk over one statement of a module."""

    def __init__(self, package: Name) -> None:
        self.package = package
        self.text: list[str] = []
        self.scopes = [_Scope()]
        self.module_names: set[Name] = set()
        self.imports: set[Target] = set()
        self.strings: set[str] = set()
        self.is_message = False

    def visit(self, node: ast.AST) -> None:
        """Writes a node into the text; keeps what it binds and uses."""
        kind = type(node)
        special = SPECIAL.get(kind)
        if special:
            special(self, node)
        else:
            self.text.append(kind.__name__)
            self.visit_fields(node)

    def visit_fields(self, node: ast.AST) -> None:
        """All fields of a node that hold something, each after its name."""
        for name in FIELDS[type(node)]:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                self.text.append(name)
                self.visit(value)
            elif isinstance(value, list):
                if value:  # newer versions of Python have fields that are empty
                    self.text.append(name)
                    self.visit_all(value)
            elif value is not None:
                self.text.append(f"{name} {value!r}")

    def visit_all(self, nodes: list) -> None:
        """A list of nodes, in which ``None`` stands for an absent one."""
        self.text.append("[")
        for node in nodes:
            if isinstance(node, ast.AST):
                self.visit(node)
            else:
                self.text.append(repr(node))
        self.text.append("]")

    def visit_name(self, node: ast.Name) -> None:
        self.text.append(node.id)
        if isinstance(node.ctx, ast.Load):
            self.use((node.id,))
        else:
            self.bind(node.id)

    def visit_attribute(self, node: ast.Attribute) -> None:
        """``pd.io.common``: the name with what follows it."""
        attributes = [node.attr]
        base: ast.expr = node.value
        while isinstance(base, ast.Attribute):
            attributes.append(base.attr)
            base = base.value
        attributes.reverse()
        self.text.append(f".{'.'.join(attributes)}")
        if isinstance(base, ast.Name):
            self.text.append(base.id)
            self.use((base.id, *attributes))
        else:
            self.visit(base)

    def visit_constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            if self.is_message:
                return
            self.strings.add(node.value)
        self.text.append(repr(node.value))

    def visit_statement(self, node: ast.Expr | ast.Pass) -> None:
        """An expression such as a call; a docstring is left out."""
        if not is_idle(node):
            self.text.append("Expr")
            self.visit_fields(node)

    def visit_raise(self, node: ast.Raise) -> None:
        self.text.append("Raise")
        self.visit_message(node)

    def visit_call(self, node: ast.Call) -> None:
        self.text.append("Call")
        if _prints_an_error(node):
            self.visit_message(node)
        elif isinstance(node.func, ast.Name) and node.func.id == "Meta":
            self.visit_setting(node)
        else:
            self.visit_fields(node)

    def visit_setting(self, node: ast.Call) -> None:
        """The range of a setting; its description is a message."""
        for keyword in node.keywords:
            if keyword.arg == "description":
                self.visit_message(keyword)
            else:
                self.visit(keyword)

    def visit_message(self, node: ast.AST) -> None:
        """A message to the user, whose words change no result."""
        outer, self.is_message = self.is_message, True
        self.visit_fields(node)
        self.is_message = outer

    def visit_annotated(self, node: ast.AnnAssign) -> None:
        """``x: int = 3``; an annotation counts where it defines a class."""
        self.text.append("AnnAssign")
        self.visit_fields(node)
        if self.scopes[-1].fields:
            self.visit(node.annotation)

    def visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, target in imported_names(node, self.package).items():
            self.text.append(f"import {target} as {name}")
            self.bind(name, target)

    def visit_global(self, node: ast.Global) -> None:
        self.text.append(f"global {node.names}")
        self.scopes[-1].declared.update(node.names)

    def visit_binding(self, node: ast.AST) -> None:
        """An exception or a pattern that binds a name to what it matches."""
        for attribute in ("name", "rest"):
            if name := getattr(node, attribute, None):
                self.bind(name)
        self.text.append(type(node).__name__)
        self.visit_fields(node)

    def visit_if(self, node: ast.If) -> None:
        if is_for_types(node):
            self.visit_all(node.orelse)
            return
        self.text.append("If")
        self.visit_fields(node)

    def visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bind(node.name)
        self.text += [type(node).__name__, node.name]
        self.visit_all(node.decorator_list)
        self.visit_body(node, node.body)

    def visit_lambda(self, node: ast.Lambda) -> None:
        self.text.append("Lambda")
        self.visit_body(node, [node.body])

    def visit_body(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, body: list
    ) -> None:
        """Defaults, which belong to the scope around a function, then its body."""
        arguments = node.args
        self.visit_all(arguments.defaults)
        self.visit_all(arguments.kw_defaults)
        self.scopes.append(_Scope())
        for kind in ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg"):
            named = getattr(arguments, kind) or []
            names = [argument.arg for argument in (named if isinstance(named, list) else [named])]
            self.text.append(f"{kind} {names}")
            for name in names:
                self.bind(name)
        self.visit_all(body)
        self.leave()

    def visit_class(self, node: ast.ClassDef) -> None:
        self.bind(node.name)
        self.text += ["ClassDef", node.name]
        for outside in (node.decorator_list, node.bases, node.keywords):
            self.visit_all(outside)
        self.scopes.append(_Scope(is_class=True, fields=not _is_dataclass(node)))
        self.visit_all(node.body)
        self.leave()

    def visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        self.text.append(type(node).__name__)
        first = node.generators[0]
        self.visit(first.iter)  # evaluated in the scope around it
        self.scopes.append(_Scope())
        for generator in node.generators:
            self.text.append(f"for {generator.is_async}")
            self.visit(generator.target)
            if generator is not first:
                self.visit(generator.iter)
            self.visit_all(generator.ifs)
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                self.visit(getattr(node, name))
        self.leave()

    def bind(self, name: str, target: Target | None = None) -> None:
        scope = self.scopes[-1]
        if name in scope.declared:
            self.module_names.add((name,))
        elif scope.bound.get(name) is None:
            scope.bound[name] = target

    def use(self, name: Name) -> None:
        scope = self.scopes[-1]
        (self.module_names if name[0] in scope.declared else scope.used).add(name)

    def leave(self) -> None:
        """Ends a scope: a name that it uses but does not bind belongs to the scope around it."""
        scope = self.scopes.pop()
        around = next(outer for outer in reversed(self.scopes) if not outer.is_class)
        for name in scope.used:
            target = scope.bound.get(name[0])
            if target:
                self.imports.add((target[0], (*target[1], *name[1:])))
            # A class may bind a name to the value of the same name outside.
            if name[0] not in scope.bound or scope.is_class:
                around.used.add(name)


def _is_dataclass(node: ast.ClassDef) -> bool:
    """Whether it is a dataclass, to which the types of its fields make no difference."""
    makers = [getattr(maker, "func", maker) for maker in node.decorator_list]
    return any("dataclass" in (getattr(m, "id", ""), getattr(m, "attr", "")) for m in makers)


def _prints_an_error(node: ast.Call) -> bool:
    """Whether it is ``print(…, file=sys.stderr)``."""
    files = [keyword.value for keyword in node.keywords if keyword.arg == "file"]
    return getattr(node.func, "id", "") == "print" and any(
        getattr(file, "attr", "") == "stderr" for file in files
    )


SPECIAL: dict[type[ast.AST], Callable] = {
    ast.AnnAssign: _Walk.visit_annotated,
    ast.AsyncFunctionDef: _Walk.visit_function,
    ast.Attribute: _Walk.visit_attribute,
    ast.Call: _Walk.visit_call,
    ast.ClassDef: _Walk.visit_class,
    ast.Constant: _Walk.visit_constant,
    ast.DictComp: _Walk.visit_comprehension,
    ast.ExceptHandler: _Walk.visit_binding,
    ast.Expr: _Walk.visit_statement,
    ast.FunctionDef: _Walk.visit_function,
    ast.GeneratorExp: _Walk.visit_comprehension,
    ast.Global: _Walk.visit_global,
    ast.If: _Walk.visit_if,
    ast.Import: _Walk.visit_import,
    ast.ImportFrom: _Walk.visit_import,
    ast.Lambda: _Walk.visit_lambda,
    ast.ListComp: _Walk.visit_comprehension,
    ast.MatchAs: _Walk.visit_binding,
    ast.MatchMapping: _Walk.visit_binding,
    ast.MatchStar: _Walk.visit_binding,
    ast.Name: _Walk.visit_name,
    ast.Pass: _Walk.visit_statement,
    ast.Raise: _Walk.visit_raise,
    ast.SetComp: _Walk.visit_comprehension,
}
