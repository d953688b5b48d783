"""What recordings hold, where the manifest of an audit knows only their paths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sersnake.corpora.inspection import AudioLimits, inspect_recordings
from sersnake.corpora.listing import are_files, below
from sersnake.io.words import count, some


def locate_recordings(manifest: pd.DataFrame, folder: Path) -> pd.Series:
    """Files of the recordings without sha256, by the row of their utterance.

    Segments of longer recordings are left out: what a file holds says nothing of them.

    Args:
        manifest: Columns of :func:`sersnake.protocols.audit.table.as_manifest`.
        folder: The table's folder. Paths are relative to it, or to where the audit runs.

    Returns:
        Paths, empty where there is no file.
    """
    if "path" not in manifest:
        return pd.Series(dtype=object)
    unread = manifest["path"] != ""
    for column in manifest.columns.intersection(["sha256", "start", "end"]):
        unread &= manifest[column] == ""
    paths = manifest.loc[unread, "path"]
    beside = pd.Series(below(folder, paths), index=paths.index, dtype=object)
    files = beside.where(are_files(beside), paths)
    return files.where(are_files(files), "")


def add_samples(
    manifest: pd.DataFrame,
    files: pd.Series,
    *,
    threads: int = 1,
    progress: Callable[[], None] | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Decodes recordings and adds their hashes and fingerprints.

    Args:
        manifest: Columns of :func:`sersnake.protocols.audit.table.as_manifest`.
        files: What :func:`locate_recordings` gave.
        threads: Processes that share the work.
        progress: Called after every file.

    Returns:
        The manifest with the columns sha256 and fingerprint, empty where there is no recording or
        none that can be decoded, and a sentence about each of these.
    """
    distinct = files[files != ""].unique()
    inspections = inspect_recordings(list(map(Path, distinct)), AudioLimits(), threads, progress)
    by_file = dict(zip(distinct, inspections, strict=True))
    filled = manifest.copy()
    for column in ("sha256", "fingerprint"):
        values = {file: getattr(inspection, column) for file, inspection in by_file.items()}
        if column not in filled:
            filled[column] = ""
        filled.loc[files.index, column] = [values.get(file, "") for file in files]
    missing = manifest["path"][files.index[files == ""]].tolist()
    broken = [file for file, inspection in by_file.items() if not inspection.sha256]
    notes = {"of which there is no file": missing, "that cannot be read": broken}
    return filled, [
        f"manifest: {count(len(names), 'recording')} {what} ({some(names)})"
        for what, names in notes.items()
        if names
    ]
