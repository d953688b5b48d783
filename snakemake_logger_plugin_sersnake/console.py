"""Lines on a stream and, where it is a terminal, a bar below them."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

RED, PLAIN = "\033[31m", "\033[0m"
ERASE = "\r\033[2K"  # to the start of the line, and empty it
BAR = 24


class Console:
    """Prints lines; in a file without any control character.

    Attributes:
        is_terminal: Whether a bar is shown.
    """

    def __init__(self, stream: TextIO, colour: bool = True) -> None:
        """Takes the stream, and whether a terminal may show errors in red."""
        self.stream = stream
        self.is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = colour and self.is_terminal and "NO_COLOR" not in os.environ
        self.bar = ""

    def print(self, text: str, error: bool = False) -> None:
        """Prints a text above the bar."""
        if not text or text == "None":
            return
        text = f"{RED}{text}{PLAIN}" if error and self.colour else text
        self.stream.write(f"{ERASE if self.bar else ''}{text}\n{self.bar}")
        self.stream.flush()

    def show(self, done: int, total: int, text: str) -> None:
        """Shows how many of many are done, on a terminal."""
        if not self.is_terminal:
            return
        filled = BAR * done // max(total, 1)
        line = f"{'█' * filled}{'░' * (BAR - filled)} {done}/{total} {text}"
        self.stream.write(ERASE if self.bar else "")
        self.bar = line[: shutil.get_terminal_size().columns - 1]
        self.stream.write(self.bar)
        self.stream.flush()

    def clear(self) -> None:
        """Takes the bar away."""
        if self.bar:
            self.bar = ""
            self.stream.write(ERASE)
            self.stream.flush()
