"""Degraded copies of recordings: more to train on, or another test set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.fold import FoldData, Positions
from sersnake.fusion.origin import Origin
from sersnake.fusion.scaling import Blocks


def with_copies(fold: FoldData, copies: Mapping[str, Blocks]) -> FoldData:
    """Appends degraded copies of the training utterances to a fold; the test set is unchanged.

    A copy has the label, speaker and group of its utterance, so no inner fold separates them. For
    scaling by speaker, each condition of a speaker is a voice of its own: the condition's offset is
    removed with the speaker's, as it is for test speakers enrolled under that condition.

    Args:
        fold: Of N utterances.
        copies: Features of all N under each condition, by its name.

    Raises:
        SersnakeError: The copies have other features than the fold.
    """
    if not copies:
        return fold
    for name, blocks in copies.items():
        _check(name, blocks, fold)
    count, voices = len(fold.emotions), fold.origin.voices
    every = [fold.blocks, *copies.values()]
    blocks = {name: np.concatenate([each[name] for each in every], axis=1) for name in fold.blocks}
    named = [np.where(voices == "", "", np.char.add(voices, f" ({name})")) for name in copies]
    speakers, groups = (np.tile(each, len(every)) for each in fold.origin[:2])
    return FoldData(
        blocks,
        np.tile(fold.emotions, len(every)),
        Origin(speakers, groups, np.concatenate([voices, *named])),
        copied_rows(fold.train, count, len(copies)),
        fold.test,
    )


def copied_rows(rows: Positions, count: int, copies: int) -> NDArray[np.int64]:
    """Positions of some of ``count`` utterances and of their copies, condition by condition."""
    return np.concatenate([rows + count * number for number in range(copies + 1)])


def with_test_set(fold: FoldData, condition: str, degraded: Blocks) -> FoldData:
    """A fold whose test set, with the enrolled utterances in it, is degraded by a condition.

    Args:
        fold: Of N utterances, or of more with copies appended.
        condition: Its name, for the message.
        degraded: Features of the N utterances under this condition.

    Raises:
        SersnakeError: The degraded features are not those of the fold.
    """
    _check(condition, degraded, fold)
    blocks = {name: block.copy() for name, block in fold.blocks.items()}
    for name, block in blocks.items():
        block[:, fold.test] = degraded[name][:, fold.test]
    return fold._replace(blocks=blocks)


def _check(condition: str, degraded: Blocks, fold: FoldData) -> None:
    """Refuses other features than the fold's."""
    shapes = [
        {name: (len(block), block.shape[2]) for name, block in blocks.items()}
        for blocks in (degraded, fold.blocks)
    ]
    if shapes[0] != shapes[1]:
        raise SersnakeError(
            f"{condition}: the degraded copies must have the classifier's features in the same "
            "order: packed features, embeddings, and late ones"
        )
