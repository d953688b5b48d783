"""Names of files as text that can be written anywhere."""

from __future__ import annotations

import re


def written(name: str) -> str:
    r"""A name as valid UTF-8 text without carriage returns.

    A byte that is not UTF-8 becomes ``\xdf``, as Python and many a shell show it, and a carriage
    return ``\x0d``, since readers of CSV do not agree about it.
    """
    shown = re.sub("[\r\udc80-\udcff]", lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", name)
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")


def in_a_line(text: str) -> str:
    r"""A message with such names, on one line: a line break becomes ``\x0a``."""
    return written(text).replace("\n", "\\x0a")
