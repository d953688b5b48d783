"""Unpacking of a zip archive that may be hostile: everything is checked before a file is written.

zipfile itself never writes more of an entry than the directory of the archive declares, and
checks the CRC-32 of each; so the declared sizes can be summed and relied upon.
"""

from __future__ import annotations

import shutil
import stat
import unicodedata
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sersnake.corpora.fetch.size import as_text, require_space
from sersnake.corpora.fetch.source import Limits
from sersnake.errors import SersnakeError

ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits 0, 6 and 13 of a zip entry (APPNOTE.TXT, 4.4.4)
LONGEST_NAME = 255  # bytes, of the usual file systems


class ArchiveError(SersnakeError):
    """An archive is broken or not accepted; its message does not name the archive."""


def unpack(archive: BinaryIO, folder: Path, limits: Limits) -> int:
    """Unpacks a zip archive into a folder.

    Args:
        archive: The archive, open for reading.
        folder: Where to unpack; an empty folder that exists.
        limits: What is accepted.

    Returns:
        The number of files.

    Raises:
        ArchiveError: The archive is broken or beyond a limit, or an entry is encrypted, no
            ordinary file or folder, outside the folder, or there twice.
        SersnakeError: The disk has no room.
    """
    try:
        with ZipFile(archive) as zipped:
            entries = zipped.infolist()
            _check_sizes(entries, archive.seek(0, 2), limits)
            for entry in entries:
                _check_entry(entry)
            _check_clashes(entries)
            require_space(folder, sum(entry.file_size for entry in entries))
            return sum(_write(zipped, entry, folder) for entry in entries)
    except (BadZipFile, EOFError, UnicodeDecodeError, NotImplementedError, zlib.error) as error:
        raise ArchiveError(f"it is no sound zip archive ({error})") from error


def _check_sizes(entries: Sequence[ZipInfo], packed: int, limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.files:
        raise ArchiveError(f"it has {len(entries)} entries, more than {limits.files}")
    if unpacked > limits.unpacked:
        raise ArchiveError(
            f"it unpacks to {as_text(unpacked)}, more than {as_text(limits.unpacked)}"
        )
    if unpacked > limits.ratio * packed:
        raise ArchiveError(f"it unpacks to more than {limits.ratio:g} times its size")


def _check_entry(entry: ZipInfo) -> None:
    # filename is cut at NUL, and some versions of zipfile take it from a field of its own.
    fault = _name_fault(entry.orig_filename) or _name_fault(entry.filename) or _kind_fault(entry)
    if fault:
        raise ArchiveError(f"entry {entry.orig_filename[:80]!r} {fault}")


def _name_fault(name: str) -> str:
    """What is wrong with the path of an entry, on any system; empty for a good one."""
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or "\\" in name or ":" in name:
        return "has an absolute path, a drive letter or a backslash"
    if not {"", ".", ".."}.isdisjoint(parts):
        return "has an empty part, . or .. in its path"
    if not name.isprintable() or max(len(part.encode()) for part in parts) > LONGEST_NAME:
        return "has a name that cannot be shown or is too long"
    return ""


def _kind_fault(entry: ZipInfo) -> str:
    """What is wrong with the kind of an entry; empty for a plain file or folder."""
    kind = stat.S_IFMT(entry.external_attr >> 16)  # 0 where a system without modes packed it
    if kind not in (0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG):
        return "is a link or a special file"
    if entry.header_offset < 0:
        return "is nowhere in the archive"
    if entry.flag_bits & ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "is compressed by another method than deflate"
    return ""


def _check_clashes(entries: Sequence[ZipInfo]) -> None:
    """Refuses two entries that are one file on some system (upper and lower case, accents)."""
    files = set()
    for entry in entries:
        key = _key(entry)
        if key in files:
            raise ArchiveError(f"entry {entry.filename[:80]!r} is there twice")
        if not entry.is_dir():
            files.add(key)
    for entry in entries:
        if not files.isdisjoint(_key(entry).parents):
            raise ArchiveError(f"entry {entry.filename[:80]!r} is inside a file")


def _key(entry: ZipInfo) -> PurePosixPath:
    return PurePosixPath(unicodedata.normalize("NFC", entry.filename).casefold())


def _write(zipped: ZipFile, entry: ZipInfo, folder: Path) -> int:
    """Writes one entry; gives the number of files written."""
    target = folder / entry.filename
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipped.open(entry) as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy)
    return 1
