"""Degradations: what each does to a signal, and that it does the same again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from sersnake.cli import main
from sersnake.features.degradations import degrade
from sersnake.features.functionals import functionals
from sersnake.io import Features
from sersnake.io.audio import MAX_SAMPLE, SAMPLE_RATE, read_audio
from sersnake.settings.degradation import CONDITIONS

Signal = NDArray[np.float32]
LASTING = [name for name in CONDITIONS if not name.startswith("speed")]


@pytest.fixture(scope="module")
def vowel() -> Signal:
    """A voice of 125 Hz through one formant at 1000 Hz, swelling; it ends in silence."""
    samples = np.arange(24000)
    pulses = (samples % 128 == 0) * (samples < 20000) * (0.2 + samples / 40000)
    decay = np.exp(-samples[:800] / 25) * np.sin(2 * np.pi * samples[:800] / 16)
    voice = np.convolve(pulses, decay)[:24000]
    return (0.5 * voice / np.abs(voice).max()).astype(np.float32)


def power(signal: Signal, low: float, high: float) -> float:
    """Power in a band, in dB."""
    hz = np.fft.rfftfreq(len(signal), 1 / SAMPLE_RATE)
    spectrum = np.abs(np.fft.rfft(signal.astype(float))) ** 2
    return float(10 * np.log10(spectrum[(hz >= low) & (hz < high)].sum() / len(signal) + 1e-12))


def lag(signal: Signal, of: Signal) -> int:
    size = 2 * len(of)
    product = np.fft.rfft(signal, size) * np.conj(np.fft.rfft(of, size))
    return (int(np.fft.irfft(product, size).argmax()) + len(of)) % size - len(of)


def pitch(signal: Signal) -> float:
    """The strongest period between 80 and 250 Hz, in Hz."""
    square = np.abs(np.fft.rfft(signal.astype(float), 2 * len(signal))) ** 2
    return SAMPLE_RATE / (64 + int(np.fft.irfft(square)[64:200].argmax()))


def formant(signal: Signal) -> float:
    """The middle of the power between 500 and 1500 Hz, in Hz."""
    hz = np.fft.rfftfreq(len(signal), 1 / SAMPLE_RATE)
    weights = np.abs(np.fft.rfft(signal.astype(float))) ** 2 * ((hz > 500) & (hz < 1500))
    return float(hz @ weights / weights.sum())


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_degraded_signal_is_a_signal_and_the_same_again(vowel: Signal, condition: str) -> None:
    before = vowel.copy()
    once, again = degrade(vowel, condition, "a"), degrade(vowel, condition, "a")
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(vowel, before)
    assert once.dtype == np.float32 and np.isfinite(once).all()
    assert once.min() >= -1 and once.max() <= MAX_SAMPLE
    assert not np.array_equal(once, vowel)
    drawn = condition.startswith(("noise", "reverberation"))
    assert np.array_equal(once, degrade(vowel, condition, "b")) != drawn


@pytest.mark.parametrize("condition", LASTING)
@pytest.mark.parametrize("samples", [1600, 24000])
def test_time_stays_as_it_was(vowel: Signal, condition: str, samples: int) -> None:
    changed = degrade(vowel[-samples:], condition, "a")
    assert len(changed) == samples
    if samples > 1600:
        assert abs(lag(changed, vowel)) <= 1


@pytest.mark.parametrize("condition", CONDITIONS)
def test_silence_stays_without_sound(condition: str) -> None:
    assert np.abs(degrade(np.zeros(8000, np.float32), condition, "a")).max() < 1e-4


@pytest.mark.parametrize("snr", [20, 10, 5])
def test_noise_is_as_strong_as_it_says(vowel: Signal, snr: int) -> None:
    noise = degrade(vowel, f"noise_{snr}", "a") - vowel
    assert power(vowel, 0, 9000) - power(noise, 0, 9000) == pytest.approx(snr, abs=0.05)
    weaker = degrade(vowel, "noise_20", "a") - vowel
    assert np.corrcoef(noise, weaker)[0, 1] > 0.999  # the same noise at another level


def test_a_telephone_has_its_band() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(32000)).astype(np.float32)
    heard = degrade(noise, "telephone", "a")
    for low, high, loss in ((600, 2500, 0), (290, 310, 3), (3390, 3410, 3), (130, 150, 26)):
        assert power(noise, low, high) - power(heard, low, high) == pytest.approx(loss, abs=2)
    assert power(heard, 4050, 8001) < power(noise, 4050, 8001) - 40


def test_a_room_sounds_on_at_the_same_level(vowel: Signal) -> None:
    heard = degrade(vowel, "reverberation", "a")
    assert power(heard, 0, 9000) == pytest.approx(power(vowel, 0, 9000), abs=0.1)
    early, late = (power(heard[at : at + 800], 0, 9000) for at in (20500, 20500 + 1600))
    assert early - late == pytest.approx(10, abs=2)  # 60 dB in 0.6 s is 10 dB in 0.1 s


def test_mp3_loses_what_32_kbit_leave_out() -> None:
    noise = (0.1 * np.random.default_rng(0).standard_normal(32000)).astype(np.float32)
    heard = degrade(noise, "mp3_32", "a")
    assert power(noise, 7500, 8001) - power(heard, 7500, 8001) > 20
    assert power(heard - noise, 0, 3000) < power(noise, 0, 3000) - 3


def test_peaks_are_cut_and_levels_fall(vowel: Signal) -> None:
    cut = degrade(vowel, "clipping", "a")
    assert np.mean(np.abs(cut) >= np.abs(cut).max()) == pytest.approx(0.1, abs=0.01)
    np.testing.assert_allclose(degrade(vowel, "level", "a"), vowel / 10, atol=1e-7)


@pytest.mark.parametrize("percent", [90, 110])
def test_speed_changes_pitch_and_formants_and_vtlp_formants_alone(
    vowel: Signal, percent: int
) -> None:
    played = degrade(vowel, f"speed_{percent}", "a")
    assert len(played) == pytest.approx(24000 * 100 / percent, abs=1)
    assert pitch(played) == pytest.approx(125 * percent / 100, rel=0.01)
    warped = degrade(vowel, f"vtlp_{percent}", "a")
    assert pitch(warped) == pytest.approx(125, rel=0.001)
    for changed in (played, warped):
        assert formant(changed) == pytest.approx(formant(vowel) * percent / 100, rel=0.04)


@pytest.fixture
def recordings(tmp_path: Path, vowel: Signal) -> Iterator[list[str]]:
    paths = [tmp_path / f"{name}.wav" for name in "ab"]
    for path in paths:
        soundfile.write(path, vowel, SAMPLE_RATE)
    yield [str(path) for path in paths]


def test_the_verb_extracts_what_was_degraded(recordings: list[str], tmp_path: Path) -> None:
    output = tmp_path / "pack"
    call = ["extract-degraded", "opensmile", *recordings, "--condition=noise_10"]
    assert main([*call, f"--output={output}"]) == 0
    pack = Features.load(output)
    assert pack.options == {"kind": "opensmile", "feature_set": "IS09", "condition": "noise_10"}
    signal = read_audio(recordings[1])
    np.testing.assert_array_equal(pack.rows(1)[0], functionals(degrade(signal, "noise_10", "b")))
    assert not np.array_equal(pack.rows(0), pack.rows(1))
    alone = tmp_path / "alone"  # a name decides, not what else is extracted
    assert main([*call[:2], recordings[1], call[-1], f"--output={alone}"]) == 0
    np.testing.assert_array_equal(Features.load(alone).rows(0), pack.rows(1))
