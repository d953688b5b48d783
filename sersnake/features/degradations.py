"""Degraded recordings, as :data:`sersnake.settings.degradation.CONDITIONS` lists them.

A function takes a signal, ``float64 (samples,)`` at 16 kHz in [-1, 1], and a random generator, and
returns the degraded signal. It needs only NumPy and the libraries that read recordings anyway.
"""

from __future__ import annotations

import io
from pkgutil import resolve_name

import numpy as np
from numpy.typing import NDArray

from sersnake.io.audio import MAX_SAMPLE, SAMPLE_RATE
from sersnake.io.seeds import derived_seed
from sersnake.settings.degradation import CONDITIONS

Signal = NDArray[np.float32]
Wide = NDArray[np.float64]
Random = np.random.Generator

MP3_DELAY = 1105  # samples, of LAME's encoder and of the decoder
# Bit rates of layer III at 16 kHz, between which libsndfile's compression level interpolates.
MP3_KBIT_S = (160, 8)
WINDOW, HOP = 512, 128  # samples, of the short-time spectrum whose envelope is warped
ENVELOPE = 30  # cepstral coefficients: below the pitch of any voice (530 Hz at 16 kHz)
WARPED_HZ = 4800.0  # formants lie below; above it the warp runs back to half the sampling rate


def degrade(signal: Signal, condition: str, utterance: str) -> Signal:
    """A recording under a condition: the same bytes for the same utterance in every run.

    Args:
        signal: ``float32 (samples,)`` at 16 kHz.
        condition: One of :data:`~sersnake.settings.degradation.CONDITIONS`.
        utterance: Its name, which seeds the noise; two levels of noise differ only in level.

    Returns:
        ``float32`` in [-1, 1], of the same length unless the speed is changed.
    """
    entry = CONDITIONS[condition]
    function = resolve_name(entry.make)
    random = np.random.default_rng(derived_seed(function.__name__, utterance))
    changed = function(signal.astype(np.float64), random, **entry.options)
    return np.clip(changed, -1.0, MAX_SAMPLE).astype(np.float32)


def add_noise(signal: Wide, random: Random, snr_db: float) -> Wide:
    """Adds white Gaussian noise, relative to the mean power of the signal, pauses included."""
    noise = random.standard_normal(len(signal))
    return signal + noise * _rms(signal) / _rms(noise) * 10 ** (-snr_db / 20)


def limit_band(signal: Wide, _random: Random, low_hz: float, high_hz: float, top_hz: float) -> Wide:
    """Filters by the magnitude response of a Butterworth band-pass of order 4, without phase."""
    size = 2 * len(signal)  # so that the end does not wrap around into the beginning
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    with np.errstate(divide="ignore"):
        response = 1 / np.sqrt((1 + (low_hz / hz) ** 8) * (1 + (hz / high_hz) ** 8))
    response[hz >= top_hz] = 0
    return np.fft.irfft(np.fft.rfft(signal, size) * response, size)[: len(signal)]


def reverberate(signal: Wide, random: Random, rt60_s: float) -> Wide:
    """Adds decaying noise (60 dB in ``rt60_s``; Polack) with the energy of the direct sound."""
    seconds = np.arange(round(rt60_s * SAMPLE_RATE)) / SAMPLE_RATE
    response = random.standard_normal(len(seconds)) * 10 ** (-3 * seconds / rt60_s)
    response /= np.linalg.norm(response)
    response[0] = 1
    size = len(signal) + len(response)
    wet = np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(response, size), size)[: len(signal)]
    return wet * _rms(signal) / _rms(wet)


def code_as_mp3(signal: Wide, _random: Random, kbit_s: float) -> Wide:
    """Encodes by LAME and decodes again."""
    import soundfile

    most, least = MP3_KBIT_S
    file = io.BytesIO()
    how = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}
    level = (most - kbit_s) / (most - least)
    soundfile.write(file, signal, SAMPLE_RATE, compression_level=level, **how)
    file.seek(0)
    decoded: Wide = soundfile.read(file)[0]
    return decoded[MP3_DELAY : MP3_DELAY + len(signal)]


def clip_peaks(signal: Wide, _random: Random, percent: float) -> Wide:
    """Clips the largest ``percent`` of the magnitudes."""
    most = np.quantile(np.abs(signal), 1 - percent / 100)
    return np.clip(signal, -most, most)


def change_level(signal: Wide, _random: Random, db: float) -> Wide:
    """Changes the level by ``db`` decibels."""
    return signal * 10 ** (db / 20)


def change_speed(signal: Wide, _random: Random, percent: float) -> Wide:
    """Resamples to ``100 / percent`` times the length."""
    import soxr

    faster: Wide = soxr.resample(signal, percent, 100)
    return faster


def warp_formants(signal: Wide, _random: Random, percent: float) -> Wide:
    """Stretches the envelope of each short-time spectrum in frequency, piecewise linearly."""
    window = np.sqrt(np.hanning(WINDOW + 1)[:-1])
    padded = np.pad(signal, (WINDOW, 2 * WINDOW))
    starts = np.arange(0, len(padded) - WINDOW + 1, HOP)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * window
    spectra = np.fft.rfft(frames)
    envelopes = _envelopes(spectra)
    bins = np.arange(envelopes.shape[1])
    sources = _warped(bins * SAMPLE_RATE / WINDOW, percent / 100) * WINDOW / SAMPLE_RATE
    gains = np.stack([np.interp(sources, bins, each) for each in envelopes]) - envelopes
    frames = np.fft.irfft(spectra * np.exp(gains), WINDOW) * window
    warped = np.zeros(len(padded))
    for start, frame in zip(starts, frames, strict=True):
        warped[start : start + WINDOW] += frame
    # The squared windows sum to this at each sample.
    return warped[WINDOW : WINDOW + len(signal)] / (WINDOW / HOP / 2)


def _envelopes(spectra: NDArray[np.complex128]) -> Wide:
    """Log magnitudes, cepstrally smoothed to the formants, ``(frames, bins)``."""
    cepstra = np.fft.irfft(np.log(np.abs(spectra) + 1e-7), WINDOW)
    cepstra[:, ENVELOPE:-ENVELOPE] = 0
    return np.fft.rfft(cepstra).real


def _warped(hz: Wide, factor: float) -> Wide:
    """The frequency that each frequency of the warped spectrum is taken from."""
    half = SAMPLE_RATE / 2
    return np.interp(
        hz, [0, WARPED_HZ * min(factor, 1), half], [0, WARPED_HZ / max(factor, 1), half]
    )


def _rms(signal: Wide) -> float:
    """Root mean square; tiny but not zero for silence."""
    return float(np.sqrt(np.mean(np.square(signal)))) or 1e-12
