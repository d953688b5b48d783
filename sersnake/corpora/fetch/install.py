"""A corpus from its archive on the web to its folder on disk: all of it or nothing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from sersnake.corpora.fetch.archive import ArchiveError, unpack
from sersnake.corpora.fetch.download import Download
from sersnake.corpora.fetch.hashes import faults, sha256
from sersnake.corpora.fetch.progress import ByteProgress
from sersnake.corpora.fetch.source import Source
from sersnake.errors import SersnakeError


def is_installed(folder: Path, hashes: Mapping[str, str]) -> bool:
    """Whether a folder holds all recordings.

    Args:
        folder: The corpus' folder.
        hashes: sha256 of each recording by its path below ``folder``.

    Returns:
        False if there is nothing, or an empty folder.

    Raises:
        SersnakeError: There is something else, which must not be overwritten.
    """
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return False
    if fault := faults(folder, hashes):
        raise SersnakeError(
            f"{folder}: is already there, but {fault}; move it away and call again to download "
            "the corpus"
        )
    return True


def install(
    source: Source,
    folder: Path,
    progress: ByteProgress,
    *,
    keep_archive: bool = False,
    timeout: float = 30.0,
    pause: float = 1.0,
) -> None:
    """Downloads a corpus, unpacks it, checks every recording and puts it in its place.

    The archive is ``<folder>.zip.part`` until all has been checked. The folder appears complete
    or not at all.

    Args:
        source: Where the corpus is and what it must hold.
        folder: Its folder; there must be nothing, or an empty folder.
        progress: Where to tell how far it is.
        keep_archive: Leave the archive as ``<folder>.zip``.
        timeout: As for :class:`~sersnake.corpora.fetch.download.Download`.
        pause: As for :class:`~sersnake.corpora.fetch.download.Download`.

    Raises:
        SersnakeError: The download failed and can go on later; or the archive, or a recording in
            it, is not what it should be, and the download has been removed.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f"{folder.name}.zip.part")
    kept = part.with_name(f"{part.name}.json")
    with _locked(part, kept) as file:
        Download(source.url, file, kept, source.limits.packed, progress, timeout, pause).run()
        try:
            _put_in_place(source, file, folder, progress)
        except ArchiveError as error:
            _remove(part, kept)
            raise SersnakeError(
                f"{source.url}: {error}; the download has been removed; look for another address "
                "and give it with --url"
            ) from error
        if keep_archive:
            part.replace(folder.with_name(f"{folder.name}.zip"))
        _remove(part, kept)


def _put_in_place(
    source: Source, file: BufferedRandom, folder: Path, progress: ByteProgress
) -> None:
    """Checks the archive, unpacks it beside the folder, checks the recordings, then renames."""
    if source.sha256 and sha256(file) != source.sha256:
        raise ArchiveError(f"it has the sha256 {sha256(file)}, not the {source.sha256} demanded")
    with _emptied(folder.with_name(f".{folder.name}.unpacked")) as unpacked:
        count = unpack(file, unpacked, source.limits)
        progress.note(f"{count} files unpacked; checking the recordings")
        if fault := faults(unpacked, source.hashes()):
            raise ArchiveError(fault)
        unpacked.replace(folder)


@contextmanager
def _locked(part: Path, kept: Path) -> Iterator[BufferedRandom]:
    """Opens a download for appending and reading, so that no second process does.

    One that is still empty at the end is removed.
    """
    with part.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SersnakeError(
                f"{part}: another sersnake fetch is at work on it; wait until it has ended"
            ) from error
        except OSError:
            pass  # a file system without locks (Lustre): the hashes still tell
        try:
            yield file
        finally:
            if file.seek(0, 2) == 0:
                _remove(part, kept)


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """Gives an empty folder, and removes it with what is left in it."""
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
