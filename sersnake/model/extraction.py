"""From a recording to the networks' input, exactly as in training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sersnake.features.extractor import Extractor, make_extractor, pack_options, pinned
from sersnake.io.audio import SAMPLE_RATE
from sersnake.model.long_functionals import long_functionals
from sersnake.settings.base import Settings, read_settings
from sersnake.settings.feature_kinds import FEATURE_KINDS, shape_of
from sersnake.settings.features import OpenSmile
from sersnake.settings.pretrained import Pretrained

LONG = 60 * SAMPLE_RATE  # samples; a shorter signal takes openSMILE's ordinary way

ENCODERS = "encoders"  # what the folder of encoders within a model's folder is called

Rows = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Extraction:
    """How feature sets are extracted.

    Attributes:
        sets: Kind and settings of each by its name.
        home: The model's folder, which may contain encoders.
    """

    sets: Mapping[str, tuple[str, Settings]]
    home: Path | None = None

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Mapping[str, Any]], home: Path | None = None
    ) -> Extraction:
        """Takes what :meth:`as_dict` gave, or the ``options`` of packs by their names.

        Args:
            values: By the names of the feature sets.
            home: As :attr:`home`.

        Raises:
            SersnakeError: A setting is unknown or out of range.
            KeyError: There is no such kind.
        """
        return cls({name: _read(options) for name, options in values.items()}, home)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """For JSON."""
        return {name: pack_options(kind, settings) for name, (kind, settings) in self.sets.items()}

    def frames(self, name: str) -> bool:
        """Whether a feature set has a row per frame."""
        return shape_of(*self.sets[name]) == "frames"

    def hop(self, name: str) -> float:
        """Time between two frames of a feature set in s; NaN for one vector per utterance."""
        return float(getattr(self.sets[name][1], "hop_ms", np.nan)) / 1000

    @cached_property
    def extractors(self) -> dict[str, Extractor]:
        """The extractor of each feature set, made once: this loads encoders.

        Raises:
            SersnakeError: An encoder is missing, or has other weights than in training.
        """
        return {
            name: make_extractor(kind, pinned(kind, self._at_home(name, settings)))
            for name, (kind, settings) in self.sets.items()
        }

    def _at_home(self, name: str, settings: Settings) -> Settings:
        """The settings of a feature set, with the encoder in the model's folder if any."""
        included = self.home / ENCODERS / name if self.home else None
        if isinstance(settings, Pretrained) and included and included.is_dir():
            return settings.replace(model=str(included))
        return settings

    def load(self) -> None:
        """Makes the extractors now, before several threads ask for them.

        Raises:
            SersnakeError: As :attr:`extractors`.
        """
        _ = self.extractors

    def features(self, signal: NDArray[np.float32]) -> Rows:
        """``float32 (rows, D)`` of each feature set of a signal at 16 kHz.

        Raises:
            SersnakeError: The signal is shorter than a feature set allows, or as
                :attr:`extractors`.
        """
        return {name: self._rows(signal, name) for name in self.sets}

    def _rows(self, signal: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        settings = self.sets[name][1]
        if isinstance(settings, OpenSmile) and len(signal) > LONG:
            return long_functionals(signal, settings.feature_set)[None]
        return self.extractors[name](signal)


def _read(options: Mapping[str, Any]) -> tuple[str, Settings]:
    settings = {key: value for key, value in options.items() if key != "kind"}
    kind = options["kind"]
    return kind, read_settings(FEATURE_KINDS[kind].settings, settings)
