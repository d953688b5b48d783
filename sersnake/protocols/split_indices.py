"""The folds of a scikit-learn splitter, by the names of the manifest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sersnake.errors import SersnakeError
from sersnake.io.words import count


def folds_of_splits(
    manifest: pd.DataFrame, splits: Iterable[tuple[ArrayLike, ArrayLike]]
) -> pd.DataFrame:
    """Names the utterances of splits, as ``cv.split(X, y)`` yields them.

    Args:
        manifest: Column utterance; its rows are those of ``X``.
        splits: Training and test set of each fold, arrays of positions from 0.

    Returns:
        Columns fold ("0", "1", …), utterance and part (train, test).

    Raises:
        SersnakeError: There is no split, or an array holds anything but positions in the manifest.
    """
    utterances = manifest["utterance"].to_numpy(object)
    tables = [
        pd.DataFrame({"fold": str(fold), "utterance": utterances[rows], "part": part})
        for fold, pair in enumerate(splits)
        for part, positions in zip(("train", "test"), pair, strict=True)
        for rows in (_checked(positions, len(utterances), fold, part),)
    ]
    if not tables:
        raise SersnakeError("splits: contains no fold; pass the result of cv.split(X, y)")
    return pd.concat(tables, ignore_index=True)


def _checked(positions: ArrayLike, utterances: int, fold: int, part: str) -> np.ndarray:
    rows = np.asarray(positions)
    if not rows.size:
        return np.empty(0, np.int64)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise SersnakeError(
            f"splits: {part} of fold {fold} is not an array of integers; pass the result of "
            "cv.split(X, y)"
        )
    if rows.min() < 0 or rows.max() >= utterances:
        raise SersnakeError(
            f"splits: {part} of fold {fold} has positions from {rows.min()} to {rows.max()}, but "
            f"the manifest has {count(utterances, 'utterance')}; pass the table that was split"
        )
    return rows
