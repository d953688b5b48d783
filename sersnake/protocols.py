"""Protocols: which utterances of a fold are trained on and which are tested on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError

PROTOCOLS = ("random_split", "leave_one_session_out")


def make_folds(
    manifest: pd.DataFrame, protocol: str, *, repeats: int, test_share: float, seed: int
) -> pd.DataFrame:
    """Assigns every utterance to the training or the test part of every fold.

    Args:
        manifest: Utterances with their emotion and session.
        protocol: ``random_split`` (repeated, stratified by emotion: speakers stand on both
            sides) or ``leave_one_session_out`` (as many folds as sessions).
        repeats: Splits of ``random_split``.
        test_share: Share of the utterances in the test part of ``random_split``.
        seed: Seed of ``random_split``.

    Returns:
        Columns fold ("0", "1", …), utterance, part ("train" or "test").

    Raises:
        SersnakeError: The corpus cannot be split in this way.
    """
    emotions = manifest["emotion"].to_numpy(str)
    if protocol == "random_split":
        parts = _random_splits(emotions, repeats, test_share, seed)
    elif protocol == "leave_one_session_out":
        parts = _session_splits(manifest["session"].to_numpy(str))
    else:
        raise SersnakeError(f"protocol: {protocol!r} is not one of {', '.join(PROTOCOLS)}")
    utterances = manifest["utterance"].to_numpy(str)
    folds = [
        pd.DataFrame(
            {"fold": str(fold), "utterance": utterances, "part": np.where(test, "test", "train")}
        )
        for fold, test in enumerate(parts)
    ]
    return pd.concat(folds, ignore_index=True)


def _random_splits(
    emotions: NDArray[np.str_], repeats: int, test_share: float, seed: int
) -> Iterator[NDArray[np.bool_]]:
    from sklearn.model_selection import StratifiedShuffleSplit

    splitter = StratifiedShuffleSplit(repeats, test_size=test_share, random_state=seed)
    try:
        for _, test in splitter.split(emotions, emotions):
            yield np.isin(np.arange(len(emotions)), test)
    except ValueError as error:
        raise SersnakeError(f"random_split: the corpus cannot be split ({error})") from error


def _session_splits(sessions: NDArray[np.str_]) -> Iterator[NDArray[np.bool_]]:
    names = sorted(set(sessions))
    if len(names) < 2:
        raise SersnakeError(
            "leave_one_session_out: the corpus has a single session; choose random_split"
        )
    for name in names:
        yield sessions == name


def fold_parts(
    folds: pd.DataFrame, fold: str, utterances: pd.Series
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in ``utterances`` of the fold's training and test part, ascending.

    Raises:
        SersnakeError: The fold does not exist or its utterances are not those of the corpus.
    """
    rows = folds[folds["fold"] == fold].set_index("utterance")["part"]
    if rows.empty:
        known = ", ".join(dict.fromkeys(folds["fold"]))
        raise SersnakeError(f"fold: there is no fold {fold!r} among {known}")
    if set(rows.index) != set(utterances):
        raise SersnakeError(
            f"fold {fold} and the manifest name different utterances: make the folds again"
        )
    parts = rows.loc[utterances].to_numpy(str)
    return np.flatnonzero(parts == "train"), np.flatnonzero(parts == "test")
