"""What the inspection and the fingerprints say of real speech, untouched and changed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from sersnake.corpora.fingerprint import MAX_DISTANCE, fingerprint, near_pairs
from sersnake.corpora.inspection import (
    AudioLimits,
    Inspection,
    audio_report,
    audio_summary,
    inspect_recording,
    inspect_recordings,
)

pytestmark = pytest.mark.real

Signal = NDArray[np.float32]


@pytest.fixture(scope="module")
def paths(emodb_dir: Path) -> list[Path]:
    return sorted((emodb_dir / "wav").glob("*.wav"))


@pytest.fixture(scope="module")
def inspections(paths: list[Path]) -> list[Inspection]:
    return inspect_recordings(paths, AudioLimits(), threads=2)


@pytest.fixture(scope="module")
def signals(paths: list[Path]) -> list[Signal]:
    """Twenty recordings, two of each speaker."""
    return [soundfile.read(path, dtype="float32")[0] for path in paths[::27]]


def test_emodb_is_without_fault(paths: list[Path], inspections: list[Inspection]) -> None:
    report = audio_report([path.stem for path in paths], inspections, "stop")
    assert report.empty
    expected = "535 recordings, 24.8 min: 0 bad, 0 clipped, 0 duplicates"
    assert audio_summary(inspections, report) == expected
    assert {inspection.format for inspection in inspections} == {"WAV PCM_16"}


def test_no_recording_of_emodb_is_near_another(inspections: list[Inspection]) -> None:
    """Speakers repeat sentences in the same emotion; those are different recordings."""
    prints = [inspection.fingerprint for inspection in inspections]
    assert all(prints)
    assert near_pairs(prints) == []
    bits = [np.frombuffer(bytes.fromhex(text[4:]), np.uint8) for text in prints]
    signs = np.unpackbits(np.stack(bits), axis=1) * 2.0 - 1.0
    distances = (256 - signs @ signs.T) / 2
    assert distances[np.triu_indices(len(signs), 1)].min() >= 1.4 * MAX_DISTANCE


def decoded(signal: Signal, container: str, subtype: str, rate: int = 16000) -> Signal:
    """What is left after writing and reading."""
    file = io.BytesIO()
    soundfile.write(file, signal, rate, format=container, subtype=subtype)
    file.seek(0)
    return soundfile.read(file, dtype="float32")[0]


def noisy(signal: Signal, decibels: float) -> Signal:
    noise = np.random.default_rng(0).normal(0, signal.std() * 10 ** (-decibels / 20), len(signal))
    return (signal + noise).astype(np.float32)


def trimmed(signal: Signal) -> Signal:
    """Without up to 0.2 s before and after what is louder than -40 dB."""
    loud = np.flatnonzero(np.abs(signal) > 0.01 * np.abs(signal).max())
    return signal[min(loud[0], 3200) : max(loud[-1], len(signal) - 3200)]


def padded(signal: Signal, before: int, after: int) -> Signal:
    return np.concatenate([np.zeros(before), signal, np.zeros(after)]).astype(np.float32)


CHANGES = {
    "-20 dB": lambda x: (x * 0.1, 16000),
    "-40 dB in 16 bits": lambda x: (decoded(x * 0.01, "WAV", "PCM_16"), 16000),
    "+1 dB, clipped": lambda x: (np.clip(x * 1.12, -1, 1), 16000),
    "8 kHz": lambda x: (soxr.resample(x, 16000, 8000), 8000),
    "22.05 kHz": lambda x: (soxr.resample(x, 16000, 22050), 22050),
    "44.1 kHz": lambda x: (soxr.resample(x, 16000, 44100), 44100),
    "48 kHz": lambda x: (soxr.resample(x, 16000, 48000), 48000),
    "8 bits": lambda x: (decoded(x, "WAV", "PCM_U8"), 16000),
    "24 bits": lambda x: (decoded(x * 0.7, "FLAC", "PCM_24"), 16000),
    "mu-law": lambda x: (decoded(x, "WAV", "ULAW"), 16000),
    "telephone": lambda x: (decoded(soxr.resample(x, 16000, 8000), "WAV", "ALAW", 8000), 8000),
    "ADPCM": lambda x: (decoded(x, "WAV", "IMA_ADPCM"), 16000),
    "MP3": lambda x: (decoded(x, "MP3", "MPEG_LAYER_III"), 16000),
    "Vorbis": lambda x: (decoded(x, "OGG", "VORBIS"), 16000),
    "Opus": lambda x: (decoded(x, "OGG", "OPUS"), 16000),
    "noise 30 dB below": lambda x: (noisy(x, 30), 16000),
    "noise 20 dB below": lambda x: (noisy(x, 20), 16000),
    "silence cut off": lambda x: (trimmed(x), 16000),
    "silence before": lambda x: (padded(x, 3200, 0), 16000),
    "silence after": lambda x: (padded(x, 0, 3200), 16000),
    "5 ms before, 7 ms after": lambda x: (padded(x, 80, 112), 16000),
    "7 ms cut off": lambda x: (x[112:], 16000),
    "several": lambda x: (noisy(padded(decoded(x * 0.5, "OGG", "VORBIS"), 500, 900), 30), 16000),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found(change: str, signals: list[Signal]) -> None:
    originals = [fingerprint(signal, 16000) for signal in signals]
    copies = [fingerprint(*CHANGES[change](signal)) for signal in signals]
    count = len(signals)
    assert near_pairs([*originals, *copies]) == [(i, count + i) for i in range(count)]


def clipped(signals: list[Signal], folder: Path, subtype: str = "PCM_16", rate: int = 16000) -> int:
    """How many of the recordings are reported as clipped."""
    path = folder / "a.audio"
    actual = 0
    for signal in signals:
        container = "MP3" if subtype == "MPEG_LAYER_III" else "WAV"
        soundfile.write(path, signal, rate, format=container, subtype=subtype)
        inspection = inspect_recording(path, AudioLimits())
        actual += [problem.name for problem in inspection.problems] == ["clipped"]
    return actual


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_U8", "FLOAT", "ULAW", "MPEG_LAYER_III"])
def test_speech_up_to_full_scale_is_not_clipped(
    subtype: str, signals: list[Signal], tmp_path: Path
) -> None:
    assert clipped(signals, tmp_path, subtype) == 0
    assert clipped([signal * 0.25 for signal in signals], tmp_path, subtype) == 0
    resampled = [soxr.resample(signal, 16000, 48000) for signal in signals]
    assert clipped([x / np.abs(x).max() for x in resampled], tmp_path, subtype, 48000) == 0


def test_speech_that_was_too_loud_is_clipped(signals: list[Signal], tmp_path: Path) -> None:
    loud = [np.clip(signal * 2, -1, 1) for signal in signals]
    assert clipped(loud, tmp_path) >= 17
    assert clipped([signal * 0.3 for signal in loud], tmp_path) >= 17
