"""The files that the runs of a call make and read, all below the folder of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sersnake.experiment.compared_runs import ComparedRuns
from sersnake.experiment.options import copies_option, named
from sersnake.experiment.runs import seed_folder
from sersnake.features.known_encoders import printed_name
from sersnake.settings.loss_registry import LOSSES, PHASES
from sersnake.settings.networks import NETWORKS
from sersnake.settings.systems import SELECTED, histories_of, read_system


class RunFiles(ComparedRuns):
    """The files of features, trainings, classifiers and results."""

    def features(self, run: str, name: str) -> str:
        """The packed feature set that a run reads."""
        return f"{self._feature_homes[name][run]}/features/{name}.safetensors"

    def extracted_in(self, run: str, name: str, condition: str = "") -> str:
        """The folder with the parts of a feature set's pack, clean or under a condition."""
        folder = "{}/features/{}".format(*self._extraction_homes[run, name])
        return f"{folder}.{condition}" if condition else folder

    def read_by(self, run: str, network: str) -> dict[str, str]:
        """The packed feature sets that a network reads, by their names."""
        names = [stream.features for stream in self.runs[run].read_by(network)]
        return {name: self.features(run, name) for name in names}

    def copies_read_by(self, run: str, network: str) -> dict[str, str]:
        """The packs of the degraded copies that it is trained on, as CONDITION.FEATURES."""
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
        """The weights of all folds after a network's phase."""
        return list(self.trained(run, f"{network}/{phase}", "weights.safetensors"))

    def first_phase(self, run: str, network: str, loss: str, group: str, ending: str) -> str:
        """The output of the first phase of a loss for the folds of a job."""
        start = LOSSES[loss].phases[0]
        home = self._network_homes[network, start][run]
        return f"{home}/training/{network}/{start}/{group}.{ending}"

    def phases(self, run: str) -> list[str]:
        """The phases of training that the systems of a run need, each once."""
        of_run = self.runs[run]
        systems = map(read_system, of_run.systems)
        needed = {phase for system in systems for phase in system.phases(tuple(of_run.streams))}
        every = [f"{network}/{phase}" for network in of_run.networks for phase in PHASES]
        return [phase for phase in every if phase in needed]

    def epochs(self, run: str, what: str) -> list[str]:
        """History or curve of every phase that a system of the run needs."""
        return [
            file for phase in self.phases(run) for file in self.trained(run, phase, f"{what}.csv")
        ]

    def collected(self, run: str, what: str) -> list[str]:
        """The files that predictions, history, curve and others of a run are joined from."""
        files = {
            "predictions": self.predictions,
            "hard_index": self.hard_indices,
            "enrolment_curve": self.enrolment_curves,
            "robustness": self.robustness,
        }
        return files[what](run) if what in files else self.epochs(run, what)

    def collected_systems(self, run: str, what: str) -> list[str]:
        """The option that keeps only the rows of the run's systems, of shared training."""
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

    def enrolment_curves(self, run: str) -> list[str]:
        """The enrolment curves of all systems of a run."""
        return [f"{run}/enrolment_curve/{system}.csv" for system in self.runs[run].systems]

    def robustness(self, run: str) -> list[str]:
        """The robustness of all systems of a run."""
        return [f"{run}/robustness/{system}.csv" for system in self.runs[run].systems]

    def degraded(self, run: str, system: str) -> dict[str, str]:
        """The features of a system's classifier under each condition, as CONDITION.NAME."""
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
        """Its degraded feature sets with a classifier of their own, as CONDITION.FEATURES."""
        return under_each(self.late(run, system), self.config.robustness.conditions)

    def _joined(self, run: str, system: str) -> dict[str, str]:
        """The feature sets of a baseline; none for a system with networks."""
        return {name: self.features(run, name) for name in read_system(system).feature_sets}

    def source(self, run: str, name: str) -> str:
        """A source of a table or figure of a run, by name."""
        if name == "manifest":
            return f"{self.results}/manifest.csv"
        network = name.removesuffix("_features")
        return self._features_of(run, network) if network in NETWORKS else f"{run}/{name}.csv"

    def _features_of(self, run: str, network: str) -> str:
        """The packed features that the first stream with one of the paper's networks reads."""
        streams = self.runs[run].streams.values()
        return self.features(run, next(s.features for s in streams if s.network.name == network))

    def attention_stream(self, run: str) -> str:
        """The first stream with an attention in the system of the atlas; empty without one.

        The atlas draws its frames, which is impossible for those of an encoder.
        """
        system, of_run = self.config.atlas.system, self.runs[run]
        if system not in of_run.systems:
            return ""
        streams = [of_run.streams.get(name) for name in self.networks_of(run, system)]
        drawn = [s for s in streams if s and s.features not in of_run.encoders]
        return next((stream.name for stream in drawn if stream.network.attends), "")

    def attended(self, run: str) -> dict[str, str]:
        """The packed feature set of :meth:`attention_stream`, by its name."""
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

    def encoders(self, run: str) -> dict[str, dict[str, Any]]:
        """The pretrained encoders that captions of a run have to name, by their packed features.

        Each with the feature set, its label, model and revision, and the variants that read it if
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


def under(pack: str, condition: str) -> str:
    """The packed features of recordings under a condition, in the folder of the clean ones."""
    return f"{pack.removesuffix('.safetensors')}.{condition}.safetensors"


def under_each(packs: Mapping[str, str], conditions: Iterable[str]) -> dict[str, str]:
    """Packed features under each of some conditions, by names such as CONDITION.NAME."""
    return {
        f"{condition}.{name}": under(pack, condition)
        for condition in conditions
        for name, pack in packs.items()
    }
