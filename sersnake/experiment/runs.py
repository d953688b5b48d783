"""The runs of one call: the run itself, rungs of a ladder, readings, inner runs and seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sersnake.protocols import WHOLE, Protocol
from sersnake.settings.arms import LOSSES
from sersnake.training.course import derived_seed

Settings = Mapping[str, Any]

# What of the config decides a kind of packed features; `compare` is always ComParE 2016's.
FEATURES = {"mfcc": "mfcc", "functionals": "functionals", "compare": None}
READS = {"acln": ["mfcc"], "fcn": ["functionals"], "fused": ["mfcc", "functionals"]}
# What of the recipe and the architecture has no effect on a network.
WITHOUT_EFFECT = {
    "acln": {"fusion_width"},
    "fcn": {
        *("frame_mask", "crop", "attention", "heads", "leaky_slope", "coefficient_pooling"),
        "fusion_width",
    },
    "fused": set(),
}
SCHEDULES = {"ce": "phase_2", "focal": "phase_2", "he": "retraining"}
PHASES = ("phase_1", "phase_2", "retraining")


def merge(base: Settings, overrides: Settings) -> dict[str, Any]:
    """The settings with others on top, key by key at every depth."""
    merged = dict(base)
    for key, value in overrides.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def protocol_of(settings: Settings) -> Protocol:
    """The protocol of a run.

    Raises:
        SersnakeError: Its options cannot work.
    """
    options = {key: value for key, value in settings["folds"].items() if key != "claims"}
    return Protocol(**options, seed=settings["seed"])


def resolve_training(preset: Settings, corpus: str, overrides: Settings) -> dict[str, Any]:
    """A preset, with what it says of the corpus and what the config says on top."""
    general = {key: value for key, value in preset.items() if key != "corpora"}
    for_corpus = preset.get("corpora", {}).get(corpus, {})
    return merge(merge(general, for_corpus), overrides)


def plan_runs(config: Settings, results: str) -> dict[str, dict[str, Any]]:
    """Folder and settings of every run that the config can ask for.

    The run itself stands first, then the rungs of the ladder; a rung whose protocol is the run's
    own is the run. Under each of them stand its readings, and under a reading its inner run, whose
    folds are made within the training parts. Under any of these stand its further seeds, which
    lend it their networks. What a model is made of is trained as one more run, on everything.
    """
    runs = {results: dict(config)}
    for rung, folds in config["ladder"].items():
        settings = merge(config, {"folds": folds})
        if protocol_of(settings) != protocol_of(config):
            runs[f"{results}/ladder/{rung}"] = settings
    for folder, base in list(runs.items()):
        for reading, overrides in config["readings"].items():
            settings = {**merge(base, overrides), **_arms(config, overrides)}
            runs[reading_folder(folder, reading)] = settings
            nested = {key: config["beyond"][key] for key in ("inner", "shared")}
            runs[inner_folder(folder, reading)] = merge(settings, {"folds": nested})
    whole = {"folds": {"protocol": WHOLE}, "arms": [config["model"]["arm"]]}
    runs[whole_folder(results)] = runs[model_base(config, results)] | whole
    return {
        seed_folder(folder, number): settings | {"network_seed": network_seed(settings, number)}
        for folder, settings in runs.items()
        for number in range(settings["seeds"])
    }


def network_seed(settings: Settings, number: int) -> int:
    """Seed of a run's networks: the config's own, or one that belongs to it and to a number."""
    return derived_seed(settings["seed"], number) if number else int(settings["seed"])


def _arms(config: Settings, overrides: Settings) -> dict[str, list[str]]:
    return {"arms": overrides.get("arms", [config["beyond"]["arm"]])}


def reading_folder(run: str, reading: str) -> str:
    """Where a reading of a run stands."""
    return f"{run}/readings/{reading}"


def inner_folder(run: str, reading: str) -> str:
    """Where the inner run of a reading stands."""
    return f"{reading_folder(run, reading)}/inner"


def outer_folder(inner: str) -> str:
    """The reading whose training parts an inner run, or a further seed of it, splits again."""
    return inner.rpartition("/inner")[0]


def whole_folder(run: str) -> str:
    """Where a run is trained on the whole corpus, for a model."""
    return f"{run}/whole"


def model_base(config: Settings, results: str) -> str:
    """The run, or the reading of it, that a model is trained like and whose folds measured it."""
    reading = config["model"]["reading"]
    return reading_folder(results, reading) if reading else results


def seed_folder(run: str, number: int) -> str:
    """Where the networks of a run's further seed stand; 0 is the run itself."""
    return f"{run}/seeds/{number}" if number else run


def group_folds(folds: Sequence[str], size: int | str) -> dict[str, list[str]]:
    """Folds of every job that trains a network, by the job's name: ``size`` consecutive ones."""
    step = len(folds) if size == "all" else int(size)
    jobs = [list(folds[start : start + step]) for start in range(0, len(folds), step)]
    return {job[0] if len(job) == 1 else f"{job[0]}-to-{job[-1]}": job for job in jobs}


@dataclass(frozen=True)
class Training:
    """What a training call is told, and by which two runs know that they share a network.

    Attributes:
        settings: A run's settings.
        schedules: Its preset with the config on top (:func:`resolve_training`).
    """

    settings: Settings
    schedules: Settings

    def network(self, network: str) -> dict[str, Any]:
        """Recipe and architecture of a network, without what has no effect on it."""
        own = {**self.schedules, **self.schedules.get("networks", {}).get(network, {})}
        leave = {*PHASES, "networks", "fold_batching", *WITHOUT_EFFECT[network]}
        chosen = {key: value for key, value in own.items() if key not in leave}
        drawn = self.settings["architecture"].items()
        return chosen | {key: value for key, value in drawn if key not in leave}

    def by_speaker(self, network: str) -> bool:
        """Whether a network's features are scaled by statistics of the test part too."""
        return bool(self.network(network).get("normalisation") == "speaker")

    def schedule(self, network: str, name: str) -> dict[str, Any]:
        """Schedule ``phase_1``, ``phase_2`` or ``retraining`` of a network."""
        of_network = self.schedules.get("networks", {}).get(network, {})
        return {**self.schedules[name], **of_network.get(name, {})}

    def identity(self, network: str, phase: str) -> str:
        """A text that two runs have in common where a phase leaves them the same network.

        Args:
            network: ``acln``, ``fcn`` or ``fused``.
            phase: A first phase or what goes on from it (:data:`sersnake.settings.arms.LOSSES`).
        """
        settings = self.settings
        parts: dict[str, Any] = {
            "protocol": vars(protocol_of(settings)),
            "network_seed": settings["network_seed"],
            "features": {section: settings[section] for section in READS[network]},
            "folds_a_job": self.schedules["fold_batching"][network],
            "network": self.network(network),
            "phase_1": self.schedule(network, "phase_1"),
        }
        if phase in SCHEDULES:
            parts[phase] = self.schedule(network, SCHEDULES[phase])
        if phase in LOSSES["focal"]:
            parts["focal"] = settings["focal"]
        if phase == "he":
            parts["mining"] = settings["mining"]
            if settings["mining"]["union"]:  # each network is mined by the other's errors too
                other = {"acln": "fcn", "fcn": "acln"}.get(network)
                parts["other"] = other and self.identity(other, "phase_1")
        return json.dumps(parts, sort_keys=True)
