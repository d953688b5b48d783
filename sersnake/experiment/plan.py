"""The plan of a call: runs, folds, jobs, and which runs share what they would make."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.experiment.made_model import MadeModel
from sersnake.experiment.own_code import digest_of
from sersnake.experiment.paths import movable
from sersnake.experiment.runs import (
    BASE,
    Presets,
    held_system,
    inner_folder,
    model_base,
    outer_folder,
    plan_runs,
    seed_folder,
    variant_folder,
    whole_folder,
)
from sersnake.features.known_encoders import printed_name
from sersnake.protocols import fold_files, fold_names
from sersnake.settings.base import changed
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.config import Config
from sersnake.settings.loss_registry import LOSSES, PHASES
from sersnake.settings.networks import NETWORKS
from sersnake.settings.protocol import Protocol
from sersnake.settings.seeds import Ensemble
from sersnake.settings.systems import SELECTED, histories_of, read_system

OF_THE_PAPER = (
    *("corpus", "reader", "corpora", "features", "mining", "focal", "fusion", "fusion_width"),
    *("seeds", "model_selection", *CLASSIFIERS),
)


class Plan:
    """The outputs of a call and their paths, all below the folder of a run.

    Runs with the same settings share results, in the folder of the first.
    """

    def __init__(
        self, config: Config, results: str, corpus: pd.DataFrame, presets: Presets
    ) -> None:
        """Plans all runs.

        Args:
            config: The config.
            results: Folder of the run.
            corpus: The corpus' frame.
            presets: Gives a preset's schedules by its name.

        Raises:
            SersnakeError: A protocol does not work on the corpus, a schedule is not allowed, or
                variants to choose from read the test set.
        """
        self.config, self.results = config, results
        self.runs = plan_runs(config, results, presets)
        self.folds = self._folds(corpus)
        self.jobs = {run: self._jobs(run) for run in self.runs}
        self._refuse_transductive_candidates()
        self._check_enrolled_networks()

    def _folds(self, corpus: pd.DataFrame) -> dict[str, list[str]]:
        """Names of the folds of every run; runs of one protocol have the same."""
        known: dict[Protocol, list[str]] = {}
        for run in self.runs.values():
            if run.protocol not in known:
                known[run.protocol] = fold_names(corpus, run.protocol)
        return {folder: known[run.protocol] for folder, run in self.runs.items()}

    def _jobs(self, run: str) -> dict[str, dict[str, list[str]]]:
        folds_per_job = self.runs[run].training.folds_per_job
        return {
            network: group_folds(self.folds[run], folds_per_job[network], network)
            for network in self.runs[run].networks
        }

    def _refuse_transductive_candidates(self) -> None:
        for name in self.config.model_selection.variants:
            run = self.runs[variant_folder(self.results, name)]
            if any(map(run.by_speaker, run.networks)):
                raise SersnakeError(
                    f"model_selection: variants: {name} scales by speaker, which reads the test "
                    "set; leave it out, or set normalisation to fold"
                )

    def _check_enrolled_networks(self) -> None:
        """Networks know speakers by what enrolment names, and by one number of recordings."""
        for run in self.runs.values():
            for network in run.networks:
                run.training.network(network).check_enrolment(run.config.enrolment)
        base = self.runs[self.results]
        if base.config.enrolment.curve and any(map(base.by_enrolment, base.trained)):
            raise SersnakeError(
                "enrolment: curve: needs networks that do not depend on the number of enrolled "
                "recordings, unlike normalisation: enrolled; leave the curve out, or set "
                "normalisation to fold"
            )

    # ---- What runs share

    @cached_property
    def _feature_homes(self) -> dict[str, dict[str, str]]:
        return {
            name: self._first_with_the_same(
                {
                    folder: (run.feature_sets[name].kind, run.feature_sets[name].settings)
                    for folder, run in self.runs.items()
                    if name in run.feature_sets
                }
            )
            for name in self.feature_sets
        }

    @cached_property
    def _extraction_homes(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Of every run and feature set the first whose recordings are read in the same way."""
        first: dict[str, tuple[str, str]] = {}
        return {
            (folder, name): first.setdefault(
                f"{entry.kind} {self.extraction(folder, name)}", (folder, name)
            )
            for folder, run in self.runs.items()
            for name, entry in run.feature_sets.items()
        }

    @cached_property
    def feature_sets(self) -> list[str]:
        """Names of the feature sets of all runs."""
        return list(dict.fromkeys(name for run in self.runs.values() for name in run.feature_sets))

    @cached_property
    def networks(self) -> list[str]:
        """Names of the networks of all runs."""
        return list(dict.fromkeys(name for run in self.runs.values() for name in run.networks))

    @cached_property
    def systems(self) -> list[str]:
        """Names of the systems of all runs."""
        return list(dict.fromkeys(name for run in self.runs.values() for name in run.systems))

    @cached_property
    def _network_homes(self) -> dict[tuple[str, str], dict[str, str]]:
        return {
            (network, phase): self._first_with_the_same(
                {
                    folder: run.identity(network, phase)
                    for folder, run in self.runs.items()
                    if network in run.networks
                }
            )
            for network in self.networks
            for phase in PHASES
        }

    def _first_with_the_same(self, identities: Mapping[str, Hashable]) -> dict[str, str]:
        """Of every run the first that has the same identity."""
        first: dict[Hashable, str] = {}
        return {folder: first.setdefault(same, folder) for folder, same in identities.items()}

    # ---- Files

    def features(self, run: str, name: str) -> str:
        """The packed feature set that a run reads."""
        return f"{self._feature_homes[name][run]}/features/{name}.safetensors"

    def extracted_in(self, run: str, name: str, condition: str = "") -> str:
        """The folder of what a feature set's pack is joined from, as it is or under a condition."""
        folder = "{}/features/{}".format(*self._extraction_homes[run, name])
        return f"{folder}.{condition}" if condition else folder

    def read_by(self, run: str, network: str) -> dict[str, str]:
        """The packed feature sets that a network reads, by their names."""
        names = [stream.features for stream in self.runs[run].read_by(network)]
        return {name: self.features(run, name) for name in names}

    def copies_read_by(self, run: str, network: str) -> dict[str, str]:
        """The same of the copies that it is trained on, CONDITION.FEATURES each."""
        return under_each(self.read_by(run, network), self.runs[run].config.training_copies)

    def training_packs(self, run: str, network: str) -> list[str]:
        """All packed features that the training of a network reads."""
        copies = self.copies_read_by(run, network)
        return [*self.read_by(run, network).values(), *copies.values()]

    def trained(self, run: str, phase: str, ending: str) -> dict[str, list[str]]:
        """File and folds of each job of a network's phase ("acln/ce"), in the order of folds."""
        network, name = phase.split("/")
        home = self._network_homes[network, name][run]
        jobs = self.jobs[home][network].items()
        return {f"{home}/training/{phase}/{job}.{ending}": folds for job, folds in jobs}

    def weights(self, run: str, network: str, phase: str) -> list[str]:
        """The weights of all folds that a network's phase left."""
        return list(self.trained(run, f"{network}/{phase}", "weights.safetensors"))

    def first_phase(self, run: str, network: str, loss: str, group: str, ending: str) -> str:
        """The output of the first phase of a loss for the folds of a job."""
        start = LOSSES[loss].phases[0]
        home = self._network_homes[network, start][run]
        return f"{home}/training/{network}/{start}/{group}.{ending}"

    def embedding_settings(self, run: str, network: str) -> str:
        """Settings of the verb that embeds by a trained network, as JSON."""
        return as_json(self.runs[run].network_settings(network))

    def phases(self, run: str) -> list[str]:
        """The phases of training that the systems of a run have, each once."""
        of_run = self.runs[run]
        systems = map(read_system, of_run.systems)
        needed = {phase for system in systems for phase in system.phases(tuple(of_run.streams))}
        every = [f"{network}/{phase}" for network in of_run.networks for phase in PHASES]
        return [phase for phase in every if phase in needed]

    def epochs(self, run: str, what: str) -> list[str]:
        """History or curve of every phase that a system of the run has."""
        return [
            file for phase in self.phases(run) for file in self.trained(run, phase, f"{what}.csv")
        ]

    def collected(self, run: str, what: str) -> list[str]:
        """What one file of a run is joined from: predictions, history, curve and others."""
        files = {
            "predictions": self.predictions,
            "hard_index": self.hard_indices,
            "enrolment_curve": self.enrolment_curves,
            "robustness": self.robustness,
        }
        return files[what](run) if what in files else self.epochs(run, what)

    def collected_systems(self, run: str, what: str) -> list[str]:
        """The option that keeps a training's rows for the systems of the run alone."""
        if what not in ("history", "curve"):
            return []
        systems = map(read_system, self.runs[run].systems)
        return ["--systems", *sorted({name for each in systems for name in histories_of(each)})]

    def hard_indices(self, run: str) -> list[str]:
        """The hard indices of the mined networks, each network's folds together."""
        mined = [phase for phase in self.phases(run) if phase.endswith("/he")]
        return [file for phase in mined for file in self.trained(run, phase, "hard.csv")]

    def other_counts(self, run: str, network: str, group: str) -> list[str]:
        """Counts of the other streams for the folds of a job, where hard examples are the union."""
        folds = set(self.jobs[run][network][group])
        return [
            file
            for other in self.runs[run].mined_with(network)
            for file, its_folds in self.trained(run, f"{other}/phase_1", "counts.csv").items()
            if folds & set(its_folds)
        ]

    def embeddings(self, run: str, system: str, ending: str = "safetensors") -> list[str]:
        """The output of training for the classifiers of a system, seed by seed."""
        phases = read_system(system).embeddings(tuple(self.runs[run].streams))
        return [
            file
            for number in range(self.runs[run].config.seeds)
            for phase in phases
            for file in self.trained(seed_folder(run, number), phase, ending)
        ]

    def classified(self, run: str, system: str) -> list[str]:
        """The training features of a system's classifiers."""
        names = read_system(system).feature_sets
        return [self.features(run, name) for name in names] or self.embeddings(run, system)

    def late(self, run: str, system: str) -> dict[str, str]:
        """The feature sets with a classifier of their own, by their names."""
        names = () if read_system(system).feature_sets else self.runs[run].config.fusion.features
        return {name: self.features(run, name) for name in names}

    def late_option(self, run: str, system: str) -> list[str]:
        """The option of the verb `classify` that names them."""
        late = self.late(run, system)
        return ["--late", *named(late)] if late else []

    def predictions(self, run: str) -> list[str]:
        """The predictions of all systems of a run."""
        files = [f"{run}/predictions/{system}.csv" for system in self.runs[run].systems]
        chosen = self.config.model_selection.variants and run in (
            self.results,
            *self.protocols.values(),
        )
        return [*files, f"{run}/predictions/{SELECTED}.csv"] if chosen else files

    def grouped_system(self, run: str) -> str:
        """The system that is measured by speaker, sex and so on: the model's, else the first."""
        system, systems = self.config.model.system, self.runs[run].systems
        return system if system in systems else systems[0]

    def enrolment_curves(self, run: str) -> list[str]:
        """The enrolment curves of all systems of a run."""
        return [f"{run}/enrolment_curve/{system}.csv" for system in self.runs[run].systems]

    def robustness(self, run: str) -> list[str]:
        """The robustness of all systems of a run."""
        return [f"{run}/robustness/{system}.csv" for system in self.runs[run].systems]

    def degraded(self, run: str, system: str) -> dict[str, str]:
        """What a system's classifier is asked with under each condition, CONDITION.NAME each."""
        conditions = self.config.robustness.conditions
        if read_system(system).feature_sets:
            return under_each(self._joined(run, system), conditions)
        return {
            f"{condition}.{number}.{phase}": self.embedded_under(run, number, phase, condition)
            for condition in conditions
            for number in range(self.runs[run].config.seeds)
            for phase in read_system(system).embeddings(tuple(self.runs[run].streams))
        }

    def embedded_under(self, run: str, seed: int, phase: str, condition: str) -> str:
        """The embeddings of a network's phase ("acln/ce") under a condition, in all folds."""
        network, name = phase.split("/")
        home = self._network_homes[network, name][seed_folder(run, seed)]
        return f"{home}/training/{phase}.{condition}.safetensors"

    def read_under(self, run: str, network: str, condition: str) -> dict[str, str]:
        """The packed feature sets that a network reads, under a condition."""
        packs = self.read_by(run, network)
        return {name: under(pack, condition) for name, pack in packs.items()}

    def copies(self, run: str, system: str) -> dict[str, str]:
        """The features of the copies that a baseline is fitted on, by their conditions."""
        return under_each(self._joined(run, system), self.runs[run].config.training_copies)

    def robustness_option(self, run: str, system: str) -> list[str]:
        """The options of the verb that measures the robustness of a system."""
        degraded = ["--degraded", *named(self.degraded(run, system))]
        late = named(self.degraded_late(run, system))
        of_late = ["--degraded-late", *late] if late else []
        return [*copies_option(self.copies(run, system)), *degraded, *of_late]

    def degraded_late(self, run: str, system: str) -> dict[str, str]:
        """Its feature sets with a classifier of their own, CONDITION.FEATURES each."""
        return under_each(self.late(run, system), self.config.robustness.conditions)

    def _joined(self, run: str, system: str) -> dict[str, str]:
        """The feature sets of a baseline; none of a system with networks."""
        return {name: self.features(run, name) for name in read_system(system).feature_sets}

    # ---- Protocols and variants

    @cached_property
    def protocols(self) -> dict[str, str]:
        """Folder of every compared protocol; the run's, where it is the run's own protocol."""
        folders = {
            protocol: f"{self.results}/protocols/{protocol}" for protocol in self.config.protocols
        }
        return {
            protocol: folder if folder in self.runs else self.results
            for protocol, folder in folders.items()
        }

    @cached_property
    def crossing(self) -> dict[str, str]:
        """Folder of the run's own protocol and of every compared one, for what crosses corpora."""
        if self.results in self.protocols.values():
            return self.protocols
        return {self.config.folds.protocol: self.results, **self.protocols}

    def variants(self, run: str) -> dict[str, str]:
        """The run itself and its variants on folds of its own, which alone can be compared."""
        folders = {name: variant_folder(run, name) for name in self.config.variants}
        protocol = self.runs[run].protocol
        same = {name: f for name, f in folders.items() if self.runs[f].protocol == protocol}
        return {BASE: run, **same}

    def variant_metrics(self, run: str) -> list[str]:
        """The metrics of the run and of its variants."""
        return [f"{folder}/metrics.csv" for folder in self.variants(run).values()]

    def changes(self, run: str) -> str:
        """What each variant of a run changes, as JSON in the order of the config."""
        variants = self.config.variants
        return json.dumps({name: variants[name] for name in self.variants(run) if name != BASE})

    def candidates(self, run: str) -> dict[str, str]:
        """The variants among which inner validation chooses."""
        return {name: variant_folder(run, name) for name in self.config.model_selection.variants}

    def inner_predictions(self, run: str) -> list[str]:
        """The predictions of each candidate on its inner folds."""
        names = self.config.model_selection.variants
        return [f"{inner_folder(run, name)}/predictions.csv" for name in names]

    def compared_variants(self, runs: Mapping[str, str]) -> list[str]:
        """Each variant with its system that is compared, and what the comparison calls it."""
        system = self.config.model_selection.system
        pairs = [f"{name}:{held_system(self.runs[run], system)}" for name, run in runs.items()]
        return [*pairs, "--system", system]

    def source(self, run: str, name: str) -> str:
        """The sources of a table or figure of a run, by name."""
        if name == "manifest":
            return f"{self.results}/manifest.csv"
        network = name.removesuffix("_features")
        return self._features_of(run, network) if network in NETWORKS else f"{run}/{name}.csv"

    def _features_of(self, run: str, network: str) -> str:
        """The packed features that the first stream with one of the paper's networks reads."""
        streams = self.runs[run].streams.values()
        return self.features(run, next(s.features for s in streams if s.network.name == network))

    def networks_of(self, run: str, system: str) -> tuple[str, ...]:
        """The networks that a system trains."""
        return read_system(system).networks(tuple(self.runs[run].streams))

    def model(self, variant: str | None = None) -> MadeModel:
        """The model of the run, or of a variant that inner validation may select."""
        if not variant:
            base = model_base(self.config, self.results)
            return MadeModel(self, base, whole_folder(self.results), self.config.model.system)
        base = variant_folder(self.results, variant)
        system = held_system(self.runs[base], self.config.model_selection.system)
        return MadeModel(self, base, whole_folder(base), system)

    def candidate_models(self) -> dict[str, MadeModel]:
        """The model of each variant that inner validation may select, by its name.

        Raises:
            SersnakeError: There is none.
        """
        names = self.config.model_selection.variants
        if not names:
            raise SersnakeError(
                "best: name the variants to select from under model_selection: variants, as in "
                "config/best.yaml"
            )
        return {name: self.model(name) for name in names}

    # ---- Settings of the verbs

    def network_names(self, run: str, networks: Iterable[str]) -> list[str]:
        """Those of :data:`~sersnake.settings.networks.NETWORKS` that networks are made of."""
        streams = [stream for name in networks for stream in self.runs[run].read_by(name)]
        return [stream.network.name for stream in streams if stream.network.name]

    def own_code(self, run: str, network: str) -> list[str]:
        """A user's own networks that a network is made of, each with the digest of its code."""
        choices = [stream.network.module for stream in self.runs[run].read_by(network)]
        return [f"{place} {digest_of(place)}" for place in choices if place]

    def extraction(self, run: str, name: str) -> str:
        """Settings that a feature set's recordings are read by, as JSON."""
        return as_json(changed(self.runs[run].feature_sets[name].extracted))

    def cut(self, run: str, name: str) -> list[str]:
        """The option of the verb `pack` that cuts a set's layers out of all that were extracted."""
        features = self.runs[run].feature_sets[name]
        if features.settings == features.extracted:
            return []
        return ["--layers", *map(str, features.settings.as_dict()["layers"])]

    def train_settings(self, run: str, network: str, phase: str) -> str:
        """Settings of the verb that trains a phase of a network, as JSON."""
        return as_json(self.runs[run].train_settings(network, phase))

    def mining_settings(self, run: str) -> str:
        """Settings of mining, as JSON; what `union` adds are files."""
        mining = changed(self.runs[run].config.mining)
        return as_json({key: value for key, value in mining.items() if key != "union"})

    def classifier_settings(self, run: str, system: str) -> str:
        """Settings of a system's classifier, as JSON."""
        return as_json(self._classifier_settings(run, system))

    def enrolment_curve_settings(self, run: str, system: str) -> str:
        """Settings of the verb that measures a system's enrolment curve, as JSON."""
        told = self._classifier_settings(run, system)
        told.pop("enrolment", None)
        return as_json({**told, "curve": self.runs[run].config.enrolment.curve})

    def _classifier_settings(self, run: str, system: str) -> dict[str, Any]:
        config = self.runs[run].config
        fusion = changed(config.fusion)
        of_system = read_system(system)
        classifier = changed(config.classifier(of_system.classifier))
        settings = {**fusion, **classifier, **self._seeds(run), **self.runs[run].enrolment}
        if of_system.feature_sets:
            without_effect = {"features", "seeds"}
            if len(of_system.feature_sets) == 1:  # one file, and one classifier
                without_effect |= {"balanced", "method", "weights"}
            settings = {key: settings[key] for key in settings if key not in without_effect}
        return settings

    def attention_stream(self, run: str) -> str:
        """The first stream with an attention in the system of the atlas; empty without one.

        Its frames are drawn, which those of an encoder cannot be.
        """
        system, of_run = self.config.atlas.system, self.runs[run]
        if system not in of_run.systems:
            return ""
        streams = [of_run.streams.get(name) for name in self.networks_of(run, system)]
        drawn = [s for s in streams if s and s.features not in of_run.encoders]
        return next((stream.name for stream in drawn if stream.network.attends), "")

    def attended(self, run: str) -> dict[str, str]:
        """The packed feature set of that stream, by its name."""
        stream = self.attention_stream(run)
        return self.read_by(run, stream) if stream else {}

    def drawn_frames(self, run: str) -> str:
        """The packed frames that the atlas draws."""
        return next(iter(self.attended(run).values()), self.features(run, "mfcc"))

    def attention_weights(self, run: str) -> list[str]:
        """The weights of all folds whose attention the atlas draws."""
        stream = self.attention_stream(run)
        phases = read_system(self.config.atlas.system).embeddings(tuple(self.runs[run].streams))
        chosen = [phase for phase in phases if stream and phase.startswith(f"{stream}/")]
        return [file for p in chosen for file in self.trained(run, p, "weights.safetensors")]

    def attention_settings(self, run: str) -> str:
        """What of a stream's training its attention depends on, as JSON."""
        stream = self.attention_stream(run)
        told = self.runs[run].network_settings(stream) if stream else {}
        kept = ("crop", "normalisation", "streams", "enrolment", "draw_seed")
        return as_json({key: value for key, value in told.items() if key in kept})

    def model_settings(self, folder: str, name: str) -> str:
        """Settings of the verb that makes a model of a system, as JSON.

        Raises:
            SersnakeError: No model can be made of such networks.
        """
        run, networks = self.runs[folder], self.networks_of(folder, name)
        for network in networks:
            run.training.network(network).check_for_a_model()
        told = self._classifier_settings(folder, name)
        crop = max((run.network_settings(each).get("crop", 0) for each in networks), default=0)
        if any(enrolled := [run.by_enrolment(network) for network in networks]):
            if not all(enrolled):
                raise SersnakeError(
                    "normalisation: enrolled is set for some of a model's networks only; set it "
                    "for all streams"
                )
            told |= {"normalisation": "enrolled"}
        return as_json(
            {**told, **run.stream_settings(networks), **({"crop": crop} if crop else {})}
        )

    def model_training(self, folder: str, name: str) -> str:
        """The training settings of a model's networks, as JSON."""
        trains = self.networks_of(folder, name)
        return as_json(self.runs[folder].training.as_dict() if trains else {})

    def context_settings(self, run: str) -> str:
        """The settings for a run's captions, as JSON."""
        config = self.runs[run].config
        copies = config.training_copies
        asked = config.mining.beta is None and not config.mining.union  # of each network by itself
        encoders, labels = list(self.encoders(run).values()), changed(config.labels)
        return json.dumps(
            {
                "preset": config.preset,
                "transductive": any(map(self.runs[run].by_speaker, self.runs[run].networks)),
                "hard_share": config.mining.hard_share if asked else None,
                "streams": {
                    name: {"label": stream.label, **stream.as_dict()}
                    for name, stream in self.runs[run].streams.items()
                },
                "feature_sets": {
                    name: entry.label for name, entry in self.runs[run].feature_sets.items()
                },
                "seed": config.seed,
                **({"encoders": encoders} if encoders else {}),
                **self.runs[run].enrolment,
                **({"networks_enrolled": True} if self.runs[run].knows_voices else {}),
                **({"training_copies": copies} if copies else {}),
                **({"emotion_labels": labels} if labels else {}),
            }
        )

    def paper_settings(self) -> str:
        """What only the config knows of what the paper's text says, as JSON."""
        run = self.runs[self.results]
        told = {key: value for key, value in run.config.described().items() if key in OF_THE_PAPER}
        trainings = {name: run.training.network(name).as_dict() for name in run.networks}
        return as_json({**told, "training": trainings})

    def encoders(self, run: str) -> dict[str, dict[str, Any]]:
        """The pretrained encoders that captions of a run have to name, by the packs of features.

        Of each the feature set, its label, model and revision, and the variants that read it where
        the run itself does not.
        """
        told: dict[str, dict[str, Any]] = {}
        of_run = {self.features(run, name) for name in self.runs[run].encoders}
        for variant, folder in self._compared(run).items():
            for name, settings in self.runs[folder].encoders.items():
                about = {
                    "features": name,
                    "label": self.runs[folder].feature_sets[name].label,
                    "model": printed_name(settings.model),
                    "revision": settings.revision,
                    "variants": [],
                }
                pack = self.features(folder, name)
                told.setdefault(pack, about)
                told[pack]["variants"] += [] if pack in of_run else [variant]
        return told

    def _compared(self, run: str) -> dict[str, str]:
        """The run itself, and the variants in its tables."""
        if run not in (self.results, *self.protocols.values()):
            return {BASE: run}
        return {**self.variants(run), **self.candidates(run)}

    def encoder_packs(self) -> dict[str, str]:
        """The packs of all pretrained feature sets of the run, each by its name."""
        return {
            "/".join([*each["variants"][:1], each["features"]]): pack
            for pack, each in self.encoders(self.results).items()
        }

    def encoder_option(self) -> list[str]:
        """The option of the verb `provenance` that names them."""
        packs = self.encoder_packs()
        return ["--encoders", *named(packs)] if packs else []

    def _seeds(self, run: str) -> dict[str, int]:
        config = self.runs[run].config
        return changed(Ensemble(seed=config.seed, seeds=config.seeds))

    def outer_folds(self, run: str) -> list[str]:
        """The folds whose training sets an inner run splits again."""
        return [f"{outer_folder(run)}/folds.csv"] if self.runs[run].protocol.inner else []

    def fold_source(self, run: str) -> str:
        """The file or folder of a predefined protocol; empty of any other."""
        name = self.runs[run].protocol.fold_file
        return movable(Path(name).expanduser()) if name else ""

    def fold_files(self, run: str) -> list[str]:
        """The files of a predefined protocol."""
        source = self.fold_source(run)
        return list(map(str, fold_files(Path(source)))) if source else []

    def protocol_options(self, run: str) -> list[str]:
        """Options of the verbs that make and audit folds: the protocol."""
        protocol = self.runs[run].protocol.as_dict()
        return ["--settings", json.dumps({**protocol, "fold_file": self.fold_source(run)})]

    def folds_options(self, run: str) -> list[str]:
        """Options of the verb `folds`: the protocol, and how many folds rules count on."""
        return [*self.protocol_options(run), "--expected", str(len(self.folds[run]))]

    def audit_options(self, run: str) -> list[str]:
        """Options of the verb `audit`: the protocol, what its folds are held to, and encoders."""
        claims, outer = self.claims(run), self.outer_folds(run)
        claimed = [] if claims is None else ["--claims", ",".join(claims)]
        nested = ["--outer", *outer] if outer else []
        models = {printed_name(each.model) for each in self.runs[run].encoders.values()}
        encoders = ["--encoders", *sorted(models)] if models else []
        return [*self.protocol_options(run), *claimed, *nested, *encoders]

    def claims(self, run: str) -> list[str] | None:
        """What a run claims of its folds: the config's own claims are of its own protocol alone."""
        claims, protocol = self.runs[run].config.folds.claims, self.runs[run].protocol
        same = protocol == self.runs[self.results].protocol
        of_run = same or (claims != self.config.folds.claims and not protocol.inner)
        return list(claims) if of_run and claims is not None else None


def group_folds(folds: Sequence[str], size: int | str, network: str) -> dict[str, list[str]]:
    """Folds of every job that trains a network, by the job's name: ``size`` consecutive ones.

    Raises:
        SersnakeError: Two jobs would have one name.
    """
    step = len(folds) if size == "all" else int(size)
    groups = [list(folds[start : start + step]) for start in range(0, len(folds), step)]
    jobs = {job[0] if len(job) == 1 else f"{job[0]}-to-{job[-1]}": job for job in groups}
    if sum(map(len, jobs.values())) < len(folds):
        raise SersnakeError(
            f"fold_batching: {network}: {size} gives two jobs the same name; choose another number"
        )
    return jobs


def under(pack: str, condition: str) -> str:
    """The packed features of recordings under a condition, in the folder of the clean ones."""
    return f"{pack.removesuffix('.safetensors')}.{condition}.safetensors"


def under_each(packs: Mapping[str, str], conditions: Iterable[str]) -> dict[str, str]:
    """Packed features by their names, under each of some conditions, CONDITION.NAME each."""
    return {
        f"{condition}.{name}": under(pack, condition)
        for condition in conditions
        for name, pack in packs.items()
    }


def copies_option(copies: Mapping[str, str]) -> list[str]:
    """The option of the verbs that train a network or fit a classifier that names copies."""
    return ["--copies", *named(copies)] if copies else []


def as_json(settings: object) -> str:
    """Settings as a parameter of a rule: the same text for the same settings."""
    return json.dumps(settings, sort_keys=True)


def named(files: Mapping[str, str]) -> list[str]:
    """Files by their names, as verbs take them: NAME=FILE."""
    return [f"{name}={file}" for name, file in files.items()]
