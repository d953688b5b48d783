"""Folds as a data frame: made from a manifest, described, and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.words import count, some
from sersnake.protocols.groups import corpus_name
from sersnake.protocols.nested import inner_folds, inner_names
from sersnake.protocols.splits import PARTS, Parts
from sersnake.settings.protocol import Protocol

MAX_ROWS = 20_000_000  # of folds.csv; about 1 GB of memory


def fold_names(frame: pd.DataFrame, protocol: Protocol) -> list[str]:
    """The folds that :func:`make_folds` will make, quickly.

    Args:
        frame: What a corpus' reader gives (:data:`sersnake.corpora.COLUMNS`), or a manifest.
        protocol: The protocol.

    Raises:
        SersnakeError: The corpus cannot be split in this way.
    """
    names = _outer_names(frame, protocol)
    if protocol.inner:
        names = inner_names(names, protocol)
    if len(names) * len(frame) > MAX_ROWS:
        raise SersnakeError(
            f"{protocol.protocol}: {count(len(names), 'fold')} of "
            f"{count(len(frame), 'utterance')} are too many to train; set fewer repeats, groups "
            "(k) or inner folds"
        )
    return names


def _outer_names(frame: pd.DataFrame, protocol: Protocol) -> list[str]:
    entry = protocol.entry
    folds = load_function(entry.folds)(frame, protocol)
    return list(folds if entry.of_file else map(str, range(folds)))


def load_function(place: str) -> Callable[..., Any]:
    """A function of a protocol's entry, ``module:function``, imported now."""
    function: Callable[..., Any] = resolve_name(place)
    return function


def split(
    manifest: pd.DataFrame, protocol: Protocol, note: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[str, Parts]]:
    """Name and parts of each fold; ``PARTS`` has the meaning of the numbers.

    Args:
        manifest: Utterances with their emotion, speaker, sentence and session.
        protocol: The protocol.
        note: Takes what a user should know, a sentence each.

    Raises:
        SersnakeError: The corpus cannot be split in this way.
    """
    fold_names(manifest, protocol)  # stops where there would be too many
    outer = _outer_folds(manifest, protocol, note)
    yield from inner_folds(outer, manifest, protocol) if protocol.inner else outer


def _outer_folds(
    manifest: pd.DataFrame, protocol: Protocol, note: Callable[[str], None]
) -> Iterator[tuple[str, Parts]]:
    make = load_function(protocol.entry.split)
    if protocol.entry.of_file:
        yield from make(manifest, protocol, note)
    else:
        yield from zip(_outer_names(manifest, protocol), make(manifest, protocol), strict=True)


def make_folds(
    manifest: pd.DataFrame,
    protocol: Protocol,
    *,
    expected: int | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Gives every utterance its part in every fold.

    Args:
        manifest: Utterances with their emotion, speaker, sentence and session.
        protocol: The protocol.
        expected: Number of folds that somebody counts on, such as a workflow that was planned
            before unusable recordings were left out.
        note: Takes what a user should know, a sentence each.

    Returns:
        Columns fold ("0", "1", …, or as a predefined file names them; "0-1" is inner fold 1 of
        fold 0), utterance, and part ("train", "test", "unused", or "validation" where a predefined
        file has such rows): a row for each utterance in each fold. What an outer fold does not
        train on is unused in its inner folds.

    Raises:
        SersnakeError: The corpus cannot be split in this way, or not into ``expected`` folds.
    """
    folds = list(split(manifest, protocol, note))
    if expected not in (None, len(folds)):
        raise SersnakeError(
            f"{protocol.protocol}: {corpus_name(manifest)} gives {count(len(folds), 'fold')}, "
            f"expected were {expected}: recordings that cannot be used are missing from its "
            "manifest; repair them or choose another protocol"
        )
    utterances = manifest["utterance"].to_numpy(object)
    return pd.DataFrame(
        {
            "fold": np.repeat(np.array([name for name, _ in folds], object), len(utterances)),
            "utterance": np.tile(utterances, len(folds)),
            "part": np.array(PARTS, object)[np.concatenate([parts for _, parts in folds])],
        }
    )


def describe_folds(
    manifest: pd.DataFrame, folds: pd.DataFrame, protocol: Protocol
) -> Iterator[str]:
    """A line per fold: sizes, and the speakers or sentences of the test set."""
    columns = protocol.entry.columns
    names = manifest.set_index("utterance")[list(columns)]
    for fold, rows in folds.groupby("fold", sort=False):
        sizes = rows["part"].value_counts()
        counted = ", ".join(f"{sizes[part]} {part}" for part in PARTS if part in sizes)
        tested = names.loc[rows.loc[rows["part"] == "test", "utterance"]]
        groups = [f"{column} {some(sorted(set(tested[column])))}" for column in columns]
        yield f"fold {fold}: {counted}" + (f"; tested: {'; '.join(groups)}" if groups else "")


def fold_parts(
    folds: pd.DataFrame, fold: str, utterances: pd.Series
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in ``utterances`` of the fold's training and test set, ascending.

    Utterances that the fold leaves unused are in neither.

    Raises:
        SersnakeError: The fold does not exist or its utterances are not those of the corpus.
    """
    rows = folds[folds["fold"] == fold].set_index("utterance")["part"]
    if rows.empty:
        known = ", ".join(dict.fromkeys(folds["fold"]))
        raise SersnakeError(f"fold: there is no fold {fold!r} among {known}")
    if len(rows) != len(utterances) or set(rows.index) != set(utterances):
        raise SersnakeError(
            f"fold {fold} and the manifest name different utterances; make the folds again"
        )
    parts = rows.loc[utterances].to_numpy(str)
    return np.flatnonzero(parts == "train"), np.flatnonzero(parts == "test")
