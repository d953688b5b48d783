"""The passages of the paper's text, as `passages.tex` has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Template

# Spelled out where a text has them first, marked by \abbr{}.
ABBREVIATIONS = {
    "ACLN": "attention-based convolutional long short-term memory network",
    "ALN": "attention-based long short-term memory network",
    "CE": "cross entropy",
    "CI": "confidence interval",
    "ECE": "expected calibration error",
    "ELM": "extreme learning machine",
    "FCN": "fully connected network",
    "HE": "hard examples",
    "LDA": "linear discriminant analysis",
    "LSTM": "long short-term memory",
    "MFCCs": "mel-frequency cepstral coefficients",
    "MLP": "multilayer perceptron",
    "ReLU": "rectified linear unit",
    "SVM": "support vector machine",
    "UA": "unweighted accuracy",
    "WA": "weighted accuracy",
}
SPOKEN_WITH_A_VOWEL = "AEFHILMNORSX"


class Passage(Template):
    """A text with fields such as ``@{name}``, since LaTeX needs the dollar."""

    delimiter = "@"


def passage(name: str, **fields: str) -> str:
    """A passage with its fields filled in."""
    return Passage(_passages()[name]).substitute(fields)


@cache
def _passages() -> dict[str, str]:
    text = Path(__file__).with_name("passages.tex").read_text(encoding="utf-8")
    _, *parts = re.split(r"^%%% (\w+)\n", text, flags=re.MULTILINE)
    return {name: _unwrapped(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _unwrapped(body: str) -> str:
    """A passage in one line, but for its formulas: fields would break lines anywhere."""
    return body.strip() if r"\begin" in body else " ".join(body.split())


def paragraph(title: str, passages: Iterable[str]) -> str:
    """Passages under a heading that stands in their first line; nothing of none."""
    text = "\n".join(filter(None, passages))
    return f"\\paragraph{{{title}}}\n{text}" if text else ""


class Speller:
    """Spells abbreviations out where they come first; a text and its abstract have one each."""

    def __init__(self) -> None:
        """Has spelled out nothing yet."""
        self._known: set[str] = set()

    def spell(self, text: str) -> str:
        r"""The text with every ``\abbr{}`` replaced, and the article before it as it sounds."""
        return re.sub(r"(\bAn? |\ban? )?\\abbr\{(\w+)\}", self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        article, short = match[1], match[2]
        known = short in self._known
        self._known.add(short)
        words = short if known else f"{ABBREVIATIONS[short]} ({short})"
        if not article:
            return words
        is_vowel = words[0] in (SPOKEN_WITH_A_VOWEL if known else "aeiou")
        return f"{article[0]}{'n' * is_vowel} {words}"
