"""The source files of tables and figures, by the argument names of their functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.io import Features, read_csv

# Columns that a CSV file has to have.
COLUMNS = {
    "comparisons": ("system", "against", "metric", "difference", "low", "high", "p_holm", "test"),
    "cross_corpus": (
        *("protocol", "description", "shared", "trained_on", "tested_on", "system", "metric"),
        *("value", "low", "high"),
    ),
    "curve": ("network", "system", "fold", "phase", "epoch", "wa", "ua"),
    "enrolment_curve": (
        *("system", "condition", "enrolled", "speaker", "emotion"),
        *("tested", "scored", "correct"),
    ),
    "groups": (
        *("system", "kind", "group", "speakers", "utterances", "metric"),
        *("value", "low", "high", "p"),
    ),
    "hard_index": ("network", "fold", "utterance", "hard"),
    "history": ("network", "system", "fold", "phase", "epoch", "loss"),
    "intervals": ("system", "metric", "over", "value", "low", "high"),
    "protocols": (
        "protocol",
        "folds",
        "train_share",
        "shared",
        "system",
        "metric",
        "value",
        "low",
        "high",
    ),
    "manifest": ("utterance", "emotion"),
    "metrics": ("system", "fold", "metric", "value"),
    "optimism": (
        *("network", "system", "metric", "last_epoch", "optimistic_best_epoch", "optimism"),
        *("low", "high"),
    ),
    "predictions": ("system", "fold", "emotion", "predicted"),
    "robustness": ("system", "condition", "speaker", "emotion", "tested", "correct"),
    "variants": ("variant", "option", "value"),
    "specification": ("system", "variant", "metric", "mean", "low", "high"),
}
AS_TEXT = ("variants",)  # whose values are settings, and not to be read as numbers


def read_sources(
    names: Sequence[str], files: Mapping[str, Path]
) -> dict[str, pd.DataFrame | Features]:
    """Reads the sources of a table or figure.

    Args:
        names: Names of its sources.
        files: A file per source, by its name: packed features (``.safetensors``) or a CSV file.

    Raises:
        SersnakeError: A source has no file, a file belongs to no source, or a file cannot be read.
    """
    if apart := sorted(set(names) ^ set(files)):
        raise SersnakeError(
            f"--source: {apart[0]} is {'missing' if apart[0] in names else 'not asked for'}; give "
            + " ".join(f"{name}=FILE" for name in names)
        )
    return {name: _read(name, files[name]) for name in names}


def _read(name: str, path: Path) -> pd.DataFrame | Features:
    if path.suffix == ".safetensors":
        return Features.load(path)
    return read_csv(path, COLUMNS.get(name, ()), text=name in AS_TEXT)
