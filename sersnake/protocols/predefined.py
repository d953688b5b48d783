"""The protocol ``predefined``: folds of a file, checked line by line against the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.words import count, some
from sersnake.protocols.fold_file import FoldTable, fold_file_names, read_fold_file
from sersnake.protocols.splits import PARTS, TEST, TRAIN, UNUSED, Parts
from sersnake.settings.protocol import Protocol

Note = Callable[[str], None]


def predefined_names(_manifest: pd.DataFrame, protocol: Protocol) -> list[str]:
    """The folds of the protocol's file."""
    return fold_file_names(_fold_file(protocol))


def predefined_folds(
    manifest: pd.DataFrame, protocol: Protocol, note: Note
) -> Iterator[tuple[str, Parts]]:
    """Name and parts of each fold of the protocol's file.

    Args:
        manifest: Columns utterance, and path where it is known.
        protocol: With its ``fold_file``.
        note: Takes what a user should know of the file, a sentence each.

    Raises:
        SersnakeError: The file does not fit the manifest; names file, line and remedy.
    """
    table = read_fold_file(
        _fold_file(protocol), manifest["utterance"], manifest.get("path"), numbers=False
    )
    positions = pd.Index(manifest["utterance"]).get_indexer(pd.Index(table.rows["utterance"]))
    _check_known(table, positions)
    _check_once(table)
    validation = int((table.rows["part"] == "validation").sum())
    if validation:
        note(
            f"{table.source}: {count(validation, 'validation row')} used neither for training "
            "nor for testing"
        )
    codes = table.rows["part"].map({part: code for code, part in enumerate(PARTS)})
    folds, names = pd.factorize(table.rows["fold"])
    for number, name in enumerate(names):
        chosen = folds == number
        parts = np.full(len(manifest), UNUSED, np.int8)
        parts[positions[chosen]] = codes[chosen]
        _check_sides(table, name, parts)
        left_out = len(manifest) - int(chosen.sum())
        if left_out:
            utterances = count(left_out, "utterance")
            note(f"{table.source}: fold {name} leaves out {utterances}, taken as unused")
        yield name, parts


def _fold_file(protocol: Protocol) -> Path:
    if not protocol.fold_file:
        raise SersnakeError(
            "fold_file: predefined needs a CSV file (fold, utterance, part) or a folder of EmoBox; "
            "set it"
        )
    return Path(protocol.fold_file).expanduser()


def _check_known(table: FoldTable, positions: NDArray[np.intp]) -> None:
    unknown = np.flatnonzero(positions < 0)
    if len(unknown):
        names = table.rows["utterance"].iloc[unknown].unique()
        raise SersnakeError(
            f"{table.place(int(unknown[0]))}: the manifest has no {some(names)} "
            f"({count(len(names), 'utterance')}); remove the rows (also those of recordings "
            "skipped as bad), or read the corpus that the folds were made for"
        )


def _check_once(table: FoldTable) -> None:
    pairs = table.rows[["fold", "utterance"]]
    again = pairs.duplicated().to_numpy()
    if again.any():
        second = int(again.argmax())
        fold, utterance = pairs.iloc[second]
        first = int(((pairs["fold"] == fold) & (pairs["utterance"] == utterance)).argmax())
        raise SersnakeError(
            f"{table.place(second)}: {utterance} occurs in fold {fold} a second time, after "
            f"{table.place(first)}; remove one"
        )


def _check_sides(table: FoldTable, fold: str, parts: Parts) -> None:
    for code in (TRAIN, TEST):
        if not (parts == code).any():
            raise SersnakeError(
                f"{table.source}: fold {fold} has no {PARTS[code]} rows; add them or remove the "
                "fold"
            )
