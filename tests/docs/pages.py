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
    """Each call of a program that pages show in a shell, on one line, with the first page."""
    lines = [
        (page, line.removeprefix("$ "))
        for language in ("console", "sh")
        for page, text in fenced(language)
        for line in text.replace("\\\n", " ").splitlines()
        if line.startswith("$ ") or language == "sh"
    ]
    call = re.compile(rf"(?:^|\| )(?:\.venv/bin/)?({program} .*?)(?= \||$)")
    pages = {match[1]: page for page, line in reversed(lines) for match in call.finditer(line)}
    return [(page, call) for call, page in reversed(pages.items())]
