"""Groups of utterances that stay together: those of a speaker, a sentence or a session."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.corpora.base import title_of
from sersnake.errors import SersnakeError
from sersnake.io.words import count, some
from sersnake.settings.protocol import Protocol

PLURALS = {"corpus": "corpora"}


def corpus_name(manifest: pd.DataFrame) -> str:
    """The corpus as a message calls it."""
    named = "corpus" in manifest.columns and len(manifest)
    return title_of(manifest) if named else "the corpus"


def count_groups(manifest: pd.DataFrame, column: str, protocol: Protocol) -> int:
    """How many groups a column has: ``k``, or one per name.

    Raises:
        SersnakeError: The corpus does not know the column's names, or has too few of them.
    """
    names = count_names(manifest, column, protocol)
    needed = protocol.groups or 2
    if names < needed:
        raise SersnakeError(
            f"{protocol.protocol}: {corpus_name(manifest)} has {count(names, column)}, and "
            f"{needed} are needed; "
            + (f"set k to at most {names}" if names > 1 else "choose another protocol")
        )
    return protocol.groups or names


def count_names(manifest: pd.DataFrame, column: str, protocol: Protocol) -> int:
    """How many names a column has.

    Raises:
        SersnakeError: The column is missing, or empty for an utterance.
    """
    corpus = corpus_name(manifest)
    remedy = f"fill the column {column} of its manifest or choose another protocol"
    unknown = manifest["utterance"][manifest[column] == ""] if column in manifest else None
    if unknown is None or len(unknown) == len(manifest):
        plural = PLURALS.get(column, f"{column}s")
        raise SersnakeError(f"{protocol.protocol}: {corpus} knows no {plural}; {remedy}")
    if len(unknown):
        raise SersnakeError(
            f"{protocol.protocol}: {count(len(unknown), 'utterance')} of {corpus} without a "
            f"{column} ({some(unknown)}); {remedy}"
        )
    return int(manifest[column].nunique())


def group_numbers(manifest: pd.DataFrame, column: str, protocol: Protocol) -> NDArray[np.int64]:
    """The group of each utterance, from 0, in the order of the names where each has its own.

    Raises:
        SersnakeError: As :func:`count_groups`, or a group would stay empty.
    """
    count_groups(manifest, column, protocol)
    numbers = _sorted_codes(manifest[column])
    if protocol.groups is None:
        return numbers
    setting = f"{protocol.protocol}: {corpus_name(manifest)}"
    return stratified_groups(manifest, column, protocol.groups, protocol.seed, setting, "k")


def class_numbers(manifest: pd.DataFrame) -> NDArray[np.int64]:
    """The class of each utterance, from 0, in the order of the alphabet."""
    return _sorted_codes(manifest["emotion"])


def _sorted_codes(names: pd.Series) -> NDArray[np.int64]:
    return pd.factorize(names.to_numpy(object), sort=True)[0]


def stratified_groups(
    manifest: pd.DataFrame, column: str, k: int, seed: int, what: str, key: str
) -> NDArray[np.int64]:
    """The group of each utterance, from 0, where the names of a column are drawn into ``k``.

    Args:
        manifest: Columns emotion and ``column``.
        column: What a group does not share with another.
        k: Number of groups.
        seed: Seed of the draw.
        what: What is put into groups, as an error calls it.
        key: The option that sets ``k``, as an error calls it.

    Raises:
        SersnakeError: A group would stay empty.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    emotions, names = class_numbers(manifest), _sorted_codes(manifest[column])
    numbers = np.empty(len(names), np.int64)
    try:
        with warnings.catch_warnings():  # a test set without a class is a matter of the audit
            warnings.simplefilter("ignore", UserWarning)
            for number, (_, test) in enumerate(splitter.split(names, emotions, names)):
                numbers[test] = number
    except ValueError as error:
        raise SersnakeError(
            f"{what} cannot be put into {k} groups of {column}s ({error}); set a smaller {key}"
        ) from error
    if len(np.unique(numbers)) < k:
        raise SersnakeError(
            f"{what}: one of the {k} groups of {column}s stays empty; set a smaller {key}"
        )
    return numbers
