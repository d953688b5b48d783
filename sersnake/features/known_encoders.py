"""What is known about the training data of pretrained encoders.

An encoder that was trained on the test recordings may score by memory, so every result says whether
it was. ``encoders.csv`` has a row per family: names on the hub (without the owner, ``*`` stands for
anything), a phrase on the data, the corpora that its paper names, and ``web``: whether recordings
from the web are among the data, which nobody has searched for emotional corpora. Names are spelled
out, since the paper does not cover the data on which others fine-tune a model.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from sersnake.settings.corpus import JOINED

YES, NO, UNKNOWN = "yes", "no", "unknown"
# Corpora whose name determines the recordings; a user may give any other name to anything.
PUBLISHED = ("casia", "demo", "emodb", "emovo", "iemocap", "ravdess")
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Seen:
    """Whether an encoder was trained on a corpus.

    Attributes:
        model: The encoder.
        corpus: The corpus; empty where unknown.
        answer: ``yes``, ``no`` or ``unknown``.
        family: Family of the encoder; empty, like data and source, where unknown.
        data: What it was trained on, in a phrase.
        source: The paper that says so.
    """

    model: str
    corpus: str
    answer: str
    family: str = ""
    data: str = ""
    source: str = ""


def seen(model: str, corpus: str) -> Seen:
    """Whether an encoder was trained on a corpus.

    Args:
        model: Its name on the hub, or its folder.
        corpus: Name of the corpus; of joined corpora, one that it was trained on is enough.
    """
    row = _find(Path(model).name.lower().removesuffix("-encoder"))
    if row is None:
        return Seen(printed_name(model), corpus, UNKNOWN)
    about = row["family"], row["data"], row["source"]
    return Seen(printed_name(model), corpus, _answer(row, corpus), *about)


def printed_name(model: str) -> str:
    """The encoder's name for a reader: of a folder the name, not the path."""
    return model if HUB_NAME.fullmatch(model) else Path(model).name


def _answer(row: Mapping[str, str], corpus: str) -> str:
    corpora = corpus.split(JOINED)
    if any(name and _plain(name) in row["corpora"].split(";") for name in corpora):
        return YES
    known = all(name.lower() in PUBLISHED for name in corpora)
    return NO if row["web"] == "no" and known else UNKNOWN


def _plain(corpus: str) -> str:
    """``MSP-Podcast`` as ``msppodcast``."""
    return re.sub(r"[\W_]", "", corpus.lower())


def _find(name: str) -> Mapping[str, str] | None:
    """The first row with a pattern that matches a name."""
    for row in _rows():
        if any(fnmatchcase(name, pattern) for pattern in row["pattern"].split(";")):
            return row
    return None


@cache
def _rows() -> list[dict[str, str]]:
    path = Path(__file__).with_name("encoders.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
