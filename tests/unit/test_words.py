"""Names in the code are the field's words, and say what they hold."""

from __future__ import annotations

import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("sersnake/**/*.py", "workflow/Snakefile", "workflow/**/*.smk")
# How something came about, not what it is: call it scores, labels, rows, message, output.
VAGUE = {"found", "own", "wanted", "there", "said", "others"}
# What is now called system, protocol and variant.
FORMER = {"arm", "arms", "ladder", "rung", "rungs", "reading", "readings"}


def names() -> Iterator[tuple[str, str]]:
    """Every name in the code and where it stands; a rule's file has Python's tokens too."""
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        with path.open("rb") as code:
            for token in tokenize.tokenize(code.readline):
                if token.type == tokenize.NAME:
                    yield f"{path.relative_to(ROOT)}:{token.start[0]}", token.string


def test_a_name_says_what_it_holds() -> None:
    vague = [f"{place}: {name}" for place, name in names() if name.strip("_") in VAGUE]
    assert not vague, "name each for what it is:\n" + "\n".join(vague)


def test_no_name_is_a_word_of_earlier_versions() -> None:
    former = [
        f"{place}: {name}" for place, name in names() if FORMER & set(name.lower().split("_"))
    ]
    assert not former, "say system, protocol or variant:\n" + "\n".join(former)
