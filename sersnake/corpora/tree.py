"""The recordings below a folder, among other files and whatever the encoding of names."""

from __future__ import annotations

import os
from pathlib import Path

from sersnake.errors import SersnakeError

DEPTH = 4  # folders below the corpus' own; the deepest published layout has three


def wav_tree(root: Path) -> list[Path]:
    """The .wav files below a folder, sorted, without those that macOS adds (``._*``).

    Links to folders are followed, at most ``DEPTH`` folders deep.
    """
    paths: list[Path] = []
    for folder, folders, files in os.walk(root, followlinks=True):
        if len(Path(folder).relative_to(root).parts) == DEPTH:
            folders.clear()
        paths += [
            Path(folder, name)
            for name in files
            if name.lower().endswith(".wav") and not name.startswith("._")
        ]
    return sorted(paths)


def readable(path: Path) -> str:
    """A path for a message: printable, with names of old Chinese systems decoded.

    A part that is not UTF-8 is taken for GB18030, as in the archives of CASIA.
    """
    text = "/".join(_decode(os.fsencode(part)) for part in path.parts).replace("//", "/", 1)
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _decode(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", errors="backslashreplace")


def path_text(path: Path) -> str:
    """A path as text for a manifest.

    Raises:
        SersnakeError: A name is not UTF-8, as a manifest must be.
    """
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SersnakeError(
            f"{readable(path)}: the name of a folder is not UTF-8 and cannot be written to a "
            "manifest; rename it with plain letters"
        ) from None
    return text
