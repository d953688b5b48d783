"""Every recording is decoded once; what is wrong with it is named, and nothing else is."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import sersnake.corpora.inspection
from sersnake.corpora.fingerprint import fingerprint
from sersnake.corpora.inspection import (
    AudioLimits,
    Inspection,
    audio_report,
    audio_summary,
    inspect_recording,
    inspect_recordings,
)
from sersnake.errors import SersnakeError
from sersnake.io.audio import read_audio
from sersnake.io.progress import Progress, report_files

LIMITS = AudioLimits()


def speech(seconds: float = 1.0, rate: int = 16000, seed: int = 0) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed).normal(0, 0.1, round(seconds * rate))
    return np.clip(noise * (1 + np.sin(np.arange(len(noise)) * 25 / rate)) / 2, -0.9, 0.9)


def inspect(tmp_path: Path, signal: NDArray, rate: int = 16000, **options: str) -> Inspection:
    path = tmp_path / "a.audio"
    soundfile.write(path, signal, rate, **({"format": "WAV"} | options))
    return inspect_recording(path, LIMITS)


def problems(inspection: Inspection) -> list[str]:
    return [problem.name for problem in inspection.problems]


def test_good_recording(tmp_path: Path) -> None:
    samples = (np.stack([speech(), speech(seed=1)], axis=1) * 32767).astype(np.int16)
    inspection = inspect(tmp_path, samples)
    assert (inspection.duration, inspection.sample_rate, inspection.channels) == (1.0, 16000, 2)
    assert inspection.format == "WAV PCM_16"
    assert inspection.sha256 == hashlib.sha256(b"16000 2 int16\n" + samples.tobytes()).hexdigest()
    assert inspection.fingerprint == fingerprint(samples.mean(axis=1), 16000)
    assert inspection.peak == np.abs(samples.astype(float)).max() / 32768
    assert inspection.clipped == 0
    assert not inspection.problems
    assert not inspection.bad


def test_float_samples_are_hashed_as_float(tmp_path: Path) -> None:
    samples = speech().astype(np.float32)
    inspection = inspect(tmp_path, samples, subtype="FLOAT")
    assert inspection.sha256 == hashlib.sha256(b"16000 1 float32\n" + samples.tobytes()).hexdigest()


def test_wav_and_flac_of_the_same_samples_have_the_same_hash(tmp_path: Path) -> None:
    samples = (speech() * 32767).astype(np.int16)
    copies = [
        inspect(tmp_path, samples, format=format_, subtype="PCM_16")
        for format_ in ("WAV", "WAVEX", "AIFF", "FLAC", "NIST")
    ]
    assert len({copy.sha256 for copy in copies}) == 1
    other = samples.copy()
    other[-1] += 1
    assert inspect(tmp_path, other).sha256 != copies[0].sha256
    assert inspect(tmp_path, samples, 8000).sha256 != copies[0].sha256


def test_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signal = np.stack([speech(), speech(seed=1)], axis=1)
    signal[4990:5010, 0] = 1.5  # clipped across the border of two blocks
    whole = inspect(tmp_path, signal, format="FLAC")
    assert whole.clipped > 0
    monkeypatch.setattr(sersnake.corpora.inspection, "BLOCK", 1000)
    assert inspect(tmp_path, signal, format="FLAC") == whole


def antiphase(gain: float, rest: float = 0.0) -> NDArray[np.float64]:
    """Two channels, the second the first inverted, with some noise of its own."""
    return np.stack([speech(), -gain * speech() + rest * speech(seed=1)], axis=1)


@pytest.mark.parametrize(
    ("signal", "expected", "detail"),
    [
        (np.zeros(16000), ["silent"], "zero"),
        (speech() * 0.0005, ["silent"], "dBFS"),
        (np.full(16000, 0.0009), ["silent"], "-61.1 dBFS"),
        (np.full(16000, 0.3), ["silent"], "a constant offset of -10.5 dBFS, from which it differs"),
        (speech() * 0.0005 - 0.2, ["silent"], "a constant offset of -1"),
        (antiphase(1.0) + 0.2, ["silent"], "a constant offset of -14.0 dBFS"),
        (speech() * 0.01 + 0.2, [], ""),
        (speech() * 0.01, [], ""),
        (speech(0.09), ["too_short"], "lasts 0.090 s, at least 0.1 s"),
        (speech(0.1), [], ""),
        (np.tile(speech(), 61), ["too_long"], "lasts 61.0 s, at most 60 s"),
        (np.zeros(100), ["too_short", "silent"], "lasts 0.006 s"),
    ],
)
def test_silent_and_of_wrong_length(
    tmp_path: Path, signal: NDArray[np.float64], expected: list[str], detail: str
) -> None:
    inspection = inspect(tmp_path, signal)
    assert problems(inspection) == expected
    assert inspection.bad == bool(expected)
    if expected:
        assert detail in inspection.problems[0].detail


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
@pytest.mark.parametrize(("gain", "rest"), [(1.0, 0.0), (0.95, 0.0), (1.0, 0.03), (1.1, 0.02)])
def test_channels_that_cancel_are_silent_after_mixing(
    tmp_path: Path, gain: float, rest: float, subtype: str
) -> None:
    inspection = inspect(tmp_path, antiphase(gain, rest), subtype=subtype)
    assert problems(inspection) == ["silent"]
    assert inspection.bad
    detail = inspection.problems[0].detail
    assert detail.startswith("is silent after mixing: its 2 channels cancel, as one is inverted")
    assert f"ffmpeg -i {tmp_path}/a.audio -af 'pan=mono|c0=c0' {tmp_path}/a.one.wav" in detail
    report = audio_report(["a"], [inspection], "skip")
    assert report[["problem", "action"]].values.tolist() == [["silent", "skipped"]]


@pytest.mark.parametrize(
    "signal",
    [
        np.stack([speech(), speech()], axis=1),
        np.stack([speech(), speech(seed=1)], axis=1),
        np.stack([speech(), np.zeros(16000)], axis=1),
        np.stack([speech(), *np.zeros((7, 16000))], axis=1),
        np.stack([speech(), np.roll(speech(), 40)], axis=1),
        antiphase(0.5),
    ],
)
def test_channels_that_differ_are_not_silent(tmp_path: Path, signal: NDArray[np.float64]) -> None:
    inspection = inspect(tmp_path, signal)
    assert problems(inspection) == []
    mixed = read_audio(inspection.path)
    assert inspection.mixed_peak == pytest.approx(np.abs(mixed).max(), rel=1e-4)


def clip(signal: NDArray[np.float64], gain: float) -> NDArray[np.float64]:
    return np.clip(signal * gain, -1.0, 1.0)


def voice() -> NDArray[np.float64]:
    """Pulses of 120 Hz, which stay at their top for some samples once they are clipped."""
    time = np.arange(32000) / 16000
    pulses = np.sin(2 * np.pi * 120 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))
    return 0.85 * pulses + 0.1 * speech(2.0)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_clipping_is_seen_and_is_not_bad(tmp_path: Path, subtype: str) -> None:
    assert problems(inspect(tmp_path, voice(), subtype=subtype)) == []
    inspection = inspect(tmp_path, clip(voice(), 2.0), subtype=subtype)
    assert problems(inspection) == ["clipped"]
    assert not inspection.bad


def test_clipping_that_was_turned_down_later_is_seen(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, clip(voice(), 2.0) * 0.3)
    assert problems(inspection) == ["clipped"]
    assert "at -10.5 dBFS" in inspection.problems[0].detail


def test_float_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, voice() * 2.0, subtype="FLOAT")
    assert problems(inspection) == ["clipped"]
    assert inspection.peak == pytest.approx(1.75, abs=0.1)


def test_third_and_later_samples_of_a_run_are_counted(tmp_path: Path) -> None:
    signal = speech()
    signal[100:102] = 1.0  # two are no run
    signal[200:210] = 1.0  # eight
    signal[300:305] = -1.0  # three
    assert inspect(tmp_path, signal, subtype="FLOAT").clipped == 11 / 16000


def write_text(path: Path) -> None:
    path.write_text("This is no recording.\n" * 50)


def write_nan(path: Path) -> None:
    samples = speech()
    samples[-1] = np.nan
    soundfile.write(path, samples, 16000, format="WAV", subtype="FLOAT")


def write_cut_off(path: Path) -> None:
    soundfile.write(path, speech(), 16000, format="WAV")
    path.write_bytes(path.read_bytes()[:20000])


@pytest.mark.parametrize(
    ("write", "detail"),
    [
        (lambda path: None, "cannot be read (No such file or directory)"),
        (Path.touch, "is empty (0 bytes)"),
        (write_text, "is not audio that libsndfile reads"),
        (
            lambda path: soundfile.write(path, np.zeros(0), 16000, format="WAV"),
            "contains no samples",
        ),
        (write_nan, "contains samples that are not finite"),
        (write_cut_off, "is cut off (only 19956 of 32000 bytes are present)"),
    ],
)
def test_broken_recordings(tmp_path: Path, write: Callable[[Path], None], detail: str) -> None:
    path = tmp_path / "a.audio"
    write(path)
    inspection = inspect_recording(path, LIMITS)
    assert problems(inspection) == ["broken"]
    assert inspection.bad
    assert inspection.problems[0].detail.startswith(detail)
    assert inspection.sha256 == inspection.fingerprint == ""


@pytest.mark.parametrize(("low", "high"), [(0.05, 60), (2, 1), (0.1, 0.1), (0.1, float("nan"))])
def test_limits_that_cannot_hold_are_refused(low: float, high: float) -> None:
    with pytest.raises(SersnakeError, match="min_duration"):
        AudioLimits(low, high)


def test_limits_are_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, speech(2.0), 16000)
    assert problems(inspect_recording(path, AudioLimits(2.0, 3.0))) == []
    assert problems(inspect_recording(path, AudioLimits(2.1, 3.0))) == ["too_short"]
    assert problems(inspect_recording(path, AudioLimits(0.1, 1.9))) == ["too_long"]


@pytest.fixture
def corpus(tmp_path: Path) -> list[Path]:
    """Good, broken, the first again, silent, clipped, silent again."""
    signals = [speech(), speech(seed=1), speech(), np.zeros(8000), clip(voice(), 3), np.zeros(8000)]
    paths = [tmp_path / f"{number}.wav" for number in range(len(signals))]
    for path, signal in zip(paths, signals, strict=True):
        soundfile.write(path, signal, 16000)
    paths[1].write_bytes(paths[1].read_bytes()[:1000])
    return paths


def test_threads_change_nothing_and_progress_counts(corpus: list[Path]) -> None:
    calls: list[None] = []
    alone = inspect_recordings(corpus, LIMITS, progress=lambda: calls.append(None))
    assert len(calls) == len(corpus)
    assert [inspection.path for inspection in alone] == corpus
    assert inspect_recordings(corpus, LIMITS, threads=3) == alone
    assert inspect_recordings(corpus, LIMITS, threads=0) == alone
    assert inspect_recordings([], LIMITS, threads=3) == []
    assert inspect_recordings([str(path) for path in corpus], LIMITS) == alone


def test_report_names_each_problem(corpus: list[Path]) -> None:
    report = audio_report(list("abcdef"), inspect_recordings(corpus, LIMITS), "skip")
    assert report.drop(columns=["path", "detail"]).values.tolist() == [
        ["b", "broken", "skipped"],
        ["c", "duplicate", "kept"],
        ["d", "silent", "skipped"],
        ["e", "clipped", "kept"],
        ["f", "silent", "skipped"],
        ["f", "duplicate", "skipped"],
    ]
    assert report["path"].tolist() == [str(corpus[i]) for i in (1, 2, 3, 4, 5, 5)]
    assert report["detail"][1] == "has the same samples as a"
    assert report["detail"][5] == "has the same samples as d"


def test_report_of_good_recordings_is_a_header(corpus: list[Path]) -> None:
    report = audio_report(["a"], inspect_recordings(corpus[:1], LIMITS), "stop")
    assert report.empty
    assert list(report.columns) == ["utterance", "path", "problem", "detail", "action"]


def test_summary(corpus: list[Path]) -> None:
    inspections = inspect_recordings(corpus, LIMITS)
    report = audio_report(list("abcdef"), inspections, "stop")
    expected = "6 recordings, 0.1 min: 3 bad, 1 clipped, 2 duplicates"
    assert audio_summary(inspections, report) == expected


def test_progress_is_a_line_a_tenth_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.arange(1000.0))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    progress = Progress("recordings", 95, stream)
    for _ in range(95):
        progress()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[0] == "9/95 recordings, 86 s left"
    assert lines[-1] == "95/95 recordings, in 95.0 s"


def test_progress_of_quick_work_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.arange(0, 1, 0.01))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    assert list(report_files([Path("a")] * 50, stream)) == [Path("a")] * 50
    assert stream.getvalue() == "50/50 recordings, in 0.5 s\n"


def test_long_recording_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 16000, 2) as sound:
        for _ in range(600):
            sound.write(np.stack([speech()] * 2, axis=1))
    tracemalloc.start()
    inspection = inspect_recording(path, AudioLimits(max_duration=3600))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert inspection.duration == 600  # 38 MB of samples
    assert peak < 10e6
