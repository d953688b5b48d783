"""Lengths in the headers of recordings, which a program that writes to a pipe cannot know."""

from __future__ import annotations

import io
import math
import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"

# Near these is what stands for an unknown length: 0x7f000000 and 0x7ffff000 (SoX), 0x80000000
# (arecord), 0xffffffff (ffmpeg), some with the header taken off; with 64 bits in RF64 and CAF.
POWERS = tuple(2**bits for bits in (31, 32, 63, 64))
PLACEHOLDER_SPAN = 1 << 25

# Factor by which an MP3 must look longer than it is for a decoder's guess of its length to be long
# enough: more than the ratio of the largest bit rate (320 kbit/s) to the smallest (8).
BIT_RATES = 64

SPHERE_LENGTH = (b"sample_count", b"channel_count", b"sample_n_bytes")

TAG = 128  # bytes of an ID3v1 tag, the last of a file

SHORTEST = 8  # bytes of samples; a header that claims fewer does not know them either


class CutOffError(Exception):
    """The file ends before its samples do; the text says how much of them there is."""


@dataclass(frozen=True)
class _Layout:
    """How a container lists its chunks.

    Attributes:
        first: Where the first chunk begins.
        head: Name and length of a chunk, as a format of struct.
        name: Of the chunk that holds the samples.
        counted: Bytes of the head that the length includes.
        align: Chunks are padded to multiples of this.
    """

    first: int
    head: str
    name: bytes
    counted: int = 0
    align: int = 2


_LAYOUTS = {
    b"RIFF": _Layout(12, "<4sI", b"data"),
    b"RIFX": _Layout(12, ">4sI", b"data"),
    b"RF64": _Layout(12, "<4sI", b"data"),
    b"FORM": _Layout(12, ">4sI", b"SSND"),
    b"caff": _Layout(8, ">4sQ", b"data", align=1),
    b"riff": _Layout(40, "<16sQ", W64_DATA, counted=24, align=8),
}


@dataclass(frozen=True)
class _Claim:
    """The length of the samples as the header states it.

    Attributes:
        offset: Where it is written.
        kind: Its format of struct.
        start: Where the samples begin.
        length: Bytes of samples.
        counted: Bytes by which the written number is larger.
        empty: Other chunks follow to the end of the file, so that there are no samples.
        unpadded: Where the padding byte of a chunk before it is missing; else 0.
    """

    offset: int
    kind: str
    start: int
    length: int
    counted: int = 0
    empty: bool = False
    unpadded: int = 0


def mended(file: io.FileIO, size: int) -> MendedFile | None:
    """Mends a recording whose header lacks its length.

    Args:
        file: A recording.
        size: Its length in bytes.

    Returns:
        What to read in place of the file; None if its header is right, as far as can be seen.

    Raises:
        CutOffError: Samples are missing at the end.
    """
    _require_whole_sphere(file, size)
    claim = _claim(file, size)
    if claim is not None and claim.start < size:
        return _with_right_length(file, size, claim)
    return _uncounted_mp3(file, size)


def _with_right_length(file: io.FileIO, size: int, claim: _Claim) -> MendedFile | None:
    """The file with its samples read to the end.

    Where the header states more than the file has, the header is wrong if the number stands for
    "unknown", or is off by no more than the header itself: the whole file was counted, or a byte
    too many.
    """
    left = size - claim.start
    known = claim.length <= left and (claim.length >= SHORTEST or claim.empty)
    if known and not claim.unpadded:
        return None
    unknown = any(abs(claim.length - power) <= PLACEHOLDER_SPAN for power in POWERS)
    if claim.length > size + 1 and not unknown:
        raise CutOffError(f"{left} of {claim.length} bytes")
    file.seek(0)
    head = bytearray(file.read(claim.start))
    largest = 2 ** (8 * struct.calcsize(claim.kind)) - 1
    length = claim.length if known else left
    struct.pack_into(claim.kind, head, claim.offset, min(length + claim.counted, largest))
    if claim.unpadded:
        head.insert(claim.unpadded, 0)
    return MendedFile(file, size, bytes(head), claim.start)


def _require_whole_sphere(file: io.FileIO, size: int) -> None:
    """Checks a SPHERE file, whose header is lines such as ``sample_count -i 32000``.

    libsndfile reads a truncated one without an error.

    Raises:
        CutOffError: Samples are missing at the end.
    """
    file.seek(0)
    head = file.read(1024)
    if not head.startswith(b"NIST_1A\n"):
        return
    fields = dict(re.findall(rb"^(\w+) -i (\d+)", head, re.MULTILINE))
    numbers = [int(fields.get(name, 0)) for name in SPHERE_LENGTH]
    if math.prod(numbers) > size + 1 and b"shorten" not in head:
        raise CutOffError(f"{size - len(head)} of {math.prod(numbers)} bytes")


def _claim(file: io.FileIO, size: int) -> _Claim | None:
    file.seek(0)
    start = file.read(12)
    if start[:4] in (b".snd", b"dns.") and len(start) == 12:
        order = ">" if start[:4] == b".snd" else "<"
        return _Claim(8, f"{order}I", *struct.unpack(f"{order}4xII", start))
    layout = _LAYOUTS.get(start[:4])
    if layout is None:
        return None
    long = None  # where RF64 has a length of more than 32 bits
    for name, begin, length in _chunks(file, layout, layout.first, size):
        if name == b"ds64":
            long = begin + 8
        elif name == layout.name and length == 0xFFFFFFFF and long is not None:
            file.seek(long)
            return _Claim(long, "<Q", begin, *struct.unpack("<Q", file.read(8)))
        elif name == layout.name:
            kind = layout.head[0] + layout.head[-1]
            empty = length == 0 and _only_chunks(file, layout, begin, size)
            offset = begin - struct.calcsize(kind)
            first = begin - struct.calcsize(layout.head)
            unpadded = first if first % layout.align else 0
            return _Claim(offset, kind, begin, length, layout.counted, empty, unpadded)
    return None


def _chunks(
    file: io.FileIO, layout: _Layout, offset: int, size: int
) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and length of the content of every chunk."""
    width = struct.calcsize(layout.head)
    while offset + width <= size:
        file.seek(offset)
        name, length = struct.unpack(layout.head, file.read(width))
        begin, length = offset + width, length - layout.counted
        yield name, begin, length
        offset = begin + max(0, length)
        if offset >= size:
            return
        file.seek(offset)
        if file.read(len(layout.name)) != layout.name:
            offset += -offset % layout.align


def _only_chunks(file: io.FileIO, layout: _Layout, offset: int, size: int) -> bool:
    """Whether chunks with readable names fill the rest of the file."""
    for name, begin, length in _chunks(file, layout, offset, size):
        if not name[:4].isascii() or not name[:4].decode().isprintable():
            return False
        offset = begin + length
    return abs(offset - size) <= 1


def _uncounted_mp3(file: io.FileIO, size: int) -> MendedFile | None:
    """An MP3 whose frames are decoded to the end, if it does not count them.

    Without a Xing header a decoder guesses their number from the file's length and the rate of the
    first, which is wrong where the rate varies. Where files were joined, only the first is counted.
    """
    first = _after_tag(file)
    file.seek(first)
    frame = file.read(64)
    if not _is_frame(frame) or len(frame) < 64:
        return None
    at = max(frame.find(b"Xing", 0, 48), frame.find(b"Info", 0, 48))
    flags, _, length = struct.unpack(">3I", frame[at + 4 : at + 16]) if at > 0 else (0, 0, 0)
    if not flags & 1:
        return MendedFile(file, size, b"", 0, size * BIT_RATES)
    file.seek(first + length)
    follows = file.read(3) if flags & 2 else b""
    if follows != b"ID3" and not _is_frame(follows):
        return None
    file.seek(0)
    head = file.read(first + at) + bytes(4)
    return MendedFile(file, size, head, len(head), size * BIT_RATES)


def is_joined_ogg(file: io.FileIO) -> bool:
    """Whether another stream begins in an Ogg file after the first one has."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        first_of_samples = max(0, content.find(b"OggS\0\0"))
        return content.find(b"OggS\0\x02", first_of_samples) > 0


def _is_frame(start: bytes) -> bool:
    """Whether an MP3's frame begins so: 11 bits set, and a layer (AAC has none)."""
    return len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0 and start[1] & 6 != 0


def _after_tag(file: io.FileIO) -> int:
    """Where the first frame begins: behind an ID3v2 tag, whose length has 7 bits per byte."""
    file.seek(0)
    head = file.read(10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))


class MendedFile(io.RawIOBase):
    """A file with another header, or one that seems longer than it is.

    Attributes:
        open_ended: Whether it seems longer.
    """

    def __init__(
        self, file: io.FileIO, size: int, head: bytes, replaced: int, claimed: int = 0
    ) -> None:
        """Takes an open file.

        Args:
            file: What is read.
            size: Its length in bytes.
            head: What is read first.
            replaced: Number of bytes of the file that ``head`` replaces.
            claimed: Length that seeking to the end gives, if it is another. Reading ends where the
                file does; only the last ``TAG`` bytes, where a decoder looks for a tag, are zeros.
        """
        self._file, self._head = file, head
        self._shift = len(head) - replaced
        self._size = size + self._shift
        self._claimed = claimed or self._size
        self.open_ended = self._claimed > self._size
        self._offset = 0

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return self._size - self._offset

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a byte, which may lie beyond the end."""
        self._offset = offset + (0, self._offset, self._claimed)[whence]
        return self._offset

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fills the buffer, less at the end of the head and of the file."""
        view = memoryview(buffer).cast("B")
        source: io.RawIOBase | io.BytesIO = self._file
        if self._offset < len(self._head):
            source = io.BytesIO(self._head[self._offset :])
        elif self.open_ended and self._offset >= self._claimed - TAG:
            source = io.BytesIO(bytes(self._claimed - self._offset))
        else:
            self._file.seek(self._offset - self._shift)
        count = source.readinto(view) or 0
        self._offset += count
        return count
