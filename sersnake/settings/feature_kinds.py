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
from sersnake.settings.pretrained import Pretrained

Shape = Literal["frames", "vectors"]


@dataclass(frozen=True)
class FeatureKind:
    """A kind of features.

    Attributes:
        make: Its function, ``module:function``, which takes the settings and returns an
            :class:`~sersnake.features.extractor.Extractor`.
        settings: Their model.
        shape: Whether an utterance has a row per frame, or a single vector; None if it depends on
            the settings.
        native: Whether the C++ extension computes it.
        shard: Factor on `extraction: shard_size`, for processes that are slow to start.
        environment: The environment of ``envs/`` that computes it.
        pin: Function that adds to the settings the hash of what they only name, such as the weights
            of a model; empty if the settings are complete.
    """

    make: str
    settings: type[Settings]
    shape: Shape | None
    native: bool = False
    shard: int = 1
    environment: str = "features"
    pin: str = ""


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
    "pretrained": FeatureKind(
        "sersnake.features.pretrained:pretrained_extractor",
        Pretrained,
        shape=None,
        shard=8,
        environment="pretrained",
        pin="sersnake.features.encoder_files:pin",
    ),
}


def shape_of(kind: str, settings: Settings) -> Shape:
    """Whether an utterance has a row per frame, or a single vector."""
    return FEATURE_KINDS[kind].shape or settings.shape  # type: ignore[attr-defined]
