"""Folds of several joined corpora: across them, and within each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pandas as pd

from sersnake.protocols.groups import count_groups, count_names
from sersnake.protocols.splits import (
    TEST,
    TRAIN,
    UNUSED,
    Parts,
    count_disjoint_folds,
    disjoint_folds,
    keep_recordings_apart,
)
from sersnake.settings.protocol import Protocol


def corpus_pairs(manifest: pd.DataFrame, protocol: Protocol) -> Iterator[Parts]:
    """One corpus is the training set, another one the test set; the rest is unused."""
    corpora = manifest["corpus"].to_numpy(str)
    for trained, tested in permutations(np.unique(corpora), 2):
        parts = np.select([corpora == trained, corpora == tested], [TRAIN, TEST], UNUSED)
        parts = parts.astype(np.int8)
        keep_recordings_apart(parts, manifest)
        yield parts


def count_corpus_pairs(manifest: pd.DataFrame, protocol: Protocol) -> int:
    """How many folds :func:`corpus_pairs` makes.

    Raises:
        SersnakeError: There is one corpus only.
    """
    corpora = count_groups(manifest, "corpus", protocol)
    return corpora * (corpora - 1)


def within_corpus(manifest: pd.DataFrame, protocol: Protocol) -> Iterator[Parts]:
    """One speaker or group of them is the test set, the rest of its corpus the training set."""
    for rows in _rows_of_corpora(manifest):
        for of_corpus in disjoint_folds(manifest.iloc[rows], protocol):
            parts = np.full(len(manifest), UNUSED, np.int8)
            parts[rows] = of_corpus
            yield parts


def count_within_corpus(manifest: pd.DataFrame, protocol: Protocol) -> int:
    """How many folds :func:`within_corpus` makes.

    Raises:
        SersnakeError: A corpus knows no speakers, or too few.
    """
    count_names(manifest, "corpus", protocol)
    rows = _rows_of_corpora(manifest)
    return sum(count_disjoint_folds(manifest.iloc[of_corpus], protocol) for of_corpus in rows)


def _rows_of_corpora(manifest: pd.DataFrame) -> list[np.ndarray]:
    corpora = manifest["corpus"].to_numpy(str)
    return [np.flatnonzero(corpora == name) for name in np.unique(corpora)]
