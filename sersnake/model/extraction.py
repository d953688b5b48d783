"""From a recording to what the networks read, exactly as in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.features.cepstra import extract
from sersnake.features.functionals import functionals
from sersnake.io.audio import SAMPLE_RATE
from sersnake.model.long_functionals import long_functionals
from sersnake.settings.base import read_settings
from sersnake.settings.features import FEATURE_SETS
from sersnake.settings.mfcc import MfccOptions

LONG = 60 * SAMPLE_RATE  # samples; a shorter signal takes openSMILE's ordinary way

KINDS = ("mfcc", "log_mel")


@dataclass(frozen=True)
class Extraction:
    """How both kinds of features are made.

    Attributes:
        mfcc: Options of the frames.
        kind: ``mfcc`` or ``log_mel``.
        feature_set: openSMILE's, as for :func:`sersnake.features.functionals.functionals`.
    """

    mfcc: MfccOptions
    kind: str
    feature_set: str

    @classmethod
    def of_packs(cls, mfcc: Mapping[str, Any], functionals: Mapping[str, Any]) -> Extraction:
        """Takes the ``options`` of packed features."""
        settings = {"kind": "mfcc", **mfcc}
        kind = str(settings.pop("kind"))
        return cls(read_settings(MfccOptions, settings), kind, str(functionals["feature_set"]))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "mfcc": self.mfcc.as_dict(),
            "feature_set": self.feature_set,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Extraction:
        """Takes what :meth:`as_dict` gave.

        Raises:
            SersnakeError: An MFCC option is unknown or out of range.
            ValueError: The kind or a feature set is unknown.
            KeyError: A value is missing.
        """
        kind, sets = values["kind"], values["feature_set"]
        if kind not in KINDS or not set(sets.split("+")) <= set(FEATURE_SETS):
            raise ValueError(f"features {kind!r} and {sets!r} are unknown")
        return cls(read_settings(MfccOptions, values["mfcc"]), kind, sets)

    @property
    def hop(self) -> float:
        """Time between two frames in s."""
        return self.mfcc.hop_ms / 1000

    def frames(self, signals: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """``float32 (frames, coefficients)`` of every signal at 16 kHz."""
        return extract(signals, self.mfcc, bands=self.kind == "log_mel")

    def vector(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        """``float32 (functionals,)`` of a signal at 16 kHz.

        Raises:
            SersnakeError: The signal is shorter than 25 ms, or 60 ms with another set than IS09.
        """
        if len(signal) > LONG:
            return long_functionals(signal, self.feature_set)
        return functionals(signal, feature_set=self.feature_set)
