"""The data that the page loads at once: one list per column."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from sersnake.corpora.segments import time_text
from sersnake.report.atlas.agreement import mean_hard_index

DIGITS = 4
Columns = dict[str, list[Any]]


def utterance_columns(
    manifest: pd.DataFrame, emotions: Sequence[str], recognised: pd.Series | None
) -> Columns:
    """Name, speaker, sex, sentence, emotion (its number), duration in s, and the listeners' share.

    Args:
        manifest: One row per utterance.
        emotions: The C classes.
        recognised: Share of people who recognised the emotion, by utterance, or None.
    """
    columns: Columns = {
        "name": manifest["utterance"].tolist(),
        "speaker": manifest["speaker"].tolist(),
        "sex": manifest["sex"].tolist(),
        "sentence": manifest["sentence"].tolist(),
        "emotion": [emotions.index(name) for name in manifest["emotion"]],
        "duration": [round(float(seconds), 3) for seconds in manifest["duration"]],
    }
    if recognised is not None:
        columns["people"] = _plain(recognised.reindex(manifest["utterance"]))
    return columns


def hard_columns(hard_index: pd.DataFrame, utterances: Sequence[str]) -> dict[str, Columns]:
    """Mean hard index of every utterance, and the number of folds in which it was hard, by network.

    Args:
        hard_index: Columns network, fold, utterance, hard_index and hard.
        utterances: Names in the order of the page.
    """
    means = mean_hard_index(hard_index).reindex(list(utterances))
    columns: dict[str, Columns] = {}
    for network, rows in hard_index.groupby("network", sort=False):
        groups = rows.groupby("utterance")["hard"]
        counts = pd.DataFrame({"hard": groups.sum(), "folds": groups.size()}).reindex(
            list(utterances)
        )
        columns[str(network)] = {
            "mean": _plain(means[network]),
            "hard": counts["hard"].fillna(0).astype(int).tolist(),
            "folds": counts["folds"].fillna(0).astype(int).tolist(),
        }
    return columns


def predicted_columns(
    predictions: pd.DataFrame, utterances: Sequence[str], emotions: Sequence[str]
) -> dict[str, list[list[Any]]]:
    """Fold and predicted class of each test of an utterance, by system.

    Args:
        predictions: Columns system, fold, utterance and predicted.
        utterances: Names in the order of the page.
        emotions: The C classes.

    Returns:
        For each system one list per utterance: fold, number of the class, fold, number, …
    """
    position = {name: number for number, name in enumerate(emotions)}
    tests_by_system = {}
    for system, rows in predictions.groupby("system", sort=False):
        tests: dict[str, list[Any]] = {name: [] for name in utterances}
        columns = (rows[name].tolist() for name in ("utterance", "fold", "predicted"))
        for utterance, fold, predicted in zip(*columns, strict=True):
            tests[utterance] += [fold, position[predicted]]
        tests_by_system[str(system)] = list(tests.values())
    return tests_by_system


def mined_rows(hard_index: pd.DataFrame) -> Mapping[str, list[list[Any]]]:
    """Every row of the hard index by utterance: network, fold, m_i, c_i, h_i, hard."""
    rows_of_utterance: dict[str, list[list[Any]]] = {}
    names = ("utterance", "network", "fold", "misclassified", "epochs", "hard_index", "hard")
    for utterance, network, fold, m, c, h, hard in zip(
        *(hard_index[name].tolist() for name in names), strict=True
    ):
        row = [network, fold, int(m), int(c), round(h, DIGITS), int(hard)]
        rows_of_utterance.setdefault(utterance, []).append(row)
    return rows_of_utterance


def link(recording: Path, folder: Path, start: float = 0.0, end: float | None = None) -> str:
    """The shortest address of a recording from a page in a folder.

    Args:
        recording: The file.
        folder: The page's folder.
        start: Where an utterance begins in the file, in s; with ``end`` it is the address' fragment
            (Media Fragments URI).
        end: Where it ends, in s; None is the end of the file.
    """
    relative = os.path.relpath(recording.resolve(), folder.resolve())
    part = f"#t={time_text(start)}" if start or end else ""
    until = f",{time_text(end)}" if end else ""
    return f"{quote(Path(relative).as_posix())}{part}{until}"


def _plain(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else round(float(value), DIGITS) for value in values]
