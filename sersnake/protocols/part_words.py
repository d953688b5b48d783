"""The words that people have for training, test and validation set, in tables and file names."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from sersnake.errors import SersnakeError

EVALUATION = ("evaluation", "eval")
WORDS = {
    "train": ("train", "training"),
    "test": ("test", "testing", *EVALUATION),
    "unused": ("unused",),
    "validation": ("validation", "valid", "val", "dev", "devel", "development"),
}
MEANINGS = {word: part for part, words in WORDS.items() for word in words}
FILLING = frozenset(["fold", "folds", "split", "splits", "cv", "set", "list"])  # of file names


def are_parts(words: pd.Series) -> pd.Series:
    """Whether each of some words stands for a part."""
    return words.str.lower().isin(list(MEANINGS))


def read_parts(words: pd.Series, place: Callable[[int], str]) -> pd.Series:
    """The part that each word stands for: train, test, validation or unused.

    Args:
        words: As they are written, in upper or lower case.
        place: Where a word stands, by its number.

    Raises:
        SersnakeError: A word stands for no part, or evaluation stands beside test.
    """
    lower = words.str.lower()
    parts = lower.map(MEANINGS)
    if parts.isna().any():
        row = int(parts.isna().to_numpy().argmax())
        raise SersnakeError(
            f"{place(row)}: part {words.iloc[row]!r} is not one of {', '.join(WORDS)}; correct "
            "the line"
        )
    evaluation = lower.isin(EVALUATION)
    if evaluation.any() and (lower[~evaluation].map(MEANINGS) == "test").any():
        row = int(evaluation.to_numpy().argmax())
        raise SersnakeError(
            f"{place(row)}: {words.iloc[row]!r} is ambiguous if test occurs too; write test or "
            "validation"
        )
    return parts


def split_name(name: str) -> tuple[str, str] | None:
    """Fold and part in the name of a file or an array: ``fold_1/train`` gives 1 and train.

    The fold is ``0`` where the name has only a part; ``None`` where it has no part.
    """
    words = re.findall(r"[a-z]+|[0-9]+|[^\W\d_a-z]+", name.lower())
    parts = [word for word in words if word in MEANINGS]
    if len(parts) != 1:
        return None
    rest = [word for word in words if word not in FILLING and word not in MEANINGS]
    return "_".join(rest) or "0", MEANINGS[parts[0]]
