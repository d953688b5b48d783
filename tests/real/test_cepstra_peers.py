"""The presets against the libraries whose names they bear, on 50 EMODB recordings."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from sersnake import MfccOptions, delta, log_mel, mfcc
from sersnake.features.cepstra import extract
from sersnake.features.extension import SIMD_VARIABLE, kernel

RATES = [8000, 11025, 16000, 22050, 44100]

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def peer(name: str) -> Any:
    """The library, or a skip where it is missing or cannot be loaded beside this torch."""
    try:
        return import_module(name)
    except (ImportError, OSError) as error:
        pytest.skip(f"{name} cannot be imported: {error}")


@pytest.fixture(scope="session")
def recordings(emodb_dir: Path) -> list[NDArray[np.int16]]:
    paths = sorted((emodb_dir / "wav").glob("*.wav"))[:: 535 // 50][:50]
    return [soundfile.read(path, dtype="int16")[0] for path in paths]


def at_rate(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    return samples if rate == 16000 else soxr.resample(samples, 16000, rate)


def assert_close(ours: NDArray[np.float32], theirs: NDArray[np.floating]) -> None:
    """Equal to 1e-4 of the file's largest value, and elementwise to 1e-4 beyond 0.002.

    The absolute part is float32 noise in bands 60 dB under the strongest; cepstra reach 60.
    """
    assert ours.shape == theirs.shape
    difference = np.abs(ours - theirs)
    assert difference.max() <= 1e-4 * np.abs(theirs).max()
    assert (difference <= 1e-4 * np.abs(theirs) + 2e-3).all()


@pytest.mark.parametrize("path", kernel().supported())
def test_instruction_sets_agree(
    recordings: list[NDArray[np.int16]], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    options = MfccOptions(n_fft=512)
    best = extract(recordings, options)
    monkeypatch.setenv(SIMD_VARIABLE, path)
    for ours, theirs in zip(extract(recordings, options), best, strict=True):
        assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize("n_fft", [512, 256])
@pytest.mark.parametrize("energy", [True, False])
def test_the_papers_framing(recordings: list[NDArray[np.int16]], n_fft: int, energy: bool) -> None:
    psf = peer("python_speech_features")
    for samples in recordings:
        expected = psf.mfcc(
            samples / 32768, 16000, winlen=0.024, winstep=0.012, numcep=13, nfilt=26,
            nfft=n_fft, preemph=0.97, ceplifter=22, appendEnergy=energy, winfunc=np.hamming,
        )  # fmt: skip
        ours = mfcc(samples, n_fft=n_fft, energy="spectrum" if energy else "none")
        assert_close(ours, expected)


@pytest.mark.filterwarnings("ignore:each window of")  # which it cuts without one
@pytest.mark.parametrize("rate", RATES)
def test_python_speech_features(recordings: list[NDArray[np.int16]], rate: int) -> None:
    psf = peer("python_speech_features")
    options = MfccOptions.like("python_speech_features", rate)
    for samples in recordings if rate == 16000 else recordings[::10]:
        signal = at_rate(samples, rate)
        ours = mfcc(signal, rate, options=options)
        expected = psf.mfcc(signal / 32768, rate)
        assert_close(ours, expected)
        bands = psf.logfbank(signal / 32768, rate)
        assert_close(log_mel(signal, rate, options=options), bands)
        assert_close(delta(ours, 3), psf.delta(expected, 3))


@pytest.mark.parametrize("rate", RATES)
def test_librosa(recordings: list[NDArray[np.int16]], rate: int) -> None:
    librosa = peer("librosa")
    options = MfccOptions.like("librosa", rate)
    for samples in recordings if rate == 16000 else recordings[::10]:
        signal = at_rate(samples, rate).astype(np.float32) / 32768
        ours = mfcc(signal, rate, options=options)
        assert_close(ours, librosa.feature.mfcc(y=signal, sr=rate).T)
        bands = librosa.power_to_db(librosa.feature.melspectrogram(y=signal, sr=rate)).T
        assert_close(log_mel(signal, rate, options=options), bands)


def test_librosa_with_other_arguments(recordings: list[NDArray[np.int16]]) -> None:
    """HTK mel, a window of odd length inside n_fft, another hop, no lower limit of the range."""
    librosa = peer("librosa")
    changes = {"n_mfcc": 13, "n_mels": 40, "n_fft": 512, "window_ms": 25.0625, "hop_ms": 10.0}
    options = MfccOptions.like("librosa", 16000).replace(
        **changes, mel_scale="htk", filter_norm="none", high_hz=7600.0, top_db=None
    )
    for samples in recordings:
        signal = samples.astype(np.float32) / 32768
        bands = librosa.feature.melspectrogram(
            y=signal, sr=16000, n_fft=512, hop_length=160, win_length=401, n_mels=40,
            htk=True, norm=None, fmax=7600.0,
        )  # fmt: skip
        logs = librosa.power_to_db(bands, top_db=None)
        assert_close(mfcc(signal, options=options), librosa.feature.mfcc(S=logs, n_mfcc=13).T)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("energy", ["raw", "windowed", "none"])
def test_kaldi(recordings: list[NDArray[np.int16]], energy: str, rate: int) -> None:
    knf = peer("kaldi_native_fbank")
    given = knf.MfccOptions()
    given.frame_opts.dither = 0
    given.frame_opts.samp_freq = rate
    given.use_energy = energy != "none"
    given.raw_energy = energy == "raw"
    options = MfccOptions.like("kaldi", rate).replace(energy=energy)
    for samples in recordings if rate == 16000 else recordings[::10]:
        signal = at_rate(samples, rate)
        extractor = knf.OnlineMfcc(given)
        extractor.accept_waveform(rate, signal.astype(np.float32).tolist())
        extractor.input_finished()
        frames = [extractor.get_frame(i) for i in range(extractor.num_frames_ready)]
        assert_close(mfcc(signal, rate, options=options), np.stack(frames))


@pytest.mark.parametrize("rate", RATES)
def test_torchaudio(recordings: list[NDArray[np.int16]], rate: int) -> None:
    kaldi = peer("torchaudio.compliance.kaldi")
    torch = peer("torch")
    options = MfccOptions.like("torchaudio", rate)
    for samples in recordings if rate == 16000 else recordings[::10]:
        signal = at_rate(samples, rate).astype(np.float32) / 32768
        expected = kaldi.mfcc(torch.from_numpy(signal)[None], sample_frequency=rate).numpy()
        assert_close(mfcc(signal, rate, options=options), expected)
