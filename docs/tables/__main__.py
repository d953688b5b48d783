"""Writes the tables of the pages from the records, so that no number is copied by hand.

Usage: ``python docs/tables`` after a record was made again; ``--check`` names the pages that it
would change. What a page holds between ``<!-- table: NAME -->`` and ``<!-- end -->`` is what the
function NAME of the page's module here returns: rows, of which the first is the header, or
sentences.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib import import_module
from pathlib import Path

from markdown import as_markdown
from reading import RECORDS

from sersnake.io import write_text

ROOT = RECORDS.parents[1]
BLOCK = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


def renewed(page: Path, text: str) -> str:
    """A page with its tables as the records have them."""

    def block(match: re.Match[str]) -> str:
        table = getattr(import_module(page.stem.lower()), match[1])
        return match[1] + match[2] + as_markdown(table())

    return BLOCK.sub(block, text)


def main() -> int:
    """Writes, or checks, all pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a page differs"
    )
    arguments = parser.parse_args()
    pages = [ROOT / "README.md", *sorted(RECORDS.glob("*.md"))]
    old = {page: page.read_text(encoding="utf-8") for page in pages}
    changed = {page: text for page in pages if (text := renewed(page, old[page])) != old[page]}
    for page, text in changed.items():
        print(page.relative_to(ROOT))
        if not arguments.check:
            write_text(page, text)
    return int(arguments.check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
