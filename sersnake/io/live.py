"""Sound that comes in on a pipe, piece by piece, while it is recorded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.audio import FASTEST, SAMPLE_RATE, as_signal
from sersnake.io.containers import PLACEHOLDER_SPAN, POWERS

PIPE = 1 << 20  # bytes that a pipe should hold, so that nothing is lost while a model is loaded
READ = 1 << 16  # bytes that are taken at a time, at most
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # format codes of WAV
FULL_SCALE = {1: 2.0**7, 2: 2.0**15, 3: 2.0**31, 4: 2.0**31}  # by bytes of a sample, as decoded


@dataclass(frozen=True)
class Layout:
    """How samples follow each other in a stream.

    Attributes:
        rate: In Hz.
        channels: Number of channels.
        width: Bytes of a sample.
        floats: Whether samples are floating-point numbers.
        length: Bytes of samples; None where the stream goes on to its end.
    """

    rate: int
    channels: int = 1
    width: int = 2
    floats: bool = False
    length: int | None = None


def widen_pipe(stream: BinaryIO) -> None:
    """Enlarges the buffer of a pipe, where the system can."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, PIPE)


def read_layout(stream: BinaryIO) -> Layout:
    """Reads the header of a WAV stream, up to its samples.

    Raises:
        SersnakeError: It is not WAV, or its samples are of a kind that is not decoded.
    """
    head = stream.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        raise SersnakeError(
            "standard input: is not a WAV; let the recorder write one (arecord -t wav, ffmpeg -f "
            "wav, sox -t wav), or give the rate of 16-bit samples without a header with --raw"
        )
    layout = None
    while True:
        name, size = struct.unpack("<4sI", _exactly(stream, 8))
        if name == b"data":
            break
        content = _exactly(stream, size + size % 2)
        if name == b"fmt ":
            layout = _layout(content)
    if layout is None:
        raise SersnakeError("standard input: is a WAV without the format of its samples")
    unknown = size == 0 or any(abs(size - power) <= PLACEHOLDER_SPAN for power in POWERS)
    length = None if unknown else size
    return Layout(layout.rate, layout.channels, layout.width, layout.floats, length)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    content = stream.read(count)
    if len(content) < count:
        raise SersnakeError("standard input: ends before its samples begin; record again")
    return content


def _layout(content: bytes) -> Layout:
    """What the chunk ``fmt`` says."""
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", content.ljust(16, b"\0"))
    if kind == EXTENSIBLE and len(content) >= 26:
        (kind,) = struct.unpack_from("<H", content, 24)
    known = bits in (8, 16, 24, 32) if kind == PCM else kind == FLOAT and bits in (32, 64)
    if not known or not channels or not 0 < rate <= FASTEST:
        raise SersnakeError(
            f"standard input: is a WAV of kind {kind} with {bits} bits, {channels} channels and "
            f"{rate} Hz; record PCM of 8, 16, 24 or 32 bits, or floats"
        )
    return Layout(rate, channels, bits // 8, kind == FLOAT)


def stream_signal(stream: BinaryIO, layout: Layout) -> Iterator[NDArray[np.float32]]:
    """The sound as it comes, as one channel at 16 kHz.

    Args:
        stream: At the first sample.
        layout: How samples follow each other.

    Yields:
        ``float32 (samples,)`` of any length; joined, they are what
        :func:`sersnake.io.audio.read_audio` gives for the same samples in a file.

    Raises:
        SersnakeError: A sample is not finite, or far beyond full scale.
    """
    import soxr

    same = layout.rate == SAMPLE_RATE
    resampler = soxr.ResampleStream(layout.rate, SAMPLE_RATE, 1, dtype="float32")
    for data in _frames(stream, layout):
        samples = _decoded(data, layout).reshape(-1, layout.channels)
        mono = samples[:, 0] if layout.channels == 1 else samples.mean(axis=1)
        yield as_signal(mono if same else resampler.resample_chunk(mono))
    if not same:
        yield as_signal(resampler.resample_chunk(np.empty(0, np.float32), last=True))


def _frames(stream: BinaryIO, layout: Layout) -> Iterator[bytes]:
    """The bytes of whole frames, a sample of each channel, as soon as they arrive."""
    frame = layout.channels * layout.width
    left, rest = layout.length, b""
    while left is None or left > 0:
        # A buffered stream gives what is there; any other may wait for all.
        take = READ if left is None else min(READ, left)
        data = getattr(stream, "read1", stream.read)(take)
        if not data:
            return
        left = None if left is None else left - len(data)
        data = rest + data
        whole = len(data) // frame * frame
        rest = data[whole:]
        if whole:
            yield data[:whole]


def _decoded(data: bytes, layout: Layout) -> NDArray[np.float32]:
    """Samples in [-1, 1], as libsndfile has them."""
    if layout.floats:
        return np.frombuffer(data, f"<f{layout.width}").astype(np.float32)
    if layout.width == 1:  # the only unsigned one
        values = np.frombuffer(data, np.uint8).astype(np.float32) - 128
    elif layout.width == 3:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        values = wide.view("<i4")[:, 0].astype(np.float32)
    else:
        values = np.frombuffer(data, f"<i{layout.width}").astype(np.float32)
    return values / np.float32(FULL_SCALE[layout.width])
