"""Properties of the cepstra that hold for any signal and any options."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import python_speech_features
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sersnake import MfccOptions, delta, log_mel, mfcc
from sersnake.features import cepstra, mel

pytestmark = pytest.mark.filterwarnings("ignore:each window of")

Signal = NDArray[np.float32]


@st.composite
def all_options(draw: st.DrawFn) -> MfccOptions:
    """Options of every kind whose log bands :func:`reference` can compute."""
    choices = {
        "n_fft": st.sampled_from([64, 128, 256, 512, 1024]),
        "n_mels": st.integers(1, 30),
        "window_ms": st.floats(0.2, 70),
        "hop_ms": st.floats(0.2, 40),
        "preemphasis": st.sampled_from([0.0, 0.5, 0.97]),
        "preemphasis_scope": st.sampled_from(["signal", "frame"]),
        "remove_dc": st.booleans(),
        "window": st.sampled_from(["hamming", "hann", "povey", "rectangular"]),
        "periodic": st.booleans(),
        "padding": st.sampled_from(["tail", "center", "none"]),
        "filter_shape": st.sampled_from(["bins", "hertz", "mel"]),
        "filter_norm": st.sampled_from(["none", "slaney"]),
        "mel_scale": st.sampled_from(["htk", "slaney"]),
        "normalize_power": st.booleans(),
    }
    values = {name: draw(strategy) for name, strategy in choices.items()}
    return MfccOptions(**values, n_mfcc=1, log_floor=1e-30)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    length = draw(st.integers(1, 6000))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return generator.uniform(-1, 1, length).astype(np.float32)


def reference(signal: Signal, options: MfccOptions) -> tuple[NDArray[np.float64], float]:
    """The mel bands at 16 kHz in double precision, frame by frame, and the largest power."""
    length = mel.samples(options.window_ms, 16000)
    hop = mel.samples(options.hop_ms, 16000)
    x = signal.astype(np.float64)
    if options.preemphasis_scope == "signal":
        x[1:] -= options.preemphasis * signal[:-1].astype(np.float64)
    used = min(length, options.n_fft)
    before = (used + 1) // 2 if options.padding == "center" else 0
    count = cepstra._n_frames(len(x), length, hop, options)
    x = np.concatenate([np.zeros(before), x, np.zeros(count * hop + length)])
    window = mel.window(options.window, length, options.periodic)
    bands, largest = [], 1e-20
    for i in range(count):
        frame = x[i * hop : i * hop + length]
        if options.remove_dc:
            frame = frame - frame.mean()
        if options.preemphasis_scope == "frame":
            frame = frame - options.preemphasis * np.append(frame[:1], frame[:-1])
        power = np.abs(np.fft.rfft((frame * window)[:used], options.n_fft)) ** 2
        power /= options.n_fft if options.normalize_power else 1
        bands.append(mel.filters(options, 16000) @ power)
        largest = max(largest, power.max())
    return np.array(bands).reshape(count, options.n_mels), largest


@settings(max_examples=150, deadline=None)
@given(signals(), all_options())
def test_log_mel_follows_its_definition(signal: Signal, options: MfccOptions) -> None:
    expected, largest = reference(signal, options)
    ours = np.exp(log_mel(signal, options=options).astype(np.float64))
    assert ours.shape == expected.shape
    np.testing.assert_allclose(ours, expected, rtol=2e-5, atol=3e-6 * largest)


@settings(max_examples=50, deadline=None)
@given(st.lists(signals(), max_size=6), all_options(), st.integers(1, 4))
def test_batches_and_threads_change_nothing(
    batch: list[Signal], options: MfccOptions, threads: int
) -> None:
    single = [mfcc(signal, options=options) for signal in batch]
    together = cepstra.extract(batch, options, threads=threads)
    for a, b in zip(single, together, strict=True):
        assert np.array_equal(a, b)


@settings(max_examples=50, deadline=None)
@given(signals(), st.integers(-8, 1))
def test_gain_shifts_the_energy_alone(signal: Signal, octaves: int) -> None:
    """Cepstra but the first are free of the gain; the log energy moves by 2 log(gain)."""
    options = MfccOptions(log_floor=1e-36)
    quiet, loud = (mfcc(gain * signal, options=options) for gain in (1, np.float32(2.0**octaves)))
    np.testing.assert_allclose(loud[:, 1:], quiet[:, 1:], atol=2e-3)
    np.testing.assert_allclose(loud[:, 0] - quiet[:, 0], 2 * octaves * np.log(2), atol=1e-4)


@settings(max_examples=50, deadline=None)
@given(signals(), st.integers(1, 10))
def test_delay_by_hops_delays_the_frames(signal: Signal, hops: int) -> None:
    signal = np.append(signal, np.zeros(384, np.float32))
    delayed = mfcc(np.append(np.zeros(hops * 192, np.float32), signal))
    np.testing.assert_allclose(delayed[hops:], mfcc(signal), atol=2e-3)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.floats(-5, 5))
def test_delta_of_a_line_is_its_slope(frames: int, width: int, slope: float) -> None:
    line = np.float32(slope) * np.arange(frames + 2 * width, dtype=np.float32)[:, None]
    inner = delta(line, width)[width:-width]
    np.testing.assert_allclose(inner, np.float32(slope), rtol=1e-4, atol=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_delta_is_that_of_python_speech_features(
    frames: int, columns: int, width: int, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(0, 10, (frames, columns)).astype(np.float32)
    expected = python_speech_features.delta(values, width)
    np.testing.assert_allclose(delta(values, width), expected, rtol=1e-4, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(signals(), st.integers(0, 2))
def test_deltas_are_appended(signal: Signal, order: int) -> None:
    plain = mfcc(signal)
    slopes = [plain, delta(plain), delta(delta(plain))][: order + 1]
    np.testing.assert_array_equal(mfcc(signal, deltas=order), np.hstack(slopes))


@settings(max_examples=10, deadline=None)
@given(signals())
def test_deltas_are_appended_to_log_bands(signal: Signal) -> None:
    plain = log_mel(signal)
    np.testing.assert_array_equal(log_mel(signal, deltas=1), np.hstack([plain, delta(plain)]))


def test_an_hour_of_audio_needs_little_more_than_its_result() -> None:
    """Peak memory of a process of its own, before and after an hour of 16-bit audio."""
    code = (
        "import resource, numpy as np, sersnake\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "hour = np.full(3600 * 16000, 1000, np.int16)\n"
        "sersnake.mfcc(hour[:16000])\n"
        "before = peak()\n"
        "found = sersnake.mfcc(hour)\n"
        "print(found.shape[0], peak() - before - found.nbytes)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    frames, more = map(int, run.stdout.split())
    assert frames == 300_000 - 1
    assert more < 8e6
