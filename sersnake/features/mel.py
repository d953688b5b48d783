"""Tables of the cepstrum: windows, mel filters and the cosine transform, in double precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.settings.mfcc import MfccOptions

Table = NDArray[np.float64]

# Slaney's scale (Auditory Toolbox, 1998): 200/3 Hz per mel below 1 kHz, then logarithmic.
_SLANEY_HZ = 200.0 / 3
_SLANEY_KNEE = 1000.0
_SLANEY_STEP = np.log(6.4) / 27


def samples(milliseconds: float, sample_rate: int) -> int:
    """Rounds a time to whole samples, at least one."""
    return max(1, int(milliseconds * sample_rate / 1000 + 0.5))


def window(kind: str, length: int, periodic: bool) -> Table:
    """The window ``(length,)``."""
    if length == 1 or kind == "rectangular":
        return np.ones(length)
    phase = 2 * np.pi * np.arange(length) / (length if periodic else length - 1)
    hann = 0.5 - 0.5 * np.cos(phase)
    if kind == "hamming":
        return 0.54 - 0.46 * np.cos(phase)
    if kind == "blackman":
        return 0.42 - 0.5 * np.cos(phase) + 0.08 * np.cos(2 * phase)
    return hann**0.85 if kind == "povey" else hann


def hz_to_mel(hz: Table, scale: str) -> Table:
    """Mel of frequencies in hertz."""
    if scale == "htk":
        return 2595 * np.log10(1 + hz / 700)
    above = np.log(np.maximum(hz, _SLANEY_KNEE) / _SLANEY_KNEE) / _SLANEY_STEP
    return np.minimum(hz, _SLANEY_KNEE) / _SLANEY_HZ + above


def mel_to_hz(mel: Table, scale: str) -> Table:
    """Frequencies in hertz of mel, the inverse of :func:`hz_to_mel`."""
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    knee = _SLANEY_KNEE / _SLANEY_HZ
    above = np.exp(_SLANEY_STEP * (np.maximum(mel, knee) - knee))
    return np.minimum(mel, knee) * _SLANEY_HZ * above


def filters(options: MfccOptions, sample_rate: int) -> Table:
    """Triangular mel filters ``(n_mels, n_fft / 2 + 1)`` over the bins of the power spectrum.

    Raises:
        SersnakeError: The bands reach beyond half the sample rate.
    """
    high = sample_rate / 2 if options.high_hz is None else options.high_hz
    if not options.low_hz < high <= sample_rate / 2:
        raise SersnakeError(
            f"the bands reach from low_hz {options.low_hz:g} to high_hz {high:g}; choose them "
            f"within half the sample rate, {sample_rate / 2:g} Hz"
        )
    limits = hz_to_mel(np.array([options.low_hz, high]), options.mel_scale)
    mels = np.linspace(limits[0], limits[1], options.n_mels + 2)
    edges = mel_to_hz(mels, options.mel_scale)
    bins = np.arange(options.n_fft // 2 + 1, dtype=np.float64)
    hz = bins * sample_rate / options.n_fft
    if options.filter_shape == "bins":
        weights = _triangles(np.floor((options.n_fft + 1) * edges / sample_rate), bins)
    elif options.filter_shape == "hertz":
        weights = _triangles(edges, hz)
    else:
        weights = _triangles(mels, hz_to_mel(hz, options.mel_scale))
    if options.filter_norm == "slaney":
        weights *= (2 / (edges[2:] - edges[:-2]))[:, None]
    return weights


def _triangles(edges: Table, points: Table) -> Table:
    """Heights at some points of triangles from edge i over i + 1 (height 1) to i + 2.

    A side without width gives nothing, so that edges in the same bin leave the filter empty.
    """
    left, centre, right = (edges[i : len(edges) - 2 + i, None] for i in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = (points - left) / (centre - left)
        falling = (right - points) / (right - centre)
    inside = (left <= points) & (points < right)
    weights = np.where(points < centre, rising, falling)
    return np.where(inside & np.isfinite(weights), weights, 0.0)


def cosines(options: MfccOptions) -> Table:
    """The DCT-II ``(n_mfcc, n_mels)``, multiplied by the lifter."""
    n, N = np.arange(options.n_mfcc)[:, None], options.n_mels
    table = 2 * np.cos(np.pi * n * (np.arange(N) + 0.5) / N)
    if options.dct_norm == "ortho":
        table *= np.where(n == 0, np.sqrt(1 / (4 * N)), np.sqrt(1 / (2 * N)))
    if options.lifter > 0:
        table *= 1 + options.lifter / 2 * np.sin(np.pi * n / options.lifter)
    return table
