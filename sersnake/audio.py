"""Speech recordings in, mono float32 signals out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
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


def inspect_audio(path: Path) -> AudioInfo:
    """Reads the header of a recording.

    Raises:
        SersnakeError: As for :func:`open_audio`, or it is shorter than ``MIN_DURATION``.
    """
    with open_audio(path) as sound:
        _check_length(path, sound)
        return AudioInfo(sound.frames / sound.samplerate, sound.samplerate, sound.channels)


def read_audio(path: Path, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Reads a recording as one channel (the mean of all) at ``sample_rate`` Hz.

    Returns:
        ``float32 (samples,)`` in [-1, 1 - 2**-15]; 16-bit samples are divided by 32768.

    Raises:
        SersnakeError: As for :func:`inspect_audio` and :func:`read_blocks`.
    """
    with open_audio(path) as sound:
        _check_length(path, sound)
        rate = sound.samplerate
        samples = np.concatenate(list(read_blocks(path, sound, "float32", BLOCK)))
    signal = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    if rate != sample_rate:
        import soxr

        signal = soxr.resample(signal, rate, sample_rate)
    return _clip(signal)


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
    path: Path, sound: soundfile.SoundFile, dtype: str, length: int
) -> Iterator[NDArray[Any]]:
    """Decodes an open recording piece by piece.

    Args:
        path: For the messages.
        sound: What :func:`open_audio` gave.
        dtype: ``int16`` or ``float32``.
        length: Samples a channel that are read at a time.

    Yields:
        ``(samples, channels)`` with at most ``length`` rows.

    Raises:
        SersnakeError: The recording cannot be decoded or is cut off, or a sample is not finite.
    """
    from soundfile import LibsndfileError

    done = 0
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
        raise SersnakeError(
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
