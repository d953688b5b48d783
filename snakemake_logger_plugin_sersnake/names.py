"""Names of many things in one line."""

from __future__ import annotations

SHOWN = 3
WIDTH = 160


def few(names: list[str]) -> str:
    """The first three names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return "; ".join(names[:SHOWN]) + more


def cut(text: str) -> str:
    """A text that fits two lines of a terminal."""
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
