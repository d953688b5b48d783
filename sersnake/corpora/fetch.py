"""A corpus from its archive on the web to its folder on disk: whole or absent.

No hash of an archive is published, so each unpacked recording is checked against its own hash.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from sersnake.errors import SersnakeError
from sersnake.io import hash_file
from sersnake.io.words import some

# The address that EMODB's authors give as the source of their own re-publication (audEERING's audb
# database "emodb"). It has 2103 files, 41 MB, unpacked 48 MB; there is none over https.
EMODB = "http://emodb.bilderbar.info/download/download.zip"
LARGEST = 200_000_000  # bytes of an archive, and of all files in it together
CHUNK = 65_536  # bytes
STEP = 4_000_000  # bytes from one line of progress to the next
NAMED = 3  # files that a message names
REMEDY = "no file was kept; try again later or give another address with --url"


def is_whole(folder: Path, hashes: Mapping[str, str]) -> bool:
    """Whether a folder holds all recordings.

    Args:
        folder: The corpus' folder.
        hashes: sha256 of each recording by its path below ``folder``.

    Returns:
        False if the folder is missing or empty.

    Raises:
        SersnakeError: The folder has other content, which must not be overwritten.
    """
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return False
    if fault := _faults(folder, hashes):
        raise SersnakeError(
            f"{folder}: exists, but {fault}; move it away and call again to download the corpus"
        )
    return True


def fetch(url: str, folder: Path, hashes: Mapping[str, str]) -> None:
    """Downloads a corpus, unpacks it, checks every recording, and puts it in its place.

    Args:
        url: Address of a zip archive, http or https.
        folder: The corpus' folder, missing or empty.
        hashes: sha256 of each recording by its path below ``folder``.

    Raises:
        SersnakeError: The download failed, or the archive, or a recording in it, is not what it
            should be. Nothing is left on the disk.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
        archive, unpacked = Path(temporary, "archive.zip"), Path(temporary, folder.name)
        _download(url, archive)
        try:
            _unpack(archive, unpacked)
        except (BadZipFile, EOFError, RuntimeError, ValueError, zlib.error) as error:
            raise SersnakeError(
                f"{url}: is not an intact zip archive ({error}); {REMEDY}"
            ) from error
        if fault := _faults(unpacked, hashes):
            raise SersnakeError(f"{url}: {fault}; {REMEDY}")
        unpacked.replace(folder)


class _Progress:
    """Prints the progress of a download: pooch sets the total and reports every chunk."""

    total = 0  # bytes; 0 where the server does not say
    have = 0

    def update(self, size: int) -> None:
        lines, self.have = self.have // STEP, self.have + size
        if self.have > LARGEST:
            raise ValueError(f"sends more than {LARGEST / 1e6:g} MB")
        if self.have // STEP > lines:
            total = f" of {self.total / 1e6:.0f}" if self.total else ""
            print(f"{self.have / 1e6:.0f}{total} MB", file=sys.stderr, flush=True)

    def reset(self) -> None:
        """Begins anew; pooch then reports the whole file at once."""
        self.have = 0

    def close(self) -> None:
        """Required by pooch."""


def _download(url: str, path: Path) -> None:
    from pooch import HTTPDownloader
    from requests import RequestException

    try:
        HTTPDownloader(_Progress(), CHUNK)(url, str(path), None)
    except (RequestException, ValueError) as error:  # ValueError: some invalid addresses
        raise SersnakeError(f"{url}: {_reason(error)}; {REMEDY}") from error


def _reason(error: BaseException) -> str:
    """Why a download failed: the server's status, or the first error that led to this one."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP {response.status_code} {response.reason}"
    proxy = "the proxy: " if type(error).__name__ == "ProxyError" else ""
    while error.__context__:
        error = error.__context__
    return f"{proxy}{getattr(error, 'strerror', None) or error}"


def _unpack(archive: Path, folder: Path) -> None:
    """Unpacks an archive that may be hostile; zipfile writes no more than an entry declares."""
    with ZipFile(archive) as zipped:
        entries = zipped.infolist()
        if sum(entry.file_size for entry in entries) > LARGEST:
            raise BadZipFile(f"it unpacks to more than {LARGEST / 1e6:g} MB")
        for entry in entries:
            path = PurePosixPath(entry.filename)
            if path.is_absolute() or ".." in path.parts:
                raise BadZipFile(f"entry {entry.filename!r} points out of the folder")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise BadZipFile(f"entry {entry.filename!r} is a link")
            if entry.header_offset < 0:
                raise BadZipFile("its beginning is missing")
        zipped.extractall(folder)


def _faults(folder: Path, hashes: Mapping[str, str]) -> str:
    """Which recordings are missing or altered, as text; empty if none is."""
    present = [name for name in hashes if (folder / name).is_file()]
    missing = sorted(set(hashes).difference(present))
    altered = [name for name in present if hash_file(folder / name) != hashes[name]]
    return " and ".join(
        f"{len(names)} of {len(hashes)} recordings {what} ({some(names, NAMED)})"
        for names, what in ((missing, "are missing"), (altered, "are not as published"))
        if names
    )
