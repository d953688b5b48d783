"""Mel-frequency cepstral coefficients and log-mel spectra from the C++ kernel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sersnake import mel
from sersnake.errors import SersnakeError
from sersnake.mfcc_options import MfccOptions

if TYPE_CHECKING:
    from sersnake import _kernel

SIMD_VARIABLE = "SERSNAKE_SIMD"


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
        signal: Samples ``(n,)``, float32 or float64, or int16, which counts as [-1, 1).
        sample_rate: In hertz.
        options: What to extract; the defaults of :class:`MfccOptions` if left out.
        **changes: Fields of :class:`MfccOptions` by name (``n_mfcc=13, n_mels=26, n_fft=512,
            window_ms=24.0, hop_ms=12.0, preemphasis=0.97, ...``), in place of those of
            ``options``.

    Returns:
        float32 ``(frames, n_mfcc)``.

    Raises:
        SersnakeError: The signal is empty, has more than one dimension or another type, has a
            NaN, an infinity or a sample beyond 1e15; an option is unknown or out of range; the
            C++ extension is missing.

    Example:
        >>> import numpy as np
        >>> mfcc(np.zeros(16000, dtype=np.float32)).shape
        (83, 13)
    """
    return extract([signal], _changed(options, changes), sample_rate)[0]


def log_mel(
    signal: ArrayLike,
    sample_rate: int = 16000,
    *,
    options: MfccOptions | None = None,
    **changes: Any,
) -> NDArray[np.float32]:
    """Logarithms of the mel bands of an utterance, before the cosine transform.

    Arguments and errors are those of :func:`mfcc`; ``n_mfcc``, ``lifter``, ``dct_norm`` and
    ``energy`` have no influence.

    Returns:
        float32 ``(frames, n_mels)``.
    """
    return extract([signal], _changed(options, changes), sample_rate, bands=True)[0]


def extract(
    signals: Sequence[ArrayLike],
    options: MfccOptions | None = None,
    sample_rate: int = 16000,
    *,
    threads: int = 1,
    bands: bool = False,
) -> list[NDArray[np.float32]]:
    """Cepstra, or log-mel spectra with ``bands``, of many utterances.

    Args:
        signals: One array of samples an utterance, as for :func:`mfcc`.
        options: What to extract.
        sample_rate: In hertz, of all signals.
        threads: Threads that share the work; the result does not depend on them.
        bands: Give the log-mel spectrum.

    Returns:
        One float32 ``(frames, coefficients)`` array an utterance; all are views of one array.

    Raises:
        SersnakeError: See :func:`mfcc`; the message names the signal by its index.
    """
    options = options or MfccOptions()
    if not isinstance(threads, int) or threads < 1:
        raise SersnakeError(f"threads is {threads!r}: choose a whole number from 1")
    if not isinstance(sample_rate, int | np.integer) or sample_rate < 1:
        raise SersnakeError(f"sample_rate is {sample_rate!r}: choose a whole number from 1")
    arrays = [_checked(signal, index, len(signals)) for index, signal in enumerate(signals)]
    window = mel.samples(options.window_ms, sample_rate)
    hop = mel.samples(options.hop_ms, sample_rate)
    frames = [_n_frames(len(array), window, hop, options) for array in arrays]
    origin = -(min(window, options.n_fft) // 2) if options.padding == "center" else 0
    plan = _plan(options, int(sample_rate), bands)
    rows, bad, index = plan.extract(_simd(), arrays, frames, origin, threads)
    if bad >= 0:
        raise SersnakeError(
            f"{_name(bad, len(signals))}[{index}] is {arrays[bad][index]}: samples have to be "
            "finite and at most 1e15; remove or repair it"
        )
    ends = np.cumsum(frames)
    return [rows[end - count : end] for count, end in zip(frames, ends, strict=True)]


def _changed(options: MfccOptions | None, changes: dict[str, Any]) -> MfccOptions:
    options = options or MfccOptions()
    return options.replace(changes) if changes else options


def _name(index: int, count: int) -> str:
    return "signal" if count == 1 else f"signals[{index}]"


def _checked(signal: ArrayLike, index: int, count: int) -> NDArray[Any]:
    """The signal as a one-dimensional array of a type that the kernel reads."""
    array = np.asarray(signal)
    name = _name(index, count)
    if array.dtype.newbyteorder("=") not in (np.int16, np.float32, np.float64):
        raise SersnakeError(f"{name} is {array.dtype}: convert it to int16, float32 or float64")
    if array.ndim != 1:
        raise SersnakeError(f"{name} has shape {array.shape}: choose one channel")
    if array.size == 0:
        raise SersnakeError(f"{name} is empty: leave it out")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


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


def _simd() -> str:
    """The instruction set: the processor's best, or the one that SERSNAKE_SIMD names."""
    supported = kernel().supported()
    name = os.environ.get(SIMD_VARIABLE) or supported[0]
    if name not in supported:
        raise SersnakeError(
            f"{SIMD_VARIABLE} is {name!r}: this processor runs {', '.join(supported)}"
        )
    return name


def kernel() -> Any:
    """The C++ extension.

    Raises:
        SersnakeError: It has not been built.
    """
    try:
        from sersnake import _kernel
    except ImportError as error:
        raise SersnakeError(
            f"the C++ extension is missing ({error}): run `make build` or `pip install -e .`"
        ) from error
    return _kernel
