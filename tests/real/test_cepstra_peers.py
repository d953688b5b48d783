"""The presets against the libraries whose names they bear, on EMODB recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from sersnake import mfcc

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="session")
def recordings(emodb_dir: Path) -> list[NDArray[np.int16]]:
    """Every eleventh of the 535 files."""
    paths = sorted((emodb_dir / "wav").glob("*.wav"))[::27]
    return [soundfile.read(path, dtype="int16")[0] for path in paths]


def assert_close(ours: NDArray[np.float32], theirs: NDArray[np.floating]) -> None:
    """Equal to 1e-4 of the file's largest value, and elementwise to 1e-4 beyond 0.001.

    The absolute part is float32 noise in bands 60 dB under the strongest; cepstra reach 60.
    """
    assert ours.shape == theirs.shape
    difference = np.abs(ours - theirs)
    assert difference.max() <= 1e-4 * np.abs(theirs).max()
    assert (difference <= 1e-4 * np.abs(theirs) + 1e-3).all()


@pytest.mark.parametrize("n_fft", [512, 256])
@pytest.mark.parametrize("energy", [True, False])
def test_python_speech_features(
    recordings: list[NDArray[np.int16]], n_fft: int, energy: bool
) -> None:
    psf = pytest.importorskip("python_speech_features")
    for samples in recordings:
        expected = psf.mfcc(
            samples / 32768, 16000, winlen=0.024, winstep=0.012, numcep=13, nfilt=26,
            nfft=n_fft, preemph=0.97, ceplifter=22, appendEnergy=energy, winfunc=np.hamming,
        )  # fmt: skip
        ours = mfcc(samples, n_fft=n_fft, energy="spectrum" if energy else "none")
        assert_close(ours, expected)
