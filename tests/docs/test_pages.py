"""Pages for people: links lead somewhere, and abbreviations are expanded before they are used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import BY_HAND, FENCED, PAGES, README, name_of

LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
GLOSSARY = "method.md#glossary"
# What expands an abbreviation; a link to the glossary expands all.
ABBREVIATIONS = {
    "WA": "weighted accuracy",
    "UA": "unweighted accuracy",
    "ACLN": "attention-based convolution long short-term memory network",
    "ALF": "automatically learned features",
    "CE": "cross entropy",
    "ECE": "expected calibration error",
    "ELF": "empirically learned features",
    "ELM": "extreme learning machine",
    "FCN": "fully connected network",
    "HE": "hard.example",
    "LDA": "linear discriminant analysis",
    "MFCC": "mel-frequency cepstral coefficients",
    "MLP": "multilayer perceptron",
    "SVM": "support vector machine",
}
NEAR = 90  # characters between an abbreviation and what expands it behind it


def slugs(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    lines = FENCED.sub("", page.read_text(encoding="utf-8")).splitlines()
    heads = [line.lstrip("#").strip() for line in lines if line.startswith("#")]
    kept = [re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", head)) for head in heads]
    return {head.lower().replace(" ", "-") for head in kept}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for path, anchor in LINK.findall(text):
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page}: {path}"
        if anchor and target.suffix == ".md":
            assert anchor[1:] in slugs(target), f"{page}: {path}{anchor}"


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").split()) <= 700


@pytest.mark.parametrize("page", BY_HAND, ids=name_of)
def test_an_abbreviation_is_expanded_where_a_page_first_uses_it(page: Path) -> None:
    text = prose(page)
    expanded = [text.find(GLOSSARY)] if GLOSSARY in text else []
    late = []
    for short, long in ABBREVIATIONS.items():
        if used := re.search(rf"\b{short}s?\b", text):
            places = [*expanded, at(long, text)]
            if not any(0 <= place < used.end() + NEAR for place in places):
                late.append(short)
    assert late == []


def at(words: str, text: str) -> int:
    """Where words stand first in a text, or -1."""
    match = re.search(words, text, re.IGNORECASE)
    return match.start() if match else -1


def prose(page: Path) -> str:
    """A page without its code, and with its headings, as one line."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"^(    .*\n)+|^<!-- made by.*\Z", "", text, flags=re.DOTALL | re.MULTILINE)
    return " ".join(re.sub(r"`[^`]*`", "", text).split())
