"""Inner folds: the training set of every fold split again, to choose without its test set.

Inner folds are named ``<outer>-<inner>``, or after the outer folds that share them
(:mod:`sersnake.protocols.shared`). What is not in the training set of the outer fold is
unused in its inner folds, so nothing that is chosen by them has seen the outer test set (Varma and
Simon, Bias in error estimation when using cross-validation for model selection, BMC Bioinformatics
7, 2006).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.words import count
from sersnake.protocols.groups import (
    class_numbers,
    corpus_name,
    count_names,
    stratified_groups,
)
from sersnake.protocols.recordings import (
    RECORDING,
    have_segments,
    independent,
    random_tests,
    with_recordings,
)
from sersnake.protocols.shared import JOINT, shared_folds, shared_names
from sersnake.protocols.splits import TEST, TRAIN, UNUSED, Parts, keep_recordings_apart
from sersnake.settings.protocol import Protocol

SHARE = 0.2  # test set of a single inner split
GROUPS = round(1 / SHARE)  # of speakers, one of which is the test set of a single inner split

Folds = Iterable[tuple[str, Parts]]


def inner_names(outer: Sequence[str], protocol: Protocol) -> list[str]:
    """The inner folds of some folds, in order.

    Raises:
        SersnakeError: They are to be shared, and the folds are too few.
    """
    if protocol.shared:
        return shared_names(outer, protocol)
    return [f"{name}-{inner}" for name in outer for inner in range(protocol.inner)]


def outer_names(inner: str) -> list[str]:
    """The folds whose training sets an inner fold splits: one, or all that share it.

    Raises:
        SersnakeError: It is not the name of an inner fold.
    """
    if JOINT in inner:
        return inner.split(JOINT)
    outer, _, number = inner.rpartition("-")
    if not outer or not number.isdecimal():
        raise SersnakeError(
            f"fold {inner} is not an inner fold (<outer>-<inner>); make the folds with `inner` set"
        )
    return [outer]


def inner_folds(
    outer: Folds, manifest: pd.DataFrame, protocol: Protocol
) -> Iterator[tuple[str, Parts]]:
    """Name and parts of each inner fold.

    Speakers stay together where no outer fold shares them; else the inner folds are stratified by
    emotion alone. Segments of a recording stay together in any case.

    Args:
        outer: Name and parts of each outer fold.
        manifest: Column emotion, and speaker where speakers stay together; path where it is known.
        protocol: With its ``inner``.

    Raises:
        SersnakeError: A training set cannot be split in this way.
    """
    folds = list(outer)
    if protocol.shared:
        yield from shared_folds(folds, protocol)
        return
    by_speaker = _speakers_disjoint(folds, manifest, protocol)
    for name, parts in folds:
        train = np.flatnonzero(parts == TRAIN)
        rows = manifest.iloc[train]
        where = f"inner: the training set of fold {name} of {corpus_name(manifest)}"
        tests = (_speaker_tests if by_speaker else _stratified_tests)(rows, protocol, where)
        for inner, test in enumerate(tests):
            of_inner = np.full(len(parts), UNUSED, np.int8)
            of_inner[train] = TRAIN
            of_inner[train[test]] = TEST
            keep_recordings_apart(of_inner, manifest)
            if not (of_inner == TRAIN).any():
                raise SersnakeError(
                    f"{where}: every recording has a segment in the test set of inner fold "
                    f"{inner}, so nothing is left to train on; choose another protocol"
                )
            yield f"{name}-{inner}", of_inner


def _speakers_disjoint(
    folds: list[tuple[str, Parts]], manifest: pd.DataFrame, protocol: Protocol
) -> bool:
    """Whether the outer folds keep speakers apart: by their protocol, or as they were given."""
    if not protocol.entry.of_file:
        return "speakers" in protocol.claims
    if "speaker" not in manifest or (manifest["speaker"] == "").any():
        return False
    speakers = manifest["speaker"].to_numpy(object)
    return not any(set(speakers[p == TRAIN]) & set(speakers[p == TEST]) for _, p in folds)


def _speaker_tests(
    rows: pd.DataFrame, protocol: Protocol, where: str
) -> Iterator[NDArray[np.intp]]:
    """Positions of the test set of each inner fold; a speaker is in one of them."""
    speakers = count_names(rows, "speaker", protocol)
    needed = max(protocol.inner, 2)
    if speakers < needed:
        most = f"set inner to at most {speakers}" if speakers > 1 else "choose another protocol"
        raise SersnakeError(
            f"{where} has {count(speakers, 'speaker')}, and {needed} are needed; {most}"
        )
    groups = protocol.inner if protocol.inner > 1 else min(GROUPS, speakers)
    numbers = stratified_groups(rows, "speaker", groups, protocol.seed, where, "inner")
    for number in range(protocol.inner):
        yield np.flatnonzero(numbers == number)


def _stratified_tests(
    rows: pd.DataFrame, protocol: Protocol, where: str
) -> Iterator[NDArray[np.intp]]:
    """Positions of the test set of each inner fold, stratified by emotion."""
    from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

    _check_classes(rows, protocol, where)
    emotions, seed = class_numbers(rows), protocol.seed
    if have_segments(rows):
        yield from _recording_tests(rows, protocol, where)
        return
    splitter = (
        StratifiedKFold(protocol.inner, shuffle=True, random_state=seed)
        if protocol.inner > 1
        else StratifiedShuffleSplit(1, test_size=SHARE, random_state=seed)
    )
    for _, test in splitter.split(emotions, emotions):
        yield test


def _recording_tests(
    rows: pd.DataFrame, protocol: Protocol, where: str
) -> Iterator[NDArray[np.intp]]:
    """Positions of the test set of each inner fold; a recording is in one of them."""
    if protocol.inner == 1:
        yield from random_tests(rows, SHARE, 1, protocol.seed, where)
        return
    grouped = with_recordings(rows)
    numbers = stratified_groups(grouped, RECORDING, protocol.inner, protocol.seed, where, "inner")
    for number in range(protocol.inner):
        yield np.flatnonzero(numbers == number)


def _check_classes(rows: pd.DataFrame, protocol: Protocol, where: str) -> None:
    """Stops where a class is too small for every inner fold to have it on both sides."""
    independents, noun = independent(rows)
    sizes = independents["emotion"].value_counts().sort_index()
    least, smallest = max(protocol.inner, 2), int(sizes.min())
    if smallest < least:
        remedy = f"set inner to at most {smallest}" if smallest > 1 else "leave the class out"
        raise SersnakeError(
            f"{where} has {count(smallest, noun)} of class {sizes.idxmin()!r}, which cannot "
            f"be split into {least}; {remedy}"
        )
    if protocol.inner == 1 and math.ceil(SHARE * len(rows)) < len(sizes):
        raise SersnakeError(
            f"{where} has {count(len(rows), 'utterance')}, and a fifth of them cannot hold each of "
            f"{len(sizes)} classes; set inner to 2 or more"
        )
