"""Feature sets: what a run computes from each recording, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sersnake.settings.base import NAME, Settings, SettingsError, read_settings
from sersnake.settings.feature_kinds import FEATURE_KINDS, FeatureKind, Shape, shape_of
from sersnake.settings.merging import merge

# Those that every run has; none is computed that nothing reads.
FEATURE_SETS: Mapping[str, Mapping[str, Any]] = {
    "mfcc": {"kind": "mfcc", "label": "MFCC"},
    "is09": {"kind": "opensmile", "label": "IS09"},
    "compare": {"kind": "opensmile", "feature_set": "ComParE_2016", "label": "ComParE"},
}


@dataclass(frozen=True)
class FeatureSet:
    """What is computed from a recording, packed as ``features/<name>.safetensors``.

    Attributes:
        name: Its name.
        kind: One of :data:`~sersnake.settings.feature_kinds.FEATURE_KINDS`.
        settings: Those of the kind.
        label: Its name in tables and figures.
    """

    name: str
    kind: str
    settings: Settings
    label: str

    def as_dict(self) -> dict[str, Any]:
        """All attributes, for JSON."""
        return {"kind": self.kind, "label": self.label, **self.settings.as_dict()}

    @property
    def entry(self) -> FeatureKind:
        """The kind's entry."""
        return FEATURE_KINDS[self.kind]

    @property
    def extracted(self) -> Settings:
        """The settings of extraction, shared by sets that are columns of the same one."""
        extracted: Settings = getattr(self.settings, "extracted", self.settings)
        return extracted

    @property
    def shape(self) -> Shape:
        """Whether an utterance has a row per frame, or a single vector."""
        return shape_of(self.kind, self.settings)


def read_feature_sets(given: Mapping[str, Any]) -> dict[str, FeatureSet]:
    """The feature sets of a config, beginning with those of every run.

    Args:
        given: Kind, label and the kind's settings of each by its name; keys missing from one of
            :data:`FEATURE_SETS` keep their values.

    Raises:
        SettingsError: A kind or a setting is unknown, or a value not allowed.
    """
    return {name: _read(name, given.get(name, {})) for name in {**FEATURE_SETS, **given}}


def _read(name: str, given: Any) -> FeatureSet:
    if name in ("granularity", "shard_size"):
        raise SettingsError(("features", name), "this key is now under `extraction`")
    if not NAME.fullmatch(name):
        raise SettingsError(("features", name), "choose a name of small letters and digits")
    if not isinstance(given, Mapping):
        raise SettingsError(
            ("features", name), f"{given!r} is not allowed; choose keys with values"
        )
    known = FEATURE_SETS.get(name, {})
    kind = given.get("kind", known.get("kind"))
    if kind not in FEATURE_KINDS:
        choices = ", ".join(FEATURE_KINDS)
        raise SettingsError(("features", name, "kind"), f"{kind!r} is not one of {choices}")
    if kind != known.get("kind"):  # its settings are of another kind
        known = {}
    values = merge(known, given)
    label = str(values.pop("label", name))
    del values["kind"]
    try:
        settings = read_settings(FEATURE_KINDS[kind].settings, values)
    except SettingsError as error:
        raise SettingsError(("features", name, *error.keys), error.message) from None
    return FeatureSet(name, kind, settings, label)
