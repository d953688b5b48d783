"""The pages for people, and what stands fenced in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RECORDS = DOCS / "results"
README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "config" / "README.md",
    *sorted(DOCS.rglob("*.md")),
]
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
# Written by `sersnake record`.
BY_HAND = [page for page in PAGES if page.parent.parent != RECORDS and page.name != "records.md"]


def name_of(page: Path) -> str:
    """A page as a test's name."""
    return page.relative_to(ROOT).as_posix()


def fenced(language: str) -> list[tuple[Path, str]]:
    """Each block of a language, with its page."""
    block = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(page, text) for page in PAGES for text in block.findall(page.read_text("utf-8"))]


def calls(program: str) -> list[tuple[Path, str]]:
    """Each call of a program that a page shows in a shell, on one line, with its page."""
    lines = [
        (page, line.removeprefix("$ "))
        for language in ("console", "sh")
        for page, text in fenced(language)
        for line in text.replace("\\\n", " ").splitlines()
        if line.startswith("$ ") or language == "sh"
    ]
    first = re.compile(rf"(?:^|\| )(?:\.venv/bin/)?({program} .*?)(?= \||$)")
    return [(page, match[1]) for page, line in lines for match in first.finditer(line)]
