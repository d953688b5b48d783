"""The kernel against its definition in NumPy, on signals made here."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from sersnake import MfccOptions, log_mel, mfcc
from sersnake.errors import SersnakeError
from sersnake.features import cepstra, extension, mel

PATHS = extension.kernel().supported()


def noise(length: int, seed: int = 0) -> NDArray[np.float32]:
    """Decaying noise in [-1, 1)."""
    generator = np.random.default_rng(seed)
    return (0.2 * generator.standard_normal(length)).clip(-1, 0.999).astype(np.float32)


def reference(signal: NDArray[np.float32], options: MfccOptions) -> NDArray[np.float64]:
    """The log-mel spectrum at 16 kHz in double precision, frame by frame."""
    x = np.append(signal[:1], signal[1:] - options.preemphasis * signal[:-1].astype(float))
    length, hop = mel.samples(options.window_ms, 16000), mel.samples(options.hop_ms, 16000)
    count = 1 + max(0, -(-(len(x) - length) // hop))
    x = np.append(x, np.zeros(count * hop + length))
    frames = np.stack([x[i * hop : i * hop + length] for i in range(count)])
    frames = frames * mel.window(options.window, length, options.periodic)
    powers = np.abs(np.fft.rfft(frames, options.n_fft)) ** 2 / options.n_fft
    return np.log(np.maximum(powers @ mel.filters(options, 16000).T, options.log_floor))


@pytest.mark.filterwarnings("ignore:each window of")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("n_fft", [64, 128, 256, 512, 1024, 2048, 4096])
@pytest.mark.parametrize(("window_ms", "hop_ms"), [(24.0, 12.0), (25.0, 10.0), (3.7, 7.3)])
def test_log_mel_follows_its_definition(
    monkeypatch: pytest.MonkeyPatch, path: str, n_fft: int, window_ms: float, hop_ms: float
) -> None:
    monkeypatch.setenv(extension.SIMD_VARIABLE, path)
    options = MfccOptions(n_fft=n_fft, window_ms=window_ms, hop_ms=hop_ms)
    signal = noise(9001)
    expected = np.exp(reference(signal, options))
    ours = np.exp(log_mel(signal, options=options))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6 * expected.max())


@pytest.mark.parametrize("path", PATHS)
def test_paths_agree(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    signal = noise(48000)
    best = mfcc(signal)
    monkeypatch.setenv(extension.SIMD_VARIABLE, path)
    assert np.abs(mfcc(signal) - best).max() <= 1e-5 * np.abs(best).max()


def test_unknown_instruction_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(extension.SIMD_VARIABLE, "mmx")
    with pytest.raises(SersnakeError, match=r"SERSNAKE_SIMD is 'mmx'.*baseline"):
        mfcc(noise(1000))


def test_types_and_strides_give_the_same() -> None:
    integers = (noise(5000) * 32768).astype(np.int16)
    floats = integers.astype(np.float32) / 32768
    expected = mfcc(floats)
    assert np.array_equal(mfcc(integers), expected)
    assert np.array_equal(mfcc(floats.astype(np.float64)), expected)
    assert np.array_equal(mfcc(floats.astype(">f4")), expected)
    stereo = np.stack([floats, -floats], axis=1)
    assert np.array_equal(mfcc(stereo[:, 0]), expected)
    assert np.array_equal(mfcc(floats[::-1].copy()[::-1]), expected)
    repeated = np.broadcast_to(np.float32(0.5), 5000)
    assert np.array_equal(mfcc(repeated), mfcc(repeated.copy()))


@pytest.mark.parametrize("length", [1, 2, 383, 384, 385, 576, 577, 16 * 192 + 192, 6667])
def test_frames_and_values_of_short_signals(length: int) -> None:
    result = mfcc(noise(length))
    assert result.shape == (1 + max(0, -(-(length - 384) // 192)), 13)
    assert result.dtype == np.float32
    # Whoever pads the signal gets the same: after pre-emphasis, so without it here.
    signal = noise(length)
    padded = np.append(signal, np.zeros(len(result) * 192 + 192 - length, np.float32))
    plain = MfccOptions(preemphasis=0.0)
    assert np.array_equal(mfcc(signal, options=plain), mfcc(padded, options=plain)[: len(result)])


def test_batch_gives_what_single_calls_give() -> None:
    signals = [noise(n, seed=n) for n in (1, 500, 70000, 3000, 420000)]
    for threads in (1, 2, 5):
        batch = cepstra.extract(signals, threads=threads)
        assert all(
            np.array_equal(a, mfcc(signal)) for a, signal in zip(batch, signals, strict=True)
        )
    assert cepstra.extract([]) == []


def test_longer_window_is_cut_to_n_fft() -> None:
    """The paper's 384-sample Hamming window before a 256-point transform."""
    signal = noise(384)
    window = mel.window("hamming", 384, periodic=False)[:256]
    x = np.append(signal[:1], signal[1:] - 0.97 * signal[:-1].astype(float))[:256] * window
    powers = np.abs(np.fft.rfft(x)) ** 2 / 256
    options = MfccOptions(n_fft=256)
    expected = np.log(powers @ mel.filters(options, 16000).T)
    np.testing.assert_allclose(log_mel(signal, options=options)[0, 4:], expected[4:], atol=1e-4)
    energy = mfcc(signal, options=options)[0, 0]
    assert energy == pytest.approx(np.log(powers.sum()), rel=1e-5)


def test_silence_and_extremes_are_finite() -> None:
    square = np.where(np.arange(8000) // 40 % 2, 32767, -32768).astype(np.int16)
    for signal in (np.zeros(8000, np.float32), np.full(8000, -32768, np.int16), square):
        assert np.isfinite(mfcc(signal)).all()
    assert np.isfinite(mfcc(2 * np.sign(noise(8000)))).all()
    assert log_mel(np.zeros(400, np.float32))[0] == pytest.approx(np.log(np.finfo(float).eps))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2.01, -3e4, 2e15])
@pytest.mark.parametrize("index", [0, 1, 383, 5000, 8999])
def test_bad_samples_are_named(value: float, index: int) -> None:
    signal = noise(9000)
    signal[index] = value
    with pytest.raises(SersnakeError, match=rf"signal\[{index}\] is "):
        mfcc(signal)
    with pytest.raises(SersnakeError, match=rf"signal\[{index}\] is "):
        mfcc(signal, window_ms=5.0, hop_ms=30.0, padding="none")
    with pytest.raises(SersnakeError, match=rf"signals\[1\]\[{index}\] is "):
        cepstra.extract([noise(9000), signal, signal], threads=2)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros(0, np.float32), "signal is empty"),
        (np.zeros((10, 2), np.float32), r"signal has shape \(10, 2\)"),
        (np.zeros(10, np.int32), "signal is int32"),
        (["a"], "signal is <U1"),
    ],
)
def test_other_signals_are_refused(signal: object, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        mfcc(signal)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_fft": 400}, "n_fft: 400: choose a power of two from 64 to 4096"),
        ({"n_fft": 8192}, "n_fft: 8192 is not allowed; choose a whole number of at least 64 and"),
        ({"n_mfcc": 13.0}, "n_mfcc: 13.0 is not allowed; choose a whole number of at least 1"),
        ({"n_mfcc": 27}, "n_mfcc: 27: choose at most n_mels = 26"),
        ({"window_ms": float("nan")}, "window_ms: nan is not allowed; choose a number"),
        ({"window": "kaiser"}, "window: 'kaiser' is not allowed; choose one of blackman, hamming"),
        ({"remove_dc": 1}, "remove_dc: 1 is not allowed; choose true or false"),
        ({"low_hz": 500.0, "high_hz": 400.0}, "high_hz: 400.0: choose more than 500"),
        ({"top_db": 80.0}, "top_db: 80.0: it needs log_kind"),
        ({"n_mel": 26}, "n_mel: there is no such key; did you mean n_mels"),
        ({"high_hz": 9000.0}, "half the sample rate, 8000 Hz"),
    ],
)
def test_wrong_options_are_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        mfcc(noise(1000), **values)


def test_options_survive_a_dictionary() -> None:
    options = MfccOptions(n_mels=40, high_hz=7600.0)
    assert MfccOptions(**options.as_dict()) == options


def test_slaney_mel_is_linear_below_1_khz() -> None:
    options = MfccOptions(mel_scale="slaney", high_hz=900.0, filter_shape="hertz")
    in_mel = options.replace(filter_shape="mel")
    np.testing.assert_allclose(mel.filters(in_mel, 16000), mel.filters(options, 16000), atol=1e-9)
    points = np.array([0.0, 440.0, 1000.0, 5000.0])
    np.testing.assert_allclose(mel.hz_to_mel(points, "slaney"), [0, 6.6, 15, 38.4], atol=0.05)
    for scale in ("htk", "slaney"):
        there = mel.hz_to_mel(points, scale)
        np.testing.assert_allclose(mel.mel_to_hz(there, scale), points, atol=1e-9)


def test_presets_are_named() -> None:
    assert MfccOptions.like("kaldi", 16000).window == "povey"
    with pytest.raises(SersnakeError, match="no MFCC preset 'htk': choose one of python_sp"):
        MfccOptions.like("htk", 16000)


def test_preset_of_librosa_has_its_samples_at_every_rate() -> None:
    for rate in (8000, 11025, 16000, 22050, 44100, 48000):
        options = MfccOptions.like("librosa", rate)
        assert mel.samples(options.window_ms, rate) == options.n_fft == 2048
        assert mel.samples(options.hop_ms, rate) == 512
    with pytest.raises(SersnakeError, match=r"sample_rate is 22050\.5; choose a whole number"):
        MfccOptions.like("librosa", 22050.5)  # type: ignore[arg-type]
    with pytest.raises(SersnakeError, match=r"window_ms: 2048\.0 is not allowed"):
        MfccOptions.like("librosa", 1000)


@pytest.mark.parametrize("extract", [mfcc, log_mel])
def test_window_that_loses_more_than_a_third_is_warned_of(
    extract: Callable[..., NDArray[np.float32]],
) -> None:
    message = r"1058 samples \(24 ms at 44100 Hz\) is cut to its first n_fft = 512: .* n_fft = 2048"
    with pytest.warns(UserWarning, match=message) as caught:
        extract(noise(44100), 44100, n_fft=512)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        extract(noise(16000), n_fft=256)  # the paper's own
        extract(noise(44100), 44100, n_fft=2048)
        for name in ("librosa", "kaldi", "torchaudio"):
            extract(noise(44100), 44100, options=MfccOptions.like(name, 44100))


def test_top_db_lifts_to_the_utterances_largest() -> None:
    signal = np.append(noise(40000), 1e-6 * noise(40000)).astype(np.float32)
    options = MfccOptions(log_kind="decibel", energy="none", log_floor=1e-30)
    free = log_mel(signal, options=options)
    limited = log_mel(signal, options=options, top_db=60.0)
    assert free.min() < free.max() - 100
    np.testing.assert_allclose(limited, np.maximum(free, free.max() - 60), rtol=1e-6)
    cepstra_of_limited = limited @ mel.cosines(options).astype(np.float32).T
    ours = mfcc(signal, options=options, top_db=60.0)
    np.testing.assert_allclose(ours, cepstra_of_limited, rtol=1e-4, atol=2e-3)


@pytest.mark.parametrize("name", ["threads", "sample_rate"])
def test_wrong_counts_are_refused(name: str) -> None:
    for value in (0, 1.5, True, 10**9):
        with pytest.raises(SersnakeError, match=f"{name} is {value}; choose a whole number"):
            cepstra.extract([noise(10)], **{name: value})  # type: ignore[arg-type]


def test_calls_from_many_threads_agree() -> None:
    signals = [noise(30000, seed) for seed in range(8)]
    expected = [mfcc(signal) for signal in signals]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            for ours, alone in zip(pool.map(mfcc, signals), expected, strict=True):
                assert np.array_equal(ours, alone)


def test_other_threads_run_meanwhile() -> None:
    """The kernel holds no lock of the interpreter: a counter advances while it works."""
    signal = np.zeros(16_000_000, np.int16)
    ticks: list[float] = []
    done = Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.perf_counter())

    with ThreadPoolExecutor(1) as pool:
        pool.submit(tick)
        begin = time.perf_counter()
        mfcc(signal)
        end = time.perf_counter()
        done.set()
    assert sum(begin < t < end for t in ticks) >= 2


def test_import_is_light() -> None:
    code = "import sys, sersnake; print([m for m in ('numpy', 'torch') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout == "[]\n"


def test_missing_extension_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sersnake._kernel", None)
    monkeypatch.delattr("sersnake._kernel")
    with pytest.raises(SersnakeError, match="make build"):
        mfcc(noise(1000))
