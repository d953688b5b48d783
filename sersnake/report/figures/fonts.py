"""Fonts for labels in a script that the figures' font lacks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

# Where several fonts have a character, these come first, by the beginning of the file's name.
PREFERRED = ("NotoSansCJK", "NotoSans")
BOXES = ("LastResort",)  # fonts that have a box for every character
INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # Unicode's categories of what has no glyph
ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")  # of characters' names


def add_fonts(figure: Figure) -> tuple[list[str], set[str]]:
    """Adds an installed font to texts with characters that their font lacks.

    All other texts keep their font, so a figure without such a text looks the same.

    Args:
        figure: The figure, whose texts are changed.

    Returns:
        The names of the fonts added, and the characters that no installed font has.
    """
    lacking = {text: missing for text in _texts(figure) if (missing := _missing(text))}
    names, missing = _choose(set().union(*lacking.values()))
    for text in lacking:
        text.set_fontfamily([*text.get_fontfamily(), *names])
    return names, missing


def packages_for(characters: set[str]) -> list[str]:
    """Debian's and Ubuntu's packages with fonts for these characters."""
    names = [unicodedata.name(character, "") for character in characters]
    packages = {"cjk" if name.startswith(ASIAN) else "core" for name in names}
    return [f"fonts-noto-{package}" for package in sorted(packages)]


def _texts(figure: Figure) -> list[Text]:
    for axes in figure.axes:  # the labels of ticks are written when they are asked for
        axes.get_xticklabels()
        axes.get_yticklabels()
    return figure.findobj(Text)


def _missing(text: Text) -> set[str]:
    written = {c for c in text.get_text() if unicodedata.category(c) not in INVISIBLE}
    if all(map(str.isascii, written)):
        return set()
    font = FT2Font(font_manager.findfont(text.get_fontproperties()))
    return {character for character in written if not font.get_char_index(ord(character))}


def _choose(missing: set[str]) -> tuple[list[str], set[str]]:
    """Names of fonts that together cover the characters, and the characters that none covers."""
    names: list[str] = []
    for path, font in _installed() if missing else ():
        present = {character for character in missing if font.get_char_index(ord(character))}
        if present:
            font_manager.fontManager.addfont(path)
            names.append(font.family_name)
            missing = missing - present
        if not missing:
            break
    return names, missing


def _installed() -> Iterator[tuple[str, FT2Font]]:
    """The fonts on this machine, looked up anew: matplotlib's own list is as old as its cache."""
    for path in sorted(font_manager.findSystemFonts(), key=_rank):
        try:
            font = FT2Font(path)
        except (OSError, RuntimeError):  # no font, or of a kind that FreeType cannot read
            continue
        if font.scalable and not Path(path).name.startswith(BOXES):
            yield path, font


def _rank(path: str) -> tuple[int, bool, str]:
    """Preferred fonts first, regular ones before bold and italic ones, then by name."""
    name = Path(path).name
    places = (place for place, start in enumerate(PREFERRED) if name.startswith(start))
    return next(places, len(PREFERRED)), "Regular" not in name, name
