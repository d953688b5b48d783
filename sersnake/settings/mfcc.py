"""The options of mel-frequency cepstral coefficients (MFCC)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings

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


class MfccOptions(Settings, frozen=True):
    """Options of :func:`sersnake.mfcc` and :func:`sersnake.log_mel`.

    The defaults are the paper's framing (24 ms Hamming window, 12 ms hop, pre-emphasis 0.97)
    with the filters, lifter and energy of python_speech_features.
    """

    n_mfcc: Annotated[
        int,
        Meta(
            ge=1,
            le=512,
            description="Coefficients per frame, at most `n_mels`. Four poolings of ACLN reduce up "
            "to 16 of them to one row; with more, the remaining rows are averaged.",
        ),
    ] = 13
    n_mels: Annotated[int, Meta(ge=1, le=512, description="Mel bands.")] = 26
    n_fft: Annotated[
        int,
        Meta(
            ge=64,
            le=4096,
            description="FFT length in samples, a power of two; a shorter frame is padded with "
            "zeros, a longer one cut. Caution: 256, our reading of the paper, truncates each "
            "384-sample window; 512 is conventional.",
        ),
    ] = 256
    window_ms: Annotated[
        float,
        Meta(ge=0.1, le=1000, description="Length of the window in ms, rounded to samples."),
    ] = 24.0
    hop_ms: Annotated[
        float,
        Meta(ge=0.1, le=1000, description="Distance between frames in ms, rounded to samples."),
    ] = 12.0
    preemphasis: Annotated[
        float,
        Meta(ge=0, le=1, description="Pre-emphasis, y[t] = x[t] - preemphasis x[t - 1]."),
    ] = 0.97
    preemphasis_scope: Annotated[
        Literal["signal", "frame"],
        Meta(
            description="Pre-emphasis over the whole signal with x[-1] = 0, or in each frame with "
            "x[-1] = x[0] (Kaldi)."
        ),
    ] = "signal"
    remove_dc: Annotated[bool, Meta(description="Subtract the mean of each frame (Kaldi).")] = False
    window: Annotated[
        Literal["hamming", "hann", "povey", "blackman", "rectangular"],
        Meta(description="Kind of window; povey is Kaldi's Hann window to the power of 0.85."),
    ] = "hamming"
    periodic: Annotated[
        bool, Meta(description="Periodic window (librosa) instead of a symmetric one.")
    ] = False
    padding: Annotated[
        Literal["tail", "center", "none"],
        Meta(
            description="tail completes the last frame with zeros; center puts frame i around "
            "sample i hop with zeros at both ends (librosa); none keeps complete frames only "
            "(Kaldi), so a signal shorter than the window has no frame."
        ),
    ] = "tail"
    low_hz: Annotated[
        float, Meta(ge=0, le=1e6, description="Lower edge of the first mel band in Hz.")
    ] = 0.0
    high_hz: Annotated[
        Annotated[float, Meta(ge=1, le=1e6)] | None,
        Meta(description="Upper edge of the last mel band in Hz; null is half the sample rate."),
    ] = None
    mel_scale: Annotated[
        Literal["htk", "slaney"],
        Meta(description="HTK's 2595 log10(1 + f / 700), or Slaney's, linear below 1 kHz."),
    ] = "htk"
    filter_shape: Annotated[
        Literal["bins", "hertz", "mel"],
        Meta(
            description="Triangles that are linear in whole bins (python_speech_features), in "
            "hertz (librosa) or in mel (Kaldi)."
        ),
    ] = "bins"
    filter_norm: Annotated[
        Literal["none", "slaney"],
        Meta(description="slaney divides each filter by its width in Hz."),
    ] = "none"
    normalize_power: Annotated[
        bool,
        Meta(description="Divide the power spectrum by `n_fft` (python_speech_features)."),
    ] = True
    energy: Annotated[
        Literal["none", "spectrum", "raw", "windowed"],
        Meta(
            description="Replacement of coefficient 0: none, the log of the summed power spectrum "
            "(python_speech_features), or the log of the summed squares of the raw frame (before "
            "pre-emphasis and window) or of the windowed frame (Kaldi)."
        ),
    ] = "spectrum"
    log_kind: Annotated[
        Literal["natural", "decibel"], Meta(description="Natural logarithm, or 10 log10.")
    ] = "natural"
    log_floor: Annotated[
        float,
        Meta(ge=1e-37, le=1, description="Floor of values before the logarithm."),
    ] = 2.220446049250313e-16
    top_db: Annotated[
        Annotated[float, Meta(ge=1, le=1e4)] | None,
        Meta(
            description="Floor of log bands in dB below the utterance's maximum (librosa); needs "
            "`log_kind: decibel`."
        ),
    ] = None
    lifter: Annotated[
        float,
        Meta(
            ge=0,
            le=1e4,
            description="Multiply coefficient n by 1 + lifter / 2 sin(pi n / lifter) (HTK); 0 is "
            "off.",
        ),
    ] = 22.0
    dct_norm: Annotated[
        Literal["ortho", "none"],
        Meta(description="Orthonormal DCT-II, or none for SciPy's plain DCT-II."),
    ] = "ortho"
    scale: Annotated[
        float,
        Meta(
            ge=1e-6,
            le=1e6,
            description="Multiplies samples in [-1, 1); 32768 gives the 16-bit range.",
        ),
    ] = 1.0
    deltas: Annotated[
        int,
        Meta(
            ge=0,
            le=2,
            description="Time derivatives appended to each frame: 1 the first, 2 the first and "
            "second.",
        ),
    ] = 0
    delta_width: Annotated[
        int, Meta(ge=1, le=100, description="Frames on each side in the regression of deltas.")
    ] = 2

    def check(self) -> None:
        """Checks the options against each other."""
        if self.n_fft & (self.n_fft - 1):
            raise SersnakeError(f"n_fft: {self.n_fft}: choose a power of two from 64 to 4096")
        if self.n_mfcc > self.n_mels:
            raise SersnakeError(
                f"n_mfcc: {self.n_mfcc}: choose at most n_mels = {self.n_mels} coefficients"
            )
        if self.high_hz is not None and self.high_hz <= self.low_hz:
            raise SersnakeError(f"high_hz: {self.high_hz}: choose more than {self.low_hz} Hz")
        if self.top_db is not None and self.log_kind != "decibel":
            raise SersnakeError(f"top_db: {self.top_db}: it needs log_kind decibel")

    @classmethod
    def like(cls, library: str, sample_rate: int) -> MfccOptions:
        """The defaults of another library at a sample rate.

        Args:
            library: ``python_speech_features`` (``mfcc``), ``librosa`` (``feature.mfcc``),
                ``kaldi`` (``compute-mfcc-feats`` without dither, on 16-bit samples) or
                ``torchaudio`` (``compliance.kaldi.mfcc``).
            sample_rate: In Hz. Frames have 2048 samples at any rate in librosa and 25 ms in the
                other libraries; python_speech_features transforms 512 samples of a frame.

        Raises:
            SersnakeError: There is no preset of that name, or an option would be out of range at
                that rate.
        """
        if library not in _PRESETS:
            raise SersnakeError(
                f"there is no MFCC preset {library!r}: choose one of {', '.join(_PRESETS)}"
            )
        from sersnake.io.audio import FASTEST, check_count

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
