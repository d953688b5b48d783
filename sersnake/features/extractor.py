"""The interface of feature extractors."""

from __future__ import annotations

from collections.abc import Callable
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from sersnake.settings.feature_kinds import FEATURE_KINDS, FeatureKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sersnake.settings.base import Settings


# Takes ``float32 (samples,)`` at 16 kHz, gives ``float32 (rows, D)``: a row per frame, or one.
Extractor = Callable[["NDArray[np.float32]"], "NDArray[np.float32]"]


def feature_kind(name: str) -> FeatureKind:
    """The entry of a kind of features."""
    return FEATURE_KINDS[name]


def make_extractor(kind: str, settings: Settings) -> Extractor:
    """The extractor of a kind of features with its settings."""
    extractor: Extractor = resolve_name(feature_kind(kind).make)(settings)
    return extractor


def pinned(kind: str, settings: Settings) -> Settings:
    """The settings with the hash of any files that they only name."""
    pin = feature_kind(kind).pin
    return resolve_name(pin)(settings) if pin else settings


def pack_options(kind: str, settings: Settings) -> dict[str, Any]:
    """How a pack was made, for JSON; packs that differ in it are not joined."""
    return {"kind": kind, **settings.as_dict()}
