"""Every feature set: what is computed from a recording, and which settings decide it.

A new one is an entry here, and a function that takes its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, NamedTuple

from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sersnake.settings.base import Settings


class Extractor(NamedTuple):
    """How a feature set is computed.

    Attributes:
        rows: Takes ``float32 (samples,)`` at 16 kHz, gives ``float32 (rows, D)``: a row per frame,
            or a single one.
        options: What the pack says of its making, for JSON; packs that differ in it are not joined.
    """

    rows: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    options: dict[str, Any]


@dataclass(frozen=True)
class FeatureSet:
    """A feature set, packed as ``features/<name>.safetensors``.

    Attributes:
        name: Its name.
        make: ``module:function``, which takes the settings and gives an :class:`Extractor`.
        settings: ``module:class`` of these.
        section: Section of the config that holds them; empty where ``fixed`` says all.
        fixed: Settings that are not the user's.
        native: Whether the C++ extension computes it.
        frames: Whether an utterance has a row per frame, or a single vector.
    """

    name: str
    make: str
    settings: str
    section: str = ""
    fixed: Mapping[str, object] = field(default_factory=dict)
    native: bool = False
    frames: bool = False


OPENSMILE = "sersnake.features.functionals:functionals_extractor"
FUNCTIONALS = "sersnake.settings.features:Functionals"

FEATURE_SETS = (
    FeatureSet(
        "mfcc",
        "sersnake.features.cepstra:frames_extractor",
        "sersnake.settings.features:Mfcc",
        section="mfcc",
        native=True,
        frames=True,
    ),
    FeatureSet("functionals", OPENSMILE, FUNCTIONALS, section="functionals"),
    FeatureSet("compare", OPENSMILE, FUNCTIONALS, fixed={"feature_set": "ComParE_2016"}),
)
NAMES = tuple(entry.name for entry in FEATURE_SETS)


def feature_set(name: str) -> FeatureSet:
    """The entry of a feature set.

    Raises:
        SersnakeError: There is none of that name.
    """
    for entry in FEATURE_SETS:
        if entry.name == name:
            return entry
    raise SersnakeError(f"feature set {name!r} is none of {', '.join(NAMES)}")


def settings_model(entry: FeatureSet) -> type[Settings]:
    """The class of a feature set's settings."""
    model: type[Settings] = resolve_name(entry.settings)
    return model


def make_extractor(entry: FeatureSet, settings: Settings) -> Extractor:
    """What computes a feature set by some settings."""
    extractor: Extractor = resolve_name(entry.make)(settings)
    return extractor
