"""The runs of one call: the run itself, compared protocols, variants, inner runs and seeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec

from sersnake.io.seeds import derived_seed
from sersnake.settings.base import Settings, changed, fields_of, read_settings
from sersnake.settings.config import OF_A_VARIANT, OF_NO_VARIANT, Config
from sersnake.settings.enrolment import KnownVoices
from sersnake.settings.feature_sets import FeatureSet
from sersnake.settings.loss_registry import FIRST_PHASES, TRAINED_ON, first_phase, objective_of
from sersnake.settings.losses import DEFAULT_OBJECTIVE
from sersnake.settings.merging import merge
from sersnake.settings.networks import FUSED, OF_FRAMES
from sersnake.settings.pretrained import Pretrained
from sersnake.settings.protocol import Protocol, protocol_of
from sersnake.settings.streams import STREAMS, StreamChoice, Streams, stream_settings
from sersnake.settings.systems import read_system
from sersnake.settings.training import RunTraining, resolve_training

Presets = Callable[[str], Mapping[str, Any]]

# The schedule of a phase of training (:data:`sersnake.settings.loss_registry.PHASES`).
SCHEDULES = {
    **dict.fromkeys(FIRST_PHASES, "phase_1"),
    **dict.fromkeys(TRAINED_ON, "phase_2"),
    "he": "retraining",
}
COUNTING = {"counting", "counted_epochs"}  # how a phase counts what is mined


@dataclass(frozen=True)
class Run:
    """One run: a protocol, features, networks and systems.

    Attributes:
        folder: Folder of its results.
        config: Its settings.
        protocol: How its folds are made.
        training: How its networks are trained.
        network_seed: Seed of its networks.
    """

    folder: str
    config: Config
    protocol: Protocol
    training: RunTraining
    network_seed: int

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems to train and score."""
        return self.config.system_names

    @cached_property
    def streams(self) -> dict[str, StreamChoice]:
        """The streams by their names."""
        return self.config.stream_choices

    @cached_property
    def feature_sets(self) -> dict[str, FeatureSet]:
        """The feature sets by their names."""
        return self.config.feature_sets

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that can be trained: that of each stream, and the fused one."""
        return (*self.streams, FUSED)

    def read_by(self, network: str) -> list[StreamChoice]:
        """The streams of a network."""
        return list(self.streams.values()) if network == FUSED else [self.streams[network]]

    @cached_property
    def trained(self) -> tuple[str, ...]:
        """The networks that its systems train."""
        names = tuple(self.streams)
        return tuple({n: n for each in self.systems for n in read_system(each).networks(names)})

    @cached_property
    def features_read(self) -> dict[str, FeatureSet]:
        """The feature sets of its systems, by their names."""
        systems = [read_system(name) for name in self.systems]
        networks = [name for each in systems for name in each.networks(tuple(self.streams))]
        read = {stream.features for name in networks for stream in self.read_by(name)}
        read |= {name for each in systems for name in each.feature_sets}
        read |= set(self.config.fusion.features) if networks else set()
        return {name: each for name, each in self.feature_sets.items() if name in read}

    @property
    def encoders(self) -> dict[str, Pretrained]:
        """The pretrained encoders of its systems, by the name of the feature set."""
        settings = {name: each.settings for name, each in self.features_read.items()}
        return {name: each for name, each in settings.items() if isinstance(each, Pretrained)}

    @property
    def enrolment(self) -> dict[str, Any]:
        """Enrolment settings of its classifiers, without defaults."""
        told = changed(self.config.enrolment) if self.config.enrolment.utterances else {}
        told.pop("curve", None)
        return {"enrolment": told} if told else {}

    def by_speaker(self, network: str) -> bool:
        """Whether a network's features are scaled by statistics of the test set too."""
        return self.training.network(network).normalisation == "speaker"

    def by_enrolment(self, network: str) -> bool:
        """Whether enrolled recordings scale a network's features."""
        return self.training.network(network).normalisation == "enrolled"

    @property
    def knows_voices(self) -> bool:
        """Whether enrolled recordings scale the features of any network of its systems."""
        return any(map(self.by_enrolment, self.trained))

    def train_settings(self, network: str, phase: str) -> dict[str, Any]:
        """Settings of the verb that trains a phase of a network, without defaults."""
        schedule = self.training.network(network).schedule(SCHEDULES[phase])
        settings = {**changed(schedule), **self.network_settings(network)}
        if phase == "he":  # nothing is mined again
            settings = {key: value for key, value in settings.items() if key not in COUNTING}
        loss = objective_of(phase)
        if loss and loss.objective != DEFAULT_OBJECTIVE.loss:
            parameters = changed(getattr(self.config, loss.section)) if loss.section else {}
            settings |= {"loss": loss.objective, **parameters}
        return settings | ({"seed": self.network_seed} if self.network_seed else {})

    def network_settings(self, network: str) -> dict[str, Any]:
        """Recipe and streams of a network, without defaults and keys that have no effect on it."""
        chosen = {**changed(self.training.network(network)), **self.stream_settings([network])}
        streams = self.read_by(network)
        shapes = {self.feature_sets[stream.features].shape for stream in streams}
        leave = {*SCHEDULES.values(), *(() if "frames" in shapes else OF_FRAMES)}
        told = {key: value for key, value in chosen.items() if key not in leave}
        return told | (self._known_voices() if self.by_enrolment(network) else {})

    def _known_voices(self) -> dict[str, Any]:
        """Enrolment settings of networks that use the classifiers' enrolled recordings."""
        return self.enrolment | changed(KnownVoices(draw_seed=self.config.seed))

    def stream_settings(self, networks: Iterable[str]) -> dict[str, Any]:
        """Stream settings of the verbs for some networks, without defaults."""
        names = list(networks)
        told = stream_settings(stream for name in names for stream in self.read_by(name))
        return told | self._of_fused() if FUSED in names else told

    def _of_fused(self) -> dict[str, Any]:
        """Settings of the fused network only: its width, and streams of the paper to leave out."""
        gone = {name: None for name in STREAMS if name not in self.streams}
        given = stream_settings(self.streams.values()).get("streams", {})
        return changed(Streams({**gone, **given}, self.config.fusion_width))

    def identity(self, network: str, phase: str) -> str:
        """A text that is equal for two runs if a phase gives both the same network.

        Args:
            network: One of :attr:`networks`.
            phase: One of :data:`sersnake.settings.loss_registry.PHASES`.
        """
        sets = [self.feature_sets[stream.features] for stream in self.read_by(network)]
        parts: dict[str, Any] = {
            "protocol": self.protocol.as_dict(),
            "features": [[each.kind, changed(each.settings)] for each in sets],
            "copies": self.config.training_copies,
            "folds_per_job": self.training.folds_per_job[network],
            "first": self.train_settings(network, first_phase(phase)),
            "phase": self.train_settings(network, phase),
        }
        if phase == "he":
            parts["mining"] = changed(self.config.mining)
            # The hard examples may depend on the errors of other networks too.
            parts["others"] = [self.identity(name, "phase_1") for name in self.mined_with(network)]
        return json.dumps(parts, sort_keys=True)

    def mined_with(self, network: str) -> list[str]:
        """The other streams whose errors also decide which examples are hard for a network."""
        if network == FUSED or not self.config.mining.union:
            return []
        return [name for name in self.streams if name != network]


def plan_runs(config: Config, results: str, presets: Presets) -> dict[str, Run]:
    """Every run that the config may need, by its folder.

    The run itself comes first, then the compared protocols, without the run's own. Below each of
    them are its variants, and below a variant its inner run, whose folds are made within the
    training sets. Below any of these are its further seeds, whose networks are its ensemble
    members. The model of the run, or of a variant of model selection, is trained in one more run on
    the whole corpus.

    Raises:
        SettingsError: A schedule is not allowed.
    """
    runs = {results: _run(results, config, _protocol(config), presets)}
    for name, folds in config.protocols.items():
        settings = varied(config, {"folds": folds})
        if (protocol := _protocol(settings)) != runs[results].protocol:
            folder = f"{results}/protocols/{name}"
            runs[folder] = _run(folder, settings, protocol, presets)
    nested = {"inner": config.model_selection.inner, "shared": config.model_selection.shared}
    for run in list(runs.values()):
        for variant, overrides in config.variants.items():
            systems = {"systems": overrides.get("systems", [config.model_selection.system])}
            settings = varied(run.config, {**overrides, **systems})
            folder = variant_folder(run.folder, variant)
            runs[folder] = _run(folder, settings, _protocol(settings), presets)
            inner = runs[folder].protocol.replace(**nested)
            folder = inner_folder(run.folder, variant)
            runs[folder] = _run(folder, settings, inner, presets)
    models = [(model_base(config, results), whole_folder(results), config.model.system)]
    for variant in config.model_selection.variants:
        folder = variant_folder(results, variant)
        system = held_system(runs[folder], config.model_selection.system)
        models.append((folder, whole_folder(folder), system))
    for base, folder, system in models:
        whole = Protocol("whole", seed=runs[base].protocol.seed)
        settings = varied(runs[base].config, {"systems": [system]})
        runs[folder] = _run(folder, settings, whole, presets)
    return {member.folder: member for run in runs.values() for member in _members(run)}


def varied(config: Config, overrides: Mapping[str, Any]) -> Config:
    """A config with the values that a variant changes, and without variants of its own."""
    changes = {name: getattr(Config(), name) for name in OF_NO_VARIANT}
    for key, value in overrides.items():
        section = getattr(config, key)
        if key in OF_A_VARIANT and isinstance(section, Settings):
            changes[key] = read_settings(type(section), merge(section.as_dict(), value))
        elif isinstance(section, Mapping):
            changes[key] = merge(section, value)
        else:
            changes[key] = _converted(key, value)
    return config.replace(**changes)


def _converted(key: str, value: Any) -> Any:
    """A key's value as its type, since it may be text; relations to other keys are not checked."""
    types = {field.name: field.type for field in fields_of(Config)}
    return msgspec.convert(value, types[key], strict=False)


def _protocol(config: Config) -> Protocol:
    return protocol_of(config.folds.as_dict(), config.seed)


def _run(folder: str, config: Config, protocol: Protocol, presets: Presets) -> Run:
    given = presets(config.preset), config.corpus, config.training, config.stream_choices
    training = resolve_training(*given)
    return Run(folder, config, protocol, training, config.seed)


def _members(run: Run) -> list[Run]:
    """A run and its further seeds."""
    further = [
        replace(
            run,
            folder=seed_folder(run.folder, number),
            network_seed=derived_seed(run.config.seed, number),
        )
        for number in range(1, run.config.seeds)
    ]
    return [run, *further]


def variant_folder(run: str, variant: str) -> str:
    """The folder of a variant of a run."""
    return f"{run}/variants/{variant}"


def inner_folder(run: str, variant: str) -> str:
    """The folder of the inner run of a variant."""
    return f"{variant_folder(run, variant)}/inner"


def outer_folder(inner: str) -> str:
    """The variant whose training sets an inner run, or a further seed of it, splits again."""
    return inner.rpartition("/inner")[0]


def whole_folder(run: str) -> str:
    """The folder of a run trained on the whole corpus, for a model."""
    return f"{run}/whole"


def model_base(config: Config, results: str) -> str:
    """The run, or the variant of it, whose settings train a model and whose folds measured it."""
    return variant_folder(results, config.model.variant) if config.model.variant else results


def held_system(run: Run, system: str) -> str:
    """The system of a variant that is compared with ``system``: the same, or else its first."""
    return system if system in run.systems else run.systems[0]


def seed_folder(run: str, number: int) -> str:
    """The folder of the networks of a run's further seed; 0 is the run itself."""
    return f"{run}/seeds/{number}" if number else run
