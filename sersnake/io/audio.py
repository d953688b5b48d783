"""Speech recordings in, mono float32 signals out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sersnake.errors import SersnakeError
from sersnake.io.recordings import Recording, open_audio, read_blocks

SAMPLE_RATE = 16000  # Hz; the rate all features are computed at

FASTEST = 1_000_000  # Hz; a higher number was not meant as a rate

# openSMILE yields functionals from 25 ms (IS09) or 60 ms (ComParE_2016, eGeMAPSv02, GeMAPSv01b)
# on, one 24 ms MFCC frame needs no more. Below 0.1 s there is no syllable to hear.
MIN_DURATION = 0.1  # s

# Speech that was recorded 40 dB too low still has its peak above this, at 33 steps of 16 bits.
SILENT_PEAK = 0.001  # of full scale: -60 dBFS

# Samples per channel decoded at a time, so that no header can make us reserve more than there is.
BLOCK = 1 << 20

# A table's times are often rounded to hundredths, so a part may reach this far beyond the file.
TOLERANCE = 0.01  # s

# Encodings of independent samples: decoding can begin anywhere and gives the same values. A codec
# with a memory is decoded from the start of the file.
SEEKABLE = frozenset(
    "PCM_S8 PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW".split()  # noqa: SIM905
)

# The largest float that is an int16 once multiplied by 32768. openSMILE does so without a check,
# and 1.0 would wrap around to -32768.
MAX_SAMPLE = 1 - 2**-15

# Samples within [-1, 1] stay below this when they are resampled or two are added; larger values
# are steps of an integer type, or were divided by their standard deviation. The C++ extension has
# the same limit.
LOUDEST = 2.0

SCALING = {
    "int64": "divide it by its full scale",
    "int32": "divide it by 2147483648",
    "int8": "divide it by 128",
    "uint8": "subtract 128 and divide it by 128",
    "uint16": "subtract 32768 and divide it by 32768",
}


Segment = tuple[float, float | None]  # start and end of an utterance in s; None is the file's end
WHOLE: Segment = (0.0, None)


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
    pieces = stream_audio(path, sample_rate, start=start, end=end)
    first = next(pieces)
    content = bytearray()  # grows in place, so that the samples are never in memory twice
    for piece in pieces:
        content = content or bytearray(first)
        content += piece.data
    return np.frombuffer(content, np.float32) if content else first


def stream_audio(
    path: str | Path,
    sample_rate: int = SAMPLE_RATE,
    *,
    start: float = 0.0,
    end: float | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Reads in pieces what :func:`read_audio` reads at once, with memory for a minute or two.

    Args:
        path: The file.
        sample_rate: In Hz, of what is yielded.
        start: Where the part begins, in s, rounded to a sample of the file.
        end: Where it ends, in s, likewise; None is the end of the file.

    Yields:
        ``float32 (samples,)`` of any length; joined, they are what :func:`read_audio` returns,
        byte for byte.

    Raises:
        SersnakeError: As for :func:`sersnake.io.recordings.open_audio` and
            :func:`sersnake.io.recordings.read_blocks`, the part reaches beyond the recording, or
            what was read is shorter than ``MIN_DURATION`` (raised at the end).
    """
    path = Path(path)
    check_count("sample_rate", sample_rate, FASTEST)
    if not 0 <= start < (math.inf if end is None else end) or end == math.inf:
        raise SersnakeError(
            f"{path}: the part from {start} s to {end} s is invalid; choose a start of at least 0 "
            "s and an end after it"
        )
    with open_audio(path) as recording:
        rate = recording.sound.samplerate
        length = 0
        resample = _resampler(rate, sample_rate)
        last = None if end is None else round(end * rate)
        for block in read_part(recording, "float32", BLOCK, round(start * rate), last):
            length += len(block)
            mono = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
            yield _clip(resample(mono))
        rest = resample(np.empty(0, np.float32), last=True)
        if len(rest):
            yield _clip(rest)
    _check_length(path, length / rate)


def read_part(
    recording: Recording, dtype: str, length: int, first: int = 0, last: int | None = None
) -> Iterator[NDArray[Any]]:
    """Decodes a part of an open recording piece by piece.

    Args:
        recording: What :func:`sersnake.io.recordings.open_audio` gave.
        dtype: ``int16`` or ``float32``.
        length: Samples per channel that are read at a time.
        first: The first sample.
        last: The sample after the last; None is the end.

    Yields:
        ``(samples, channels)`` with at most ``length`` rows, at least one.

    Raises:
        SersnakeError: As for :func:`sersnake.io.recordings.read_blocks`, or the recording has no
            such part.
    """
    done = 0
    if first and recording.frames is not None and recording.sound.subtype in SEEKABLE:
        done = recording.sound.seek(min(first, recording.frames))
    for block in read_blocks(recording, dtype, length, done, last):
        part = block[max(0, first - done) :]
        done += len(block)
        if len(part):
            yield part
    rate = recording.sound.samplerate
    if first > done or (last is not None and done < last - TOLERANCE * rate):
        where = f"from {first / rate:g} s" + ("" if last is None else f" to {last / rate:g} s")
        raise SersnakeError(
            f"{recording.path}: lasts {done / rate:.3f} s, which excludes the part {where}; "
            "correct start and end"
        )


def _resampler(rate: int, sample_rate: int) -> Callable[..., NDArray[Any]]:
    """Resamples a signal in pieces; soxr gives the same bytes as for the whole signal."""
    if rate == sample_rate:
        return lambda signal, last=False: signal
    import soxr

    return soxr.ResampleStream(rate, sample_rate, 1, dtype="float32").resample_chunk


def as_signal(signal: ArrayLike, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """One channel as :func:`read_audio` gives it: 16 kHz, ``float32 (samples,)``.

    Args:
        signal: ``(samples,)`` of int16 (divided by 32768), float32 or float64 (in [-1, 1]).
        sample_rate: Of the signal, in Hz.

    Raises:
        SersnakeError: The signal is of another type, shape or range, or a sample is not finite.
    """
    check_count("sample_rate", sample_rate, FASTEST)
    array = check_samples(signal)
    if array.dtype == np.int16:
        array = array.astype(np.float32) / np.float32(32768)
    bad = ~(np.abs(array) <= LOUDEST)
    if bad.any():
        refuse_sample(array, int(bad.argmax()))
    if sample_rate != SAMPLE_RATE:
        array = _resampler(sample_rate, SAMPLE_RATE)(array.astype(np.float32), last=True)
    return _clip(array)


def check_samples(signal: ArrayLike, name: str = "signal") -> NDArray[Any]:
    """One channel of int16, float32 or float64 in the byte order of this machine.

    Args:
        signal: ``(samples,)``.
        name: For the messages.

    Raises:
        SersnakeError: The signal is of another type or shape.
    """
    array = np.asarray(signal)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype not in (np.int16, np.float32, np.float64):
        raise SersnakeError(
            f"{name} is {array.dtype}, not int16, float32 or float64 in [-1, 1]; {_scaling(array)}"
        )
    if array.ndim != 1:
        raise SersnakeError(f"{name} has shape {array.shape}; give one channel, (samples,)")
    return array


def _scaling(array: NDArray[Any]) -> str:
    """How to convert an array of a type that is not accepted."""
    wide = array.dtype.kind == "i" and array.itemsize > 2 and array.size > 0
    if wide and np.array_equal(array, array.astype(np.int16)):
        return "convert it to int16, which holds its values"
    return SCALING.get(array.dtype.name, "convert it to float32")


def refuse_sample(array: NDArray[Any], index: int, name: str = "signal") -> NoReturn:
    """Says what is wrong with a sample that is not finite or beyond ``LOUDEST``.

    Raises:
        SersnakeError: Always.
    """
    value = array[index]
    if not np.isfinite(value):
        raise SersnakeError(f"{name}[{index}] is {value}, not finite; remove or repair it")
    raise SersnakeError(
        f"{name}[{index}] is {value:g}, but floats must be in [-1, 1]; divide 16-bit samples by "
        "32768 or give them as int16, divide others by their full scale"
    )


def check_count(name: str, value: Any, largest: int) -> None:
    """Refuses what is no whole number from 1 to ``largest``.

    Raises:
        SersnakeError: It is none.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not 1 <= value <= largest:
        raise SersnakeError(f"{name} is {value!r}; choose a whole number from 1 to {largest}")


def _clip(signal: NDArray[Any]) -> NDArray[np.float32]:
    return np.clip(signal, -1.0, MAX_SAMPLE).astype(np.float32, copy=False)


def _check_length(path: Path, duration: float) -> None:
    if duration < MIN_DURATION:
        raise SersnakeError(
            f"{path}: lasts {duration:.3f} s, but at least {MIN_DURATION} s are needed; replace "
            "it or remove it from the corpus"
        )
