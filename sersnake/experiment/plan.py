"""The plan of a call: its runs, their files, and the settings of the verbs that make them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sersnake.errors import SersnakeError
from sersnake.experiment.made_model import MadeModel
from sersnake.experiment.options import as_json
from sersnake.experiment.own_code import digest_of
from sersnake.experiment.run_files import RunFiles
from sersnake.experiment.runs import held_system, model_base, variant_folder, whole_folder
from sersnake.settings.base import changed
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.seeds import Ensemble
from sersnake.settings.systems import read_system

OF_THE_PAPER = (
    *("corpus", "reader", "corpora", "features", "mining", "focal", "fusion", "fusion_width"),
    *("seeds", "model_selection", *CLASSIFIERS),
)


class Plan(RunFiles):
    """The settings of every verb, and the models."""

    def embedding_settings(self, run: str, network: str) -> str:
        """Settings of the verb that computes embeddings by a trained network, as JSON."""
        return as_json(self.runs[run].network_settings(network))

    def model(self, variant: str | None = None) -> MadeModel:
        """The model of the run, or of a variant that model selection may choose."""
        if not variant:
            base = model_base(self.config, self.results)
            return MadeModel(self, base, whole_folder(self.results), self.config.model.system)
        base = variant_folder(self.results, variant)
        system = held_system(self.runs[base], self.config.model_selection.system)
        return MadeModel(self, base, whole_folder(base), system)

    def made(self, wildcards: Any) -> MadeModel:
        """The model that a job makes, by its wildcards."""
        return self.model(wildcards.get("variant"))

    def candidate_models(self) -> dict[str, MadeModel]:
        """The model of each variant that model selection may choose, by its name.

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

    def network_names(self, run: str, networks: Iterable[str]) -> list[str]:
        """The entries of :data:`~sersnake.settings.networks.NETWORKS` behind some networks."""
        streams = [stream for name in networks for stream in self.runs[run].read_by(name)]
        return [stream.network.name for stream in streams if stream.network.name]

    def own_code(self, run: str, network: str) -> list[str]:
        """A user's own networks that a network is made of, each with the digest of its code."""
        choices = [stream.network.module for stream in self.runs[run].read_by(network)]
        return [f"{place} {digest_of(place)}" for place in choices if place]

    def cut(self, run: str, name: str) -> list[str]:
        """The option of the verb `pack` that selects a set's layers from all extracted ones."""
        features = self.runs[run].feature_sets[name]
        if features.settings == features.extracted:
            return []
        return ["--layers", *map(str, features.settings.as_dict()["layers"])]

    def train_settings(self, run: str, network: str, phase: str) -> str:
        """Settings of the verb that trains a phase of a network, as JSON."""
        return as_json(self.runs[run].train_settings(network, phase))

    def mining_settings(self, run: str) -> str:
        """Settings of mining, as JSON, without `union`, which only adds files."""
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

    def attention_settings(self, run: str) -> str:
        """The training settings on which a stream's attention depends, as JSON."""
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
        """The settings that the text of the paper states, as JSON."""
        run = self.runs[self.results]
        told = {key: value for key, value in run.config.described().items() if key in OF_THE_PAPER}
        trainings = {name: run.training.network(name).as_dict() for name in run.networks}
        return as_json({**told, "training": trainings})

    def _seeds(self, run: str) -> dict[str, int]:
        config = self.runs[run].config
        return changed(Ensemble(seed=config.seed, seeds=config.seeds))
