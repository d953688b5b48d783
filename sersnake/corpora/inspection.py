"""Inspects every recording of a corpus once: its content and its problems."""

from __future__ import annotations

import hashlib
import math
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sersnake.corpora.fingerprint import Sketch
from sersnake.errors import SersnakeError
from sersnake.io.audio import MIN_DURATION, SILENT_PEAK, WHOLE, Segment, read_part
from sersnake.io.recordings import open_audio

BAD = ("broken", "silent", "too_short", "too_long")  # no features can, or should, come from these
REPORTED = ("clipped", "duplicate")  # reported only

# Peak of the mix, relative to that of a mix of the louder channel alone, below which channels
# cancel (-14 dB). For unrelated channels it is above 1.
CANCELLED = 0.2

# No recording of EMODB has a run at its extreme value; made 3 dB too loud, half of them exceed this
# share, at 6 dB 91 %. Unclipped recordings stay below half of it: EMODB in 8 bits, at -40 dB, at
# 48 kHz, as mu-law (the nearest, because of its coarse steps) or as MP3.
CLIPPED_SHARE = 3e-4

REPORT_COLUMNS = ("utterance", "path", "problem", "detail", "action")

BLOCK = 1 << 16  # samples per channel that are in memory at a time
CHUNK = 16  # files that a process is given at a time

# Encodings that libsndfile decodes to at most 16 bits, so that int16 holds the samples exactly.
SIXTEEN_BITS = frozenset(
    "PCM_S8 PCM_U8 PCM_16 ULAW ALAW IMA_ADPCM MS_ADPCM GSM610 ALAC_16".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class AudioLimits:
    """How long a recording may be.

    Attributes:
        min_duration: In s, at least ``MIN_DURATION``, below which no features are extracted.
        max_duration: In s. A longer file rarely is one utterance.
    """

    min_duration: float = MIN_DURATION
    max_duration: float = 60.0

    def __post_init__(self) -> None:
        """Checks that the limits can hold.

        Raises:
            SersnakeError: They cannot.
        """
        if not MIN_DURATION <= self.min_duration < self.max_duration:
            raise SersnakeError(
                f"audio: min_duration is {self.min_duration} s and max_duration "
                f"{self.max_duration} s; choose {MIN_DURATION} <= min_duration < max_duration"
            )


@dataclass(frozen=True)
class Problem:
    """Something wrong with a recording.

    Attributes:
        name: broken, silent, too_short, too_long or clipped.
        detail: A description for the user.
    """

    name: str
    detail: str


@dataclass(frozen=True)
class Inspection:
    """The properties of a recording; of a broken one only its problem is known.

    Attributes:
        path: The file.
        duration: In s.
        sample_rate: In Hz.
        channels: Number of channels.
        format: Container and subtype, as libsndfile calls them ("WAV PCM_16").
        sha256: Hash of the line "<sample rate> <channels> <type>" and the decoded, interleaved,
            little-endian samples; the type is int16 where the subtype has at most 16 bits, else
            float32. So a WAV file and its FLAC copy have the same hash.
        fingerprint: See :mod:`sersnake.corpora.fingerprint`.
        peak: Largest absolute value; full scale is 1.
        mixed_peak: The same for the mean of all channels, from which features are computed.
        swing: Half the difference between the highest and the lowest value of that mean.
        clipped: Share of the samples that have the highest or lowest value of the file and follow
            two others that have it.
        problems: What is wrong; empty if nothing is.
    """

    path: Path
    duration: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    format: str = ""
    sha256: str = ""
    fingerprint: str = ""
    peak: float = 0.0
    mixed_peak: float = 0.0
    swing: float = 0.0
    clipped: float = 0.0
    problems: tuple[Problem, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether the recording should not be used."""
        return any(problem.name in BAD for problem in self.problems)


def inspect_recordings(
    paths: Sequence[str | Path],
    limits: AudioLimits,
    threads: int = 1,
    progress: Callable[[], None] | None = None,
    segments: Sequence[Segment] | None = None,
) -> list[Inspection]:
    """Opens and decodes every recording, or the part that is an utterance, once.

    Args:
        paths: The files.
        limits: How long one may be.
        threads: Processes that share the work.
        progress: Called after every file.
        segments: Start and end (s; None is the end of the file) of the utterance in each file; all
            are whole files where it is not given.

    Returns:
        One inspection per path, in order, see :func:`inspect_recording`.
    """
    inspections = []
    with _mapped(threads) as mapped:
        inspect = partial(_inspect_segment, limits=limits)
        for inspection in mapped(inspect, paths, segments or [WHOLE] * len(paths)):
            inspections.append(inspection)
            if progress:
                progress()
    return inspections


@contextmanager
def _mapped(threads: int) -> Iterator[Callable[..., Iterable[Inspection]]]:
    """A ``map`` for several processes; two threads would be no faster than one."""
    if threads <= 1:
        yield map
        return
    with ProcessPoolExecutor(threads) as pool:
        yield partial(pool.map, chunksize=CHUNK)


def _inspect_segment(path: str | Path, segment: Segment, limits: AudioLimits) -> Inspection:
    return inspect_recording(path, limits, *segment)


def inspect_recording(
    path: str | Path, limits: AudioLimits, start: float = 0.0, end: float | None = None
) -> Inspection:
    """Opens and decodes one recording in blocks: an hour takes no more memory than 4 s.

    Args:
        path: The file.
        limits: How long an utterance may be.
        start: Where the utterance begins in the file, in s.
        end: Where it ends, in s; None is the end of the file.

    Returns:
        The inspection of the utterance, with these problems:

        - broken: missing, not audio, cut off, without samples, or with samples that are not finite;
        - silent: no sample reaches ``SILENT_PEAK``, or the samples hardly differ from a constant,
          or the channels cancel once they are mixed;
        - too_short, too_long: outside ``limits``;
        - clipped: ``Inspection.clipped`` is above ``CLIPPED_SHARE``.
    """
    path = Path(path)
    try:
        inspection = _inspect(path, limits, start, end)
    except SersnakeError as error:
        detail = str(error).removeprefix(f"{path}: ")
        inspection = Inspection(path, problems=(Problem("broken", detail),))
    if (start, end) == WHOLE:
        return inspection
    where = f"from {start:g} s to {'the end' if end is None else f'{end:g} s'}"
    named = [replace(each, detail=f"{where}: {each.detail}") for each in inspection.problems]
    return replace(inspection, problems=tuple(named))


def _inspect(path: Path, limits: AudioLimits, start: float, end: float | None) -> Inspection:
    with open_audio(path) as recording:
        sound, frames = recording.sound, 0
        rate, channels = sound.samplerate, sound.channels
        kind = "int16" if sound.subtype in SIXTEEN_BITS else "float32"
        digest = hashlib.sha256(f"{rate} {channels} {kind}\n".encode())
        sketch, level = Sketch(rate), _Level(32768.0 if kind == "int16" else 1.0)
        part = round(start * rate), None if end is None else round(end * rate)
        for block in read_part(recording, kind, BLOCK, *part):
            frames += len(block)
            digest.update(np.ascontiguousarray(block, f"<{block.dtype.str[1:]}").data)
            mixed = block[:, 0] if channels == 1 else block.mean(axis=1, dtype=np.float32)
            sketch.add(mixed)
            level.add(block, mixed)
    if not frames:
        raise SersnakeError(f"{path}: contains no sample there; correct the start")
    inspection = Inspection(
        path,
        duration=frames / rate,
        sample_rate=rate,
        channels=channels,
        format=f"{sound.format} {sound.subtype}",
        sha256=digest.hexdigest(),
        fingerprint=sketch.fingerprint(),
        peak=level.peak,
        mixed_peak=level.mixed_peak,
        swing=level.swing,
        clipped=level.clipped / (frames * channels),
    )
    return replace(inspection, problems=tuple(_problems(inspection, limits)))


def _largest(samples: NDArray[Any]) -> float:
    return max(float(samples.max()), -float(samples.min()))


class _Level:
    """Peak and clipping of a recording that comes in blocks.

    Attributes:
        peak: Largest absolute value; full scale is 1.
    """

    def __init__(self, full_scale: float) -> None:
        """Takes the value that counts as 1."""
        self.full_scale, self.peak = full_scale, 0.0
        self._top, self._bottom = -math.inf, math.inf
        self._high, self._low = _Extreme(np.max), _Extreme(np.min)

    def add(self, block: NDArray[Any], mixed: NDArray[Any]) -> None:
        """Takes the next samples, ``(samples, channels)``, and their mean ``(samples,)``."""
        largest = _largest(block) / self.full_scale
        self.peak = max(self.peak, largest)
        self._top = max(self._top, float(mixed.max()) / self.full_scale)
        self._bottom = min(self._bottom, float(mixed.min()) / self.full_scale)
        # Features are computed from the signal clipped to full scale, so floats are clipped too.
        within = block if largest <= 1 else np.clip(block, -1, 1)
        self._high.add(within)
        self._low.add(within)

    @property
    def mixed_peak(self) -> float:
        """Largest absolute value of the mean of the channels."""
        return max(self._top, -self._bottom)

    @property
    def swing(self) -> float:
        """Half the difference between the highest and the lowest value of that mean."""
        return (self._top - self._bottom) / 2

    @property
    def clipped(self) -> int:
        """Samples in runs at the highest and the lowest value, from the third of each run on."""
        return self._high.count + self._low.count


class _Extreme:
    """The highest, or the lowest, value of blocks, and how many samples repeat it.

    Attributes:
        value: The extreme of the samples so far.
        count: Samples that have it and follow, in their channel, two others that have it.
    """

    def __init__(self, choose: Callable[[Any], Any]) -> None:
        """Takes np.max or np.min."""
        self.choose, self.value, self.count = choose, None, 0
        self._last: NDArray[np.bool_] | None = None

    def add(self, block: NDArray[Any]) -> None:
        """Takes the next samples, ``(samples, channels)``."""
        value = self.choose(block)
        if self.value is None or self.choose([value, self.value]) != self.value:
            self.value, self.count = value, 0
            self._last = np.zeros((2, block.shape[1]), bool)
        at = np.concatenate([self._last, block == self.value])
        self.count += int(np.count_nonzero(at[2:] & at[1:-1] & at[:-2]))
        self._last = at[-2:]


def _problems(inspection: Inspection, limits: AudioLimits) -> Iterator[Problem]:
    duration, peak, mixed = inspection.duration, inspection.peak, inspection.mixed_peak
    if duration < limits.min_duration:
        least = f"at least {limits.min_duration:g} s are needed (audio: min_duration)"
        yield Problem("too_short", f"lasts {duration:.3f} s, {least}")
    if duration > limits.max_duration:
        most = f"at most {limits.max_duration:g} s are allowed (audio: max_duration)"
        yield Problem("too_long", f"lasts {duration:.1f} s, {most}")
    if peak < SILENT_PEAK:
        yield Problem("silent", f"is silent, its peak is {_decibels(peak)}")
    elif mixed < CANCELLED * peak / inspection.channels:
        yield Problem("silent", _cancelled(inspection))
    elif inspection.swing < SILENT_PEAK:
        offset = f"is silent except for a constant offset of {_decibels(mixed)}"
        yield Problem("silent", f"{offset}, from which it differs by {_decibels(inspection.swing)}")
    elif inspection.clipped > CLIPPED_SHARE:
        share = f"{inspection.clipped:.2%} of the samples are cut off"
        yield Problem("clipped", f"{share} at {_decibels(peak)}")


def _cancelled(inspection: Inspection) -> str:
    path = inspection.path
    old, new = (shlex.quote(str(name)) for name in (path, path.with_suffix(".one.wav")))
    return (
        f"is silent after mixing: its {inspection.channels} channels cancel, as one is inverted "
        f"(peak {_decibels(inspection.peak)}, of the mix {_decibels(inspection.mixed_peak)}); "
        f"keep one channel, with `ffmpeg -i {old} -af 'pan=mono|c0=c0' {new}`"
    )


def _decibels(peak: float) -> str:
    return f"{20 * np.log10(peak):.1f} dBFS" if peak > 0 else "zero"


def audio_report(
    utterances: Sequence[str], inspections: Sequence[Inspection], on_bad_audio: str
) -> pd.DataFrame:
    """Everything that is wrong, one row per problem.

    Args:
        utterances: Name of each recording.
        inspections: What :func:`inspect_recordings` returned for them.
        on_bad_audio: "stop" or "skip": what happens to bad recordings.

    Returns:
        Columns ``REPORT_COLUMNS``. A further problem is duplicate: the same samples as an earlier
        utterance. The action is kept, or, for a bad recording, stopped or skipped.
    """
    rows = []
    known: dict[str, str] = {}
    for utterance, inspection in zip(utterances, inspections, strict=True):
        problems = [(problem.name, problem.detail) for problem in inspection.problems]
        earlier = known.setdefault(inspection.sha256, utterance) if inspection.sha256 else utterance
        if earlier != utterance:
            problems.append(("duplicate", f"has the same samples as {earlier}"))
        action = {"stop": "stopped", "skip": "skipped"}[on_bad_audio] if inspection.bad else "kept"
        rows += [(utterance, str(inspection.path), *problem, action) for problem in problems]
    return pd.DataFrame(rows, columns=list(REPORT_COLUMNS), dtype=str)


def audio_summary(inspections: Sequence[Inspection], report: pd.DataFrame) -> str:
    """One line on all recordings, for the user."""
    minutes = sum(inspection.duration for inspection in inspections) / 60
    bad = sum(inspection.bad for inspection in inspections)
    clipped, duplicates = (int((report["problem"] == name).sum()) for name in REPORTED)
    return (
        f"{len(inspections)} recordings, {minutes:.1f} min: {bad} bad, {clipped} clipped, "
        f"{duplicates} duplicate{'' if duplicates == 1 else 's'}"
    )
