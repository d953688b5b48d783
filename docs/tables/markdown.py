"""Tables and sentences as Markdown."""

from __future__ import annotations

import re
import textwrap

WIDTH = 118  # characters of a line


def as_markdown(made: list[list[str]] | list[str]) -> str:
    """A table, of which the first row is the header, or sentences in lines of the pages' width."""
    lines = [as_sentence(part) if isinstance(part, str) else as_row(part) for part in made]
    if not isinstance(made[0], str):
        lines.insert(1, "|" + "---|" * len(made[0]))
    return "\n".join(lines) + "\n\n"


def as_row(cells: list[str]) -> str:
    """A row of a table."""
    return "|" + "|".join(map(as_cell, cells)) + "|"


def as_cell(text: str) -> str:
    """A cell whose lines break neither within an interval nor within a pair of numbers alone."""
    text = re.sub(r"(?<=\d) to (?=-?\d)", "\u00a0to\u00a0", text)
    text = re.sub(r"^([\d.]+) / ([\d.]+)$", "\\1\u00a0/\u00a0\\2", text)
    return f" {text} " if text else " "


def as_sentence(text: str) -> str:
    """Lines of a sentence, indented below the mark of a list."""
    mark = re.match(r"\d\. |- |", text)[0]
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * len(mark), break_on_hyphens=False)
