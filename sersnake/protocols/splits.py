"""The parts of each fold, for every protocol that sersnake makes itself, and their number.

A part is a number: ``PARTS[0]`` is train, ``PARTS[1]`` test, ``PARTS[2]`` unused. ``PARTS[3]``,
validation, stands in predefined folds alone, and nothing is trained or tested on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.words import count
from sersnake.protocols.groups import (
    class_numbers,
    corpus_name,
    count_groups,
    group_numbers,
    stratified_groups,
)
from sersnake.protocols.recordings import (
    RECORDING,
    have_segments,
    independent,
    of_recordings,
    random_tests,
    with_recordings,
)
from sersnake.settings.protocol import K_FOLD, Protocol

PARTS = ("train", "test", "unused", "validation")
TRAIN, TEST, UNUSED, VALIDATION = range(4)
Parts = NDArray[np.int8]


def random_splits(manifest: pd.DataFrame, protocol: Protocol) -> Iterator[Parts]:
    """Repeated splits, stratified by emotion; a recording of several segments stays whole."""
    from sklearn.model_selection import StratifiedShuffleSplit

    emotions = class_numbers(manifest)
    _check_share(manifest, protocol)
    if have_segments(manifest):
        what = f"test_share: {corpus_name(manifest)}"
        draws = (protocol.test_share, protocol.repeats, protocol.seed)
        for test in random_tests(manifest, *draws, what):
            yield _parts(len(emotions), test)
        return
    splitter = StratifiedShuffleSplit(
        protocol.repeats, test_size=protocol.test_share, random_state=protocol.seed
    )
    for _, test in splitter.split(emotions, emotions):
        yield _parts(len(emotions), test)


def k_folds(manifest: pd.DataFrame, protocol: Protocol) -> Iterator[Parts]:
    """Every utterance is tested once; the folds are stratified by emotion.

    A recording of several segments stays whole.
    """
    from sklearn.model_selection import StratifiedKFold

    emotions = class_numbers(manifest)
    k = protocol.k or K_FOLD
    _check_classes(manifest, protocol, k)
    if have_segments(manifest):
        what = f"{protocol.protocol}: {corpus_name(manifest)}"
        grouped = with_recordings(manifest)
        numbers = stratified_groups(grouped, RECORDING, k, protocol.seed, what, "k")
        for number in range(k):
            yield _parts(len(emotions), np.flatnonzero(numbers == number))
        return
    splitter = StratifiedKFold(k, shuffle=True, random_state=protocol.seed)
    for _, test in splitter.split(emotions, emotions):
        yield _parts(len(emotions), test)


def disjoint_folds(manifest: pd.DataFrame, protocol: Protocol) -> Iterator[Parts]:
    """One speaker, sentence or session, or one group of them, is tested in each fold.

    What else is in a recording of which a segment is tested is unused.
    """
    (column,) = protocol.entry.columns
    numbers = group_numbers(manifest, column, protocol)
    for number in range(int(numbers.max()) + 1):
        parts = np.where(numbers == number, TEST, TRAIN).astype(np.int8)
        keep_recordings_apart(parts, manifest)
        if not (parts == TRAIN).any():
            name = manifest[column].iloc[int(np.argmax(parts == TEST))]
            raise SersnakeError(
                f"{protocol.protocol}: every recording of {corpus_name(manifest)} has a segment of "
                f"{column} {name}, so nothing is left to train on; choose another protocol"
            )
        yield parts


def cell_folds(manifest: pd.DataFrame, protocol: Protocol) -> Iterator[Parts]:
    """Groups of speakers times groups of sentences; what shares one of the two is unused."""
    speakers = group_numbers(manifest, "speaker", protocol)
    sentences = group_numbers(manifest, "sentence", protocol)
    for speaker, sentence in np.unique(np.stack([speakers, sentences]), axis=1).T:
        shared = (speakers == speaker).astype(int) + (sentences == sentence)
        parts = np.array([TRAIN, UNUSED, TEST], np.int8)[shared]
        keep_recordings_apart(parts, manifest)
        if not (parts == TRAIN).any():
            first = manifest.iloc[int(np.argmax(parts == TEST))]
            raise SersnakeError(
                f"{protocol.protocol}: no utterance of {corpus_name(manifest)} shares neither "
                f"speaker nor sentence with {first['utterance']} (speaker {first['speaker']}, "
                f"sentence {first['sentence']}), so nothing is left to train on; choose "
                "speaker_disjoint or sentence_disjoint"
            )
        yield parts


def whole_corpus(manifest: pd.DataFrame, _protocol: Protocol) -> Iterator[Parts]:
    """All utterances are in the training set."""
    yield np.full(len(manifest), TRAIN, np.int8)


def count_random_splits(_manifest: pd.DataFrame, protocol: Protocol) -> int:
    """How many folds :func:`random_splits` makes."""
    return protocol.repeats


def count_k_folds(_manifest: pd.DataFrame, protocol: Protocol) -> int:
    """How many folds :func:`k_folds` makes."""
    return protocol.k or K_FOLD


def count_disjoint_folds(manifest: pd.DataFrame, protocol: Protocol) -> int:
    """How many folds :func:`disjoint_folds` makes.

    Raises:
        SersnakeError: The corpus cannot be split in this way.
    """
    (column,) = protocol.entry.columns
    return count_groups(manifest, column, protocol)


def count_cell_folds(manifest: pd.DataFrame, protocol: Protocol) -> int:
    """How many folds :func:`cell_folds` makes.

    Raises:
        SersnakeError: The corpus cannot be split in this way.
    """
    if protocol.groups is None:  # no group has to be drawn, so scikit-learn is not needed
        for column in ("speaker", "sentence"):
            count_groups(manifest, column, protocol)
        return len(manifest[["speaker", "sentence"]].drop_duplicates())
    speakers = group_numbers(manifest, "speaker", protocol)
    sentences = group_numbers(manifest, "sentence", protocol)
    return len(np.unique(speakers * protocol.groups + sentences))


def count_whole_corpus(_manifest: pd.DataFrame, _protocol: Protocol) -> int:
    """How many folds :func:`whole_corpus` makes."""
    return 1


def keep_recordings_apart(parts: Parts, manifest: pd.DataFrame) -> None:
    """Takes out of a training set what is of a recording that is tested."""
    parts[(parts == TRAIN) & of_recordings(manifest, parts == TEST)] = UNUSED


def _parts(utterances: int, test: NDArray[np.int64]) -> Parts:
    parts = np.full(utterances, TRAIN, np.int8)
    parts[test] = TEST
    return parts


def _check_classes(manifest: pd.DataFrame, protocol: Protocol, least: int) -> None:
    rows, noun = independent(manifest)
    sizes = rows["emotion"].value_counts().sort_index()
    if sizes.min() < least:
        remedy = f"set k to at most {sizes.min()}" if least > 2 and sizes.min() > 1 else ""
        raise SersnakeError(
            f"{protocol.protocol}: class {sizes.idxmin()!r} of {corpus_name(manifest)} has "
            f"{count(int(sizes.min()), noun)} and cannot be split into {least}; "
            f"{remedy or 'leave the class out or choose another protocol'}"
        )


def _check_share(manifest: pd.DataFrame, protocol: Protocol) -> None:
    _check_classes(manifest, protocol, 2)
    classes = manifest["emotion"].nunique()
    test = math.ceil(protocol.test_share * len(manifest))
    if not classes <= test <= len(manifest) - classes:
        raise SersnakeError(
            f"test_share: {protocol.test_share} of {count(len(manifest), 'utterance')} puts {test} "
            f"into the test set and {len(manifest) - test} into the training set, and both need "
            f"at least one of each of the {classes} classes; set another share"
        )
