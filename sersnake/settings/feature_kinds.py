"""The kinds of features: each is one entry of :data:`FEATURE_KINDS`.

Settings, verbs and rules ask this list. A new kind is an entry here, with the model of its
settings, and a function that takes them. Nothing is imported for the list: the function is loaded
when a recording is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sersnake.settings.base import Settings
from sersnake.settings.features import LogMel, OpenSmile
from sersnake.settings.mfcc import MfccOptions

Shape = Literal["frames", "vectors"]


@dataclass(frozen=True)
class FeatureKind:
    """A kind of features.

    Attributes:
        make: Where its function stands, ``module:function``, which takes the settings and gives an
            :class:`~sersnake.features.extractor.Extractor`.
        settings: Their model.
        shape: Whether an utterance has a row per frame, or a single vector.
        native: Whether the C++ extension computes it.
    """

    make: str
    settings: type[Settings]
    shape: Shape
    native: bool = False


FEATURE_KINDS = {
    "mfcc": FeatureKind(
        "sersnake.features.cepstra:mfcc_extractor", MfccOptions, "frames", native=True
    ),
    "log_mel": FeatureKind(
        "sersnake.features.cepstra:log_mel_extractor", LogMel, "frames", native=True
    ),
    "opensmile": FeatureKind(
        "sersnake.features.functionals:functionals_extractor", OpenSmile, "vectors"
    ),
}
