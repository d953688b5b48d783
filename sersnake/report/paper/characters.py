"""What pdfLaTeX prints of a text, and how it prints the rest."""

from __future__ import annotations

import unicodedata
import warnings

from sersnake.errors import SersnakeWarning

# What pdfLaTeX prints without a package: these, and most Latin letters under these accents.
PLAIN = "ÆæØøŁłŒœßı±§©¡¿…\N{EN DASH}\N{EM DASH}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}"
ACCENTS = {"GRAVE ACCENT", "ACUTE ACCENT", "CIRCUMFLEX ACCENT", "TILDE", "MACRON", "BREVE"} | {
    *("DOT ABOVE", "DIAERESIS", "RING ABOVE", "DOUBLE ACUTE ACCENT", "CARON", "CEDILLA")
}
LAST_LATIN = "\N{LATIN SMALL LETTER Z WITH CARON}"  # of Unicode's block Latin Extended-A


def characters_of(text: str) -> str:
    """Definitions of the characters that stop pdfLaTeX: their numbers in Unicode are printed.

    Warns:
        SersnakeWarning: There are some.
    """
    unknown = sorted(character for character in set(text) if not _is_known(character))
    if not unknown:
        return ""
    message = (
        f"the document has {' '.join(unknown)}, which pdfLaTeX prints as numbers in Unicode; for "
        "the characters use the figures, or compile it by XeLaTeX with a font that has them"
    )
    warnings.warn(message, SersnakeWarning, stacklevel=3)
    codes = [f"{ord(character):04X}" for character in unknown]
    lines = [
        r"\ifdefined\pdftexversion",
        *(
            rf"\DeclareUnicodeCharacter{{{code}}}{{\mbox{{\scriptsize[U+{code}]}}}}"
            for code in codes
        ),
        r"\fi",
    ]
    return "\n".join(lines) + "\n"


def _is_known(character: str) -> bool:
    """Whether pdfLaTeX prints a character without a package."""
    letters = unicodedata.normalize("NFD", character)
    names = {unicodedata.name(accent, "").removeprefix("COMBINING ") for accent in letters[1:]}
    is_latin = letters[0].isascii() and character <= LAST_LATIN and names <= ACCENTS
    return is_latin or character in PLAIN
