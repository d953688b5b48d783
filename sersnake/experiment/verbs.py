"""The code behind a verb: its function, and the options that are parsed before."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from sersnake.experiment.code import Code, Symbol


def verb_digest(code: Code, parser: argparse.ArgumentParser, also: Iterable[Symbol] = ()) -> str:
    """Digest of the code that a verb runs, and of the meaning of its options.

    The options are those of the finished parser: code that adds options counts by what it adds, and
    help texts do not count. Nor does the caller of the verb, which only returns its exit status.

    Args:
        code: The package of the verb.
        parser: The parser of the verb, whose default ``run`` is its function.
        also: What it loads by name, such as the function of a result.

    Raises:
        SersnakeError: A file that is reached is not Python.
    """
    # argparse lists a parser's options nowhere else.
    actions = parser._actions
    of_options = (called for action in actions for called in (type(action), action.type))
    callables = [parser.get_default("run"), *of_options]
    starts = [_symbol(called) for called in callables if called is not None]
    return code.digest([*starts, *also], "\n".join(map(_meaning, actions)))


def _meaning(action: argparse.Action) -> str:
    """What an option does, without the words of its help."""
    called = _symbol(action.type) if action.type else None
    choices = sorted(map(repr, action.choices or ()))
    what = (type(action).__name__, action.option_strings, action.dest, action.nargs)
    return repr((*what, action.const, action.default, action.required, choices, called))


def _symbol(called: object) -> Symbol:
    """The definition of a function or a class; the module of an object without a name."""
    name = getattr(called, "__qualname__", "").partition(".")[0]
    module = tuple(getattr(called, "__module__", "").split("."))
    return Symbol(module, name if name.isidentifier() else "")
