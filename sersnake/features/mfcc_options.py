"""What can be chosen about mel-frequency cepstral coefficients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_type_hints

from sersnake.errors import SersnakeError
from sersnake.io.audio import FASTEST, check_count

# Smallest and largest value of every number.
_RANGES: dict[str, tuple[float, float]] = {
    "n_mfcc": (1, 512),
    "n_mels": (1, 512),
    "n_fft": (64, 4096),
    "window_ms": (0.1, 1000.0),
    "hop_ms": (0.1, 1000.0),
    "preemphasis": (0.0, 1.0),
    "low_hz": (0.0, 1e6),
    "high_hz": (1.0, 1e6),
    "lifter": (0.0, 1e4),
    "log_floor": (1e-37, 1.0),
    "top_db": (1.0, 1e4),
    "scale": (1e-6, 1e6),
    "deltas": (0, 2),
    "delta_width": (1, 100),
}

# What differs from the defaults of MfccOptions in those of other libraries, but for the framing.
_KALDI: dict[str, Any] = {
    "n_mels": 23,
    "preemphasis_scope": "frame",
    "remove_dc": True,
    "window": "povey",
    "padding": "none",
    "low_hz": 20.0,
    "filter_shape": "mel",
    "normalize_power": False,
    "log_floor": 1.1920928955078125e-07,
}
_PRESETS: dict[str, dict[str, Any]] = {
    "python_speech_features": {"window": "rectangular"},
    "librosa": {
        "n_mfcc": 20,
        "n_mels": 128,
        "preemphasis": 0.0,
        "window": "hann",
        "periodic": True,
        "padding": "center",
        "mel_scale": "slaney",
        "filter_shape": "hertz",
        "filter_norm": "slaney",
        "normalize_power": False,
        "energy": "none",
        "log_kind": "decibel",
        "log_floor": 1e-10,
        "top_db": 80.0,
        "lifter": 0.0,
    },
    "kaldi": {**_KALDI, "energy": "raw", "scale": 32768.0},
    "torchaudio": {**_KALDI, "energy": "none"},
}


@dataclass(frozen=True)
class MfccOptions:
    """Options of :func:`sersnake.mfcc` and :func:`sersnake.log_mel`.

    The defaults are the paper's framing (24 ms Hamming window, 12 ms hop, pre-emphasis 0.97)
    with the filters, lifter and energy of python_speech_features.

    Attributes:
        n_mfcc: Coefficients, at most ``n_mels``.
        n_mels: Mel bands.
        n_fft: Points of the transform, a power of two from 64 to 4096. A shorter frame is
            padded with zeros; a longer one is windowed and then cut to its first ``n_fft``
            samples, as python_speech_features does.
        window_ms: Length of the window, rounded to samples.
        hop_ms: Distance between frames, rounded to samples.
        preemphasis: ``y[t] = x[t] - preemphasis x[t - 1]``.
        preemphasis_scope: Over the whole ``signal`` with x[-1] = 0, or in each ``frame`` with
            x[-1] = x[0] (Kaldi).
        remove_dc: Subtract the mean of each frame (Kaldi).
        window: Kind of window; ``povey`` is Kaldi's Hann window to the power of 0.85.
        periodic: Window of period ``window`` (librosa) in place of a symmetric one.
        padding: ``tail`` completes the last frame with zeros, ``center`` puts frame i around
            sample i hop with zeros at both ends (librosa), ``none`` has only complete frames
            (Kaldi), so that a signal shorter than the window has no frame.
        low_hz: Lower edge of the first band.
        high_hz: Upper edge of the last band; None is half the sample rate.
        mel_scale: HTK's 2595 log10(1 + f / 700), or Slaney's, linear below 1 kHz.
        filter_shape: Triangles that are linear in whole ``bins`` (python_speech_features), in
            ``hertz`` (librosa) or in ``mel`` (Kaldi).
        filter_norm: ``slaney`` divides each filter by its width in hertz.
        normalize_power: Divide the power spectrum by ``n_fft`` (python_speech_features).
        energy: What replaces coefficient 0: nothing (``none``), the log of the sum of the power
            ``spectrum`` (python_speech_features), or of the sum of squares of the ``raw`` frame
            before pre-emphasis and window or of the ``windowed`` frame (Kaldi).
        log_kind: ``natural``, or ``decibel`` for 10 log10.
        log_floor: Smallest value whose logarithm is taken.
        top_db: Raise log bands to at most this far below the largest of the utterance, in
            decibel (librosa); needs ``log_kind="decibel"``.
        lifter: Multiply coefficient n by 1 + lifter / 2 sin(pi n / lifter) (HTK); 0 is off.
        dct_norm: ``ortho``, or ``none`` for the plain DCT-II of SciPy.
        scale: Multiplies samples in [-1, 1); 32768 gives the 16-bit range.
        deltas: Append the slopes of the coefficients (or of the log bands) over time (1), and
            their slopes too (2).
        delta_width: Frames on each side that a slope is fitted to.
    """

    n_mfcc: int = 13
    n_mels: int = 26
    n_fft: int = 512
    window_ms: float = 24.0
    hop_ms: float = 12.0
    preemphasis: float = 0.97
    preemphasis_scope: Literal["signal", "frame"] = "signal"
    remove_dc: bool = False
    window: Literal["hamming", "hann", "povey", "blackman", "rectangular"] = "hamming"
    periodic: bool = False
    padding: Literal["tail", "center", "none"] = "tail"
    low_hz: float = 0.0
    high_hz: float | None = None
    mel_scale: Literal["htk", "slaney"] = "htk"
    filter_shape: Literal["bins", "hertz", "mel"] = "bins"
    filter_norm: Literal["none", "slaney"] = "none"
    normalize_power: bool = True
    energy: Literal["none", "spectrum", "raw", "windowed"] = "spectrum"
    log_kind: Literal["natural", "decibel"] = "natural"
    log_floor: float = 2.220446049250313e-16
    top_db: float | None = None
    lifter: float = 22.0
    dct_norm: Literal["ortho", "none"] = "ortho"
    scale: float = 1.0
    deltas: int = 0
    delta_width: int = 2

    def __post_init__(self) -> None:
        """Checks every field.

        Raises:
            SersnakeError: A field has the wrong type or lies outside its range.
        """
        for name, hint in _hints().items():
            _check(name, getattr(self, name), hint)
        if self.n_fft & (self.n_fft - 1):
            raise SersnakeError(f"n_fft is {self.n_fft}: choose a power of two from 64 to 4096")
        if self.n_mfcc > self.n_mels:
            raise SersnakeError(
                f"n_mfcc is {self.n_mfcc}: choose at most n_mels = {self.n_mels} coefficients"
            )
        if self.high_hz is not None and self.high_hz <= self.low_hz:
            raise SersnakeError(f"high_hz is {self.high_hz}: choose more than {self.low_hz} Hz")
        if self.top_db is not None and self.log_kind != "decibel":
            raise SersnakeError(f"top_db is {self.top_db}: it needs log_kind 'decibel'")

    def as_dict(self) -> dict[str, Any]:
        """All fields as plain values, for JSON or YAML."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> MfccOptions:
        """Makes options from what :meth:`as_dict` gave; fields left out have their defaults.

        Raises:
            SersnakeError: A name is unknown or a value is out of range.
        """
        return cls().replace(values)

    def replace(self, values: Mapping[str, Any]) -> MfccOptions:
        """A copy with other values for some fields; errors as in :meth:`from_dict`."""
        unknown = [name for name in values if name not in _hints()]
        if unknown:
            raise SersnakeError(
                f"there is no MFCC option {unknown[0]!r}: choose among {', '.join(_hints())}"
            )
        return MfccOptions(**{**self.as_dict(), **values})

    @classmethod
    def like(cls, library: str, sample_rate: int) -> MfccOptions:
        """The defaults of another library for signals of a rate.

        Args:
            library: ``python_speech_features`` (``mfcc``), ``librosa`` (``feature.mfcc``),
                ``kaldi`` (``compute-mfcc-feats`` without dither, on 16-bit samples) or
                ``torchaudio`` (``compliance.kaldi.mfcc``).
            sample_rate: In Hz. The frames of librosa have 2048 samples at any rate, those of the
                others 25 ms, of which python_speech_features transforms 512 samples.

        Raises:
            SersnakeError: There is no preset of that name, or an option would be out of range at
                that rate.
        """
        if library not in _PRESETS:
            raise SersnakeError(
                f"there is no MFCC preset {library!r}: choose one of {', '.join(_PRESETS)}"
            )
        check_count("sample_rate", sample_rate, FASTEST)
        n_fft, window, hop = _framing(library, int(sample_rate))
        return cls(
            **_PRESETS[library],
            n_fft=n_fft,
            window_ms=1000 * window / sample_rate,
            hop_ms=1000 * hop / sample_rate,
        )


def _framing(library: str, sample_rate: int) -> tuple[int, int, int]:
    """Samples of the transform, the window and the hop."""
    if library == "librosa":
        return 2048, 2048, 512
    window, hop = 25 * sample_rate, 10 * sample_rate  # in thousandths
    if library == "python_speech_features":
        return 512, (window + 500) // 1000, (hop + 500) // 1000
    window //= 1000
    return max(64, 1 << (window - 1).bit_length()), window, hop // 1000


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(MfccOptions)


def _check(name: str, value: Any, hint: Any) -> None:
    """Refuses a value that does not fit the field's type hint or range."""
    if hint is bool:
        if not isinstance(value, bool):
            raise SersnakeError(f"{name} is {value!r}: choose true or false")
    elif name not in _RANGES:
        if value not in get_args(hint):
            raise SersnakeError(f"{name} is {value!r}: choose one of {', '.join(get_args(hint))}")
    elif value is not None or type(None) not in get_args(hint):
        _check_number(name, value, int if hint is int else float)


def _check_number(name: str, value: Any, kind: type) -> None:
    low, high = _RANGES[name]
    accepted = int if kind is int else (int, float)
    fits = isinstance(value, accepted) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not low <= value <= high:
        noun = "a whole number" if kind is int else "a number"
        raise SersnakeError(f"{name} is {value!r}: choose {noun} from {low:g} to {high:g}")
