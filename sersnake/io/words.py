"""Names and numbers as they are written in messages."""

from __future__ import annotations

from collections.abc import Iterable

NAMED = 5  # names that a message lists before it leaves the others out


def some(names: Iterable[object], limit: int = NAMED) -> str:
    """The first names of many: ``a, b, c, …``."""
    listed = [str(name) for name in names]
    return ", ".join(listed[:limit]) + (", …" if len(listed) > limit else "")


def first_of(names: Iterable[object], limit: int = NAMED, separator: str = ", ") -> str:
    """The first names of many and the number of the rest: ``a, b, c and 4 more``."""
    listed = [str(name) for name in names]
    rest = f"{separator.rstrip(', ')} and {len(listed) - limit} more"
    return separator.join(listed[:limit]) + (rest if len(listed) > limit else "")


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 fold``, ``2 folds``, ``100,000 classes``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
