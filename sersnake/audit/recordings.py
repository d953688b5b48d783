"""What recordings hold, where the manifest of an audit knows only their paths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sersnake.corpora.listing import are_files, below
from sersnake.inspection import AudioLimits, inspect_recordings
from sersnake.protocols.words import count, some


def locate_recordings(manifest: pd.DataFrame, folder: Path) -> pd.Series:
    """Paths of the recordings that have to be read, by the row of their utterance.

    Those are the ones without sha256 whose file is there, relative to the table's folder or to the
    one where the audit runs. Segments of longer recordings are left out: what a file holds says
    nothing of them.

    Args:
        manifest: Columns of :func:`sersnake.audit.table.as_manifest`.
        folder: The table's folder.
    """
    if "path" not in manifest:
        return pd.Series(dtype=object)
    unread = manifest["path"] != ""
    for column in ("sha256", "start", "end"):
        if column in manifest:
            unread &= manifest[column] == ""
    paths = manifest.loc[unread, "path"]
    beside = pd.Series(below(folder, paths), index=paths.index, dtype=object)
    beside = beside.where(are_files(beside), paths)
    return beside[are_files(beside)]


def add_samples(
    manifest: pd.DataFrame,
    paths: pd.Series,
    *,
    threads: int = 1,
    progress: Callable[[], None] | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Decodes recordings and adds their hashes and fingerprints.

    Args:
        manifest: Columns of :func:`sersnake.audit.table.as_manifest`.
        paths: What :func:`locate_recordings` gave.
        threads: Processes that share the work.
        progress: Called after every file.

    Returns:
        The manifest with the columns sha256 and fingerprint, empty where a recording is not there
        or cannot be decoded, and a sentence about those that cannot.
    """
    files = paths.unique()
    inspections = inspect_recordings(list(map(Path, files)), AudioLimits(), threads, progress)
    by_file = dict(zip(files, inspections, strict=True))
    filled = manifest.copy()
    for column in ("sha256", "fingerprint"):
        values = paths.map(lambda path, name=column: getattr(by_file[path], name))
        known = manifest.get(column, pd.Series("", index=manifest.index, dtype=object))
        filled[column] = values.reindex(manifest.index).fillna(known)
    broken = [file for file in files if not by_file[file].sha256]
    cannot = f"{count(len(broken), 'recording')} cannot be decoded ({some(broken)})"
    return filled, [cannot] * bool(broken)
