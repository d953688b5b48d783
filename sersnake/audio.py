"""Speech recordings in, mono float32 signals out."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import soundfile

SAMPLE_RATE = 16000  # Hz; the rate all features are computed at

# openSMILE yields functionals from 25 ms (IS09) or 60 ms (ComParE_2016, eGeMAPSv02, GeMAPSv01b)
# on, one 24 ms MFCC frame needs no more. Below 0.1 s there is no syllable to hear.
MIN_DURATION = 0.1  # s

# Samples a channel that are decoded at a time: no header can make us reserve what is not there.
BLOCK = 1 << 20

# A table's times are often rounded to hundredths, so a part may reach this far beyond the file.
TOLERANCE = 0.01  # s

# Where a sample is decoded alone, so that one can begin anywhere and get the same values. A codec
# with a memory is decoded from the start of the file.
SEEKABLE = frozenset(
    "PCM_S8 PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW".split()  # noqa: SIM905
)

# The largest float that is an int16 once multiplied by 32768. openSMILE does so without a check,
# and 1.0 would wrap around to -32768.
MAX_SAMPLE = 1 - 2**-15

# Byte order of the chunk lengths, and the chunk that holds the samples, by the file's kind.
SAMPLE_CHUNKS = {
    (b"RIFF", b"WAVE"): ("<", b"data"),
    (b"FORM", b"AIFF"): (">", b"SSND"),
    (b"FORM", b"AIFC"): (">", b"SSND"),
}


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a recording says.

    Attributes:
        duration: Length in s.
        sample_rate: Samples a second (Hz) and channel.
        channels: Number of channels.
    """

    duration: float
    sample_rate: int
    channels: int


def inspect_audio(path: str | Path) -> AudioInfo:
    """Reads the header of a recording.

    Raises:
        SersnakeError: As for :func:`open_audio`, or it is shorter than ``MIN_DURATION``.
    """
    path = Path(path)
    with open_audio(path) as sound:
        _check_length(path, sound)
        return AudioInfo(sound.frames / sound.samplerate, sound.samplerate, sound.channels)


def read_audio(
    path: str | Path,
    sample_rate: int = SAMPLE_RATE,
    *,
    start: float = 0.0,
    end: float | None = None,
) -> NDArray[np.float32]:
    """Reads a recording, or a part of it, as one channel (the mean of all).

    Args:
        path: The file.
        sample_rate: In Hz, of what is returned.
        start: Where the part begins, in s, rounded to a sample of the file.
        end: Where it ends, in s, likewise; None is the end of the file.

    Returns:
        ``float32 (samples,)`` in [-1, 1 - 2**-15]; 16-bit samples are divided by 32768.

    Raises:
        SersnakeError: As for :func:`stream_audio`.
    """
    # It grows in place, so that the samples are never in memory twice.
    content = bytearray()
    for block in stream_audio(path, sample_rate, start=start, end=end):
        content += block.tobytes()
    return np.frombuffer(content, np.float32)


def stream_audio(
    path: str | Path,
    sample_rate: int = SAMPLE_RATE,
    *,
    start: float = 0.0,
    end: float | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Reads piece by piece what :func:`read_audio` reads at once, in memory for a minute or two.

    Args:
        path: The file.
        sample_rate: In Hz, of what is yielded.
        start: Where the part begins, in s, rounded to a sample of the file.
        end: Where it ends, in s, likewise; None is the end of the file.

    Yields:
        ``float32 (samples,)`` of any length; joined, they are what :func:`read_audio` returns,
        byte for byte.

    Raises:
        SersnakeError: As for :func:`open_audio` and :func:`read_blocks`, the part reaches beyond
            the recording, or what was read is shorter than ``MIN_DURATION`` (said at the end).
    """
    path = Path(path)
    if not 0 <= start < (math.inf if end is None else end):
        raise SersnakeError(
            f"{path}: a part from {start} s to {end} s is asked for; "
            "choose a start of at least 0 s and an end after it"
        )
    with open_audio(path) as sound:
        rate = sound.samplerate
        first = round(start * rate)
        length = 0
        resample = _resampler(rate, sample_rate)
        for block in _part(path, sound, first, None if end is None else round(end * rate)):
            length += len(block)
            yield _clip(resample(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)))
        yield _clip(resample(np.empty(0, np.float32), last=True))
    if length < MIN_DURATION * rate:
        raise SersnakeError(_too_short(path, length / rate))


def _part(
    path: Path, sound: soundfile.SoundFile, first: int, last: int | None
) -> Iterator[NDArray[np.float32]]:
    """The samples of every channel from ``first`` to ``last`` or the end."""
    done = sound.seek(min(first, sound.frames)) if first and sound.subtype in SEEKABLE else 0
    for block in read_blocks(path, sound, "float32", BLOCK, done):
        part = block[max(0, first - done) : None if last is None else last - done]
        done += len(block)
        if len(part):
            yield part
        if last is not None and done >= last:
            return
    rate = sound.samplerate
    if first > done or (last is not None and done < last - TOLERANCE * rate):
        where = f"from {first / rate:g} s" + ("" if last is None else f" to {last / rate:g} s")
        raise SersnakeError(
            f"{path}: lasts {done / rate:.3f} s and has no part {where}; correct start and end"
        )


def _resampler(rate: int, sample_rate: int) -> Callable[..., NDArray[Any]]:
    """Resamples a signal that comes in pieces; soxr gives the same bytes for it at once."""
    if rate == sample_rate:
        return lambda signal, last=False: signal
    import soxr

    return soxr.ResampleStream(rate, sample_rate, 1, dtype="float32").resample_chunk


def as_signal(signal: ArrayLike) -> NDArray[np.float32]:
    """One channel as ``float32 (samples,)`` in [-1, 1 - 2**-15].

    Args:
        signal: ``(samples,)`` of int16 (divided by 32768), float32 or float64 (in [-1, 1]).

    Raises:
        SersnakeError: The signal is of another type or shape, or a sample is not finite.
    """
    array = np.asarray(signal)
    if array.ndim != 1:
        raise SersnakeError(f"signal has shape {array.shape}; give one channel, (samples,)")
    if array.dtype == np.int16:
        return array.astype(np.float32) / np.float32(32768)
    if array.dtype not in (np.float32, np.float64):
        raise SersnakeError(f"signal is {array.dtype}; give int16, float32 or float64")
    if not np.isfinite(array).all():
        raise SersnakeError("signal holds samples that are not finite")
    return _clip(array)


def _clip(signal: NDArray[Any]) -> NDArray[np.float32]:
    return np.clip(signal, -1.0, MAX_SAMPLE).astype(np.float32, copy=False)


@contextmanager
def open_audio(path: Path) -> Iterator[soundfile.SoundFile]:
    """Opens a recording that holds at least one sample.

    That a file is cut off is seen here in WAV and AIFF, and while it is decoded in FLAC and MP3.
    Of the other formats nothing tells that more should have come.

    Raises:
        SersnakeError: The file is missing, empty, not audio, or cut off.
    """
    import soundfile

    # Python opens the file, since libsndfile takes no name that is not valid UTF-8. libsndfile
    # reads it by its number, which is a third faster than through Python's file object.
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise SersnakeError(
            f"{path}: cannot be read ({error.strerror}); restore the file or its permissions"
        ) from error
    with file:
        size = file.seek(0, 2)
        if size == 0:
            raise SersnakeError(f"{path}: is empty (0 bytes); replace it")
        _check_data_chunk(path, file, size)
        file.seek(0)
        try:
            sound = soundfile.SoundFile(file.fileno(), closefd=False)
        except soundfile.LibsndfileError as error:
            raise SersnakeError(
                f"{path}: is not audio that libsndfile reads; replace it by a WAV file"
            ) from error
        with sound:
            if sound.frames == 0:
                raise SersnakeError(f"{path}: holds no samples; replace it")
            yield sound


def read_blocks(
    path: Path, sound: soundfile.SoundFile, dtype: str, length: int, done: int = 0
) -> Iterator[NDArray[Any]]:
    """Decodes an open recording piece by piece.

    Args:
        path: For the messages.
        sound: What :func:`open_audio` gave.
        dtype: ``int16`` or ``float32``.
        length: Samples a channel that are read at a time.
        done: Sample that ``sound`` is at.

    Yields:
        ``(samples, channels)`` with at most ``length`` rows.

    Raises:
        SersnakeError: The recording cannot be decoded or is cut off, or a sample is not finite.
    """
    from soundfile import LibsndfileError

    while done < sound.frames:
        try:
            block = sound.read(length, dtype=dtype, always_2d=True)
        except LibsndfileError as error:
            raise SersnakeError(f"{path}: cannot be decoded ({error}); replace it") from error
        done += len(block)
        if len(block) < length and done < sound.frames:
            raise SersnakeError(_cut_off(path, f"{done} of {sound.frames} samples"))
        if not np.isfinite(block).all():
            raise SersnakeError(f"{path}: holds samples that are not finite; replace it")
        yield block


def _check_length(path: Path, sound: soundfile.SoundFile) -> None:
    duration = sound.frames / sound.samplerate
    if duration < MIN_DURATION:
        raise SersnakeError(_too_short(path, duration))


def _too_short(path: Path, duration: float) -> str:
    return (
        f"{path}: lasts {duration:.3f} s, at least {MIN_DURATION} s are needed; "
        "replace it or take it out of the corpus"
    )


def _check_data_chunk(path: Path, file: BinaryIO, size: int) -> None:
    """Refuses WAV and AIFF that end before their samples do; libsndfile would shorten them."""
    file.seek(0)
    header = file.read(12)
    kind = header[:4], header[8:]
    if kind not in SAMPLE_CHUNKS:
        return
    order, wanted = SAMPLE_CHUNKS[kind]
    while len(chunk := file.read(8)) == 8:
        name, length = struct.unpack(f"{order}4sI", chunk)
        if name == wanted:
            # A program that wrote to a pipe could not know the length and gave the largest.
            if length < 0x7FFFFF00 and file.tell() + length > size:
                raise SersnakeError(_cut_off(path, f"{size - file.tell()} of {length} bytes"))
            return
        file.seek(length + length % 2, 1)


def _cut_off(path: Path, there: str) -> str:
    return f"{path}: is cut off (only {there} are there); copy or unpack it again"
