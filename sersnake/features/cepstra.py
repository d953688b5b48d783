"""Mel-frequency cepstral coefficients and log-mel spectra from the C++ kernel."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sersnake.errors import SersnakeError
from sersnake.features import mel
from sersnake.features.extension import instruction_set, kernel
from sersnake.features.extractor import Extractor
from sersnake.io.audio import FASTEST, check_count, check_samples, refuse_sample
from sersnake.settings.features import LogMel
from sersnake.settings.mfcc import MfccOptions

if TYPE_CHECKING:
    from sersnake import _kernel

DEFAULTS = MfccOptions()


def mfcc(
    signal: ArrayLike,
    sample_rate: int = 16000,
    *,
    options: MfccOptions | None = None,
    **changes: Any,
) -> NDArray[np.float32]:
    """Mel-frequency cepstral coefficients of an utterance.

    Frames are pre-emphasised, windowed and transformed; triangular mel filters sum the power
    spectrum; the DCT-II of the logarithms is the cepstrum (Davis and Mermelstein, 1980).

    Args:
        signal: Samples ``(n,)``: float32 or float64 in [-1, 1], or int16, divided by 32768.
        sample_rate: In hertz.
        options: What to extract; the defaults of :class:`MfccOptions` if left out.
        **changes: Fields of :class:`MfccOptions` by name (``n_mfcc=13, n_mels=26, n_fft=256,
            window_ms=24.0, hop_ms=12.0, preemphasis=0.97, ...``), in place of those of
            ``options``.

    Returns:
        float32 ``(frames, n_mfcc)``, or ``(frames, (1 + deltas) n_mfcc)``. A warning is given where
        ``n_fft`` truncates each window by more than a third.

    Raises:
        SersnakeError: The signal is empty, has more than one dimension or another type, has a NaN,
            an infinity or a magnitude above 2 (as if not scaled to [-1, 1]); an option is unknown
            or out of range; the C++ extension is missing.

    Example:
        >>> import numpy as np
        >>> mfcc(np.zeros(16000, dtype=np.float32)).shape
        (83, 13)
    """
    options = _changed(options, changes)
    check_count("sample_rate", sample_rate, FASTEST)
    _warn_of_cut(options, sample_rate)
    return extract([signal], options, sample_rate)[0]


def log_mel(
    signal: ArrayLike,
    sample_rate: int = 16000,
    *,
    options: MfccOptions | None = None,
    **changes: Any,
) -> NDArray[np.float32]:
    """Log-mel spectrum of an utterance: the logarithms of its mel bands.

    Arguments and errors are those of :func:`mfcc`; ``n_mfcc``, ``lifter``, ``dct_norm`` and
    ``energy`` have no influence.

    Returns:
        float32 ``(frames, n_mels)``, or ``(frames, (1 + deltas) n_mels)``.
    """
    options = _changed(options, changes)
    check_count("sample_rate", sample_rate, FASTEST)
    _warn_of_cut(options, sample_rate)
    return extract([signal], options, sample_rate, bands=True)[0]


def mfcc_extractor(options: MfccOptions) -> Extractor:
    """The extractor of MFCCs, a row per frame."""
    return lambda signal: extract([signal], options)[0]


def log_mel_extractor(settings: LogMel) -> Extractor:
    """The extractor of log-mel energies, a row per frame."""
    options = settings.options()
    return lambda signal: extract([signal], options, bands=True)[0]


def extract(
    signals: Sequence[ArrayLike],
    options: MfccOptions = DEFAULTS,
    sample_rate: int = 16000,
    *,
    threads: int = 1,
    bands: bool = False,
) -> list[NDArray[np.float32]]:
    """Cepstra, or log-mel spectra with ``bands``, of many utterances.

    Args:
        signals: One array of samples per utterance, as for :func:`mfcc`.
        options: What to extract.
        sample_rate: In hertz, of all signals.
        threads: Threads that share the work; the result does not depend on them.
        bands: Whether to give log-mel spectra.

    Returns:
        One float32 ``(frames, coefficients)`` array per utterance.

    Raises:
        SersnakeError: See :func:`mfcc`; the message names the signal by its index.
    """
    check_count("threads", threads, 1024)
    check_count("sample_rate", sample_rate, FASTEST)
    arrays = [_checked(signal, index, len(signals)) for index, signal in enumerate(signals)]
    window = mel.samples(options.window_ms, sample_rate)
    hop = mel.samples(options.hop_ms, sample_rate)
    frames = [_n_frames(len(array), window, hop, options) for array in arrays]
    # As in librosa: the window in the middle of the n_fft samples around sample i * hop.
    origin = -((min(window, options.n_fft) + 1) // 2) if options.padding == "center" else 0
    plan = _plan(options, int(sample_rate), bands)
    rows, bad, index = plan.extract(instruction_set(), arrays, frames, origin, threads)
    if bad >= 0:
        refuse_sample(arrays[bad], index, _name(bad, len(signals)))
    ends = np.cumsum(frames)
    results = [rows[end - count : end] for count, end in zip(frames, ends, strict=True)]
    return results if options.deltas == 0 else [_stacked(r, options) for r in results]


def delta(features: NDArray[np.float32], width: int = 2) -> NDArray[np.float32]:
    """Slope over time by linear regression (Furui, 1986), the first and last frames repeated.

    ``d[t] = sum over n = 1 ... width of n (c[t + n] - c[t - n]) / (2 sum of n^2)``, Eq. 5.16 of
    the HTK book.

    Args:
        features: ``(frames, coefficients)``.
        width: Frames on each side.

    Returns:
        float32 ``(frames, coefficients)``.

    Raises:
        SersnakeError: ``width`` is not a whole number from 1 to 100.
    """
    check_count("width", width, 100)
    if len(features) == 0:
        return features.copy()
    padded = np.pad(features, ((width, width), (0, 0)), mode="edge")
    slope = np.zeros_like(features)
    for n in range(1, width + 1):
        ahead, behind = (padded[width + m : width + m + len(features)] for m in (n, -n))
        slope += np.float32(n) * (ahead - behind)
    return slope / np.float32(2 * sum(n * n for n in range(1, width + 1)))


def _stacked(rows: NDArray[np.float32], options: MfccOptions) -> NDArray[np.float32]:
    """Appends the slopes that the options ask for."""
    orders = [rows]
    for _ in range(options.deltas):
        orders.append(delta(orders[-1], options.delta_width))
    return np.hstack(orders)


def _changed(options: MfccOptions | None, changes: dict[str, Any]) -> MfccOptions:
    options = options or DEFAULTS
    return options.replace(**changes) if changes else options


def _warn_of_cut(options: MfccOptions, sample_rate: int) -> None:
    """Warns where windows lose more than a third, which the paper's 384 samples lose at 256."""
    window = mel.samples(options.window_ms, sample_rate)
    if 3 * (window - options.n_fft) > window:
        longer = 1 << (window - 1).bit_length()
        warnings.warn(
            f"each window of {window} samples ({options.window_ms:g} ms at {sample_rate} Hz) is "
            f"cut to its first n_fft = {options.n_fft}: choose "
            + (f"n_fft = {longer}" if longer <= 4096 else "a shorter window_ms"),
            stacklevel=3,
        )


def _name(index: int, count: int) -> str:
    return "signal" if count == 1 else f"signals[{index}]"


def _checked(signal: ArrayLike, index: int, count: int) -> NDArray[Any]:
    """The signal as a one-dimensional array of a type that the kernel reads."""
    name = _name(index, count)
    array = check_samples(signal, name)
    if array.size == 0:
        raise SersnakeError(f"{name} is empty; leave it out")
    return array


def _n_frames(length: int, window: int, hop: int, options: MfccOptions) -> int:
    if options.padding == "center":
        return 1 + length // hop
    if options.padding == "none":
        return 0 if length < window else 1 + (length - window) // hop
    return 1 + max(0, -(-(length - window) // hop))


@lru_cache(maxsize=64)
def _plan(options: MfccOptions, sample_rate: int, bands: bool) -> _kernel.Plan:
    """The kernel's tables for the options."""
    energy = "none" if bands else options.energy
    filters = mel.filters(options, sample_rate)
    if energy == "spectrum":
        filters = np.vstack([filters, np.ones(filters.shape[1])])
    if options.normalize_power:
        filters /= options.n_fft
    decibel = options.log_kind == "decibel"
    return kernel().Plan(
        window=mel.window(
            options.window, mel.samples(options.window_ms, sample_rate), options.periodic
        ).astype(np.float32),
        filters=filters.astype(np.float32),
        dct=np.empty((0, 0), np.float32) if bands else _cosines(options).astype(np.float32),
        n_fft=options.n_fft,
        hop=mel.samples(options.hop_ms, sample_rate),
        scale=options.scale,
        preemphasis=options.preemphasis,
        per_frame=options.preemphasis_scope == "frame",
        remove_dc=options.remove_dc,
        energy=energy if energy in ("raw", "windowed") else "none",
        log_floor=options.log_floor,
        log_scale=10 / np.log(10) if decibel else 1.0,
        range=options.top_db or 0.0,
    )


def _cosines(options: MfccOptions) -> NDArray[np.float64]:
    """The cosine transform; with energy, one more log row, which becomes coefficient 0."""
    table = mel.cosines(options)
    if options.energy == "none":
        return table
    table = np.hstack([table, np.zeros((len(table), 1))])
    table[0] = 0
    table[0, -1] = 1
    return table
