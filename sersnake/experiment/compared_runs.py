"""The protocols and variants that a call compares, and their folds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from sersnake.experiment.paths import movable
from sersnake.experiment.runs import held_system, inner_folder, outer_folder, variant_folder
from sersnake.experiment.shared_runs import SharedRuns
from sersnake.features.known_encoders import printed_name
from sersnake.protocols import fold_files
from sersnake.settings.systems import BASE, read_system


class ComparedRuns(SharedRuns):
    """What is compared: protocols, variants, and the variants to select from."""

    def grouped_system(self, run: str) -> str:
        """The system that is measured by speaker, sex and so on: the model's, else the first."""
        system, systems = self.config.model.system, self.runs[run].systems
        return system if system in systems else systems[0]

    @cached_property
    def protocols(self) -> dict[str, str]:
        """Folder of every compared protocol; that of the run for the run's own protocol."""
        folders = {
            protocol: f"{self.results}/protocols/{protocol}" for protocol in self.config.protocols
        }
        return {
            protocol: folder if folder in self.runs else self.results
            for protocol, folder in folders.items()
        }

    @cached_property
    def crossing(self) -> dict[str, str]:
        """Folder of the run's own protocol and of every compared one, for cross-corpus results."""
        if self.results in self.protocols.values():
            return self.protocols
        return {self.config.folds.protocol: self.results, **self.protocols}

    def variants(self, run: str) -> dict[str, str]:
        """The run itself and its variants with the same folds; only these can be compared."""
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
        """The folders of the variants from which model selection chooses, by their names."""
        return {name: variant_folder(run, name) for name in self.config.model_selection.variants}

    def inner_predictions(self, run: str) -> list[str]:
        """The predictions of each candidate on its inner folds."""
        names = self.config.model_selection.variants
        return [f"{inner_folder(run, name)}/predictions.csv" for name in names]

    def compared_variants(self, runs: Mapping[str, str]) -> list[str]:
        """Each variant with its compared system, and the system's name in the comparison."""
        system = self.config.model_selection.system
        pairs = [f"{name}:{held_system(self.runs[run], system)}" for name, run in runs.items()]
        return [*pairs, "--system", system]

    def networks_of(self, run: str, system: str) -> tuple[str, ...]:
        """The networks that a system trains."""
        return read_system(system).networks(tuple(self.runs[run].streams))

    def _compared(self, run: str) -> dict[str, str]:
        """The run itself, and the variants in its tables."""
        if run not in (self.results, *self.protocols.values()):
            return {BASE: run}
        return {**self.variants(run), **self.candidates(run)}

    def outer_folds(self, run: str) -> list[str]:
        """The folds whose training sets an inner run splits again."""
        return [f"{outer_folder(run)}/folds.csv"] if self.runs[run].protocol.inner else []

    def fold_source(self, run: str) -> str:
        """The file or folder of a predefined protocol; empty for any other."""
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
        """Options of the verb `folds`: the protocol, and how many folds the plan expects."""
        return [*self.protocol_options(run), "--expected", str(len(self.folds[run]))]

    def audit_options(self, run: str) -> list[str]:
        """Options of the verb `audit`: the protocol, what its folds claim, and encoders."""
        claims, outer = self.claims(run), self.outer_folds(run)
        claimed = [] if claims is None else ["--claims", ",".join(claims)]
        nested = ["--outer", *outer] if outer else []
        models = {printed_name(each.model) for each in self.runs[run].encoders.values()}
        encoders = ["--encoders", *sorted(models)] if models else []
        return [*self.protocol_options(run), *claimed, *nested, *encoders]

    def claims(self, run: str) -> list[str] | None:
        """What a run claims of its folds; the config's claims hold only for its own protocol."""
        claims, protocol = self.runs[run].config.folds.claims, self.runs[run].protocol
        same = protocol == self.runs[self.results].protocol
        of_run = same or (claims != self.config.folds.claims and not protocol.inner)
        return list(claims) if of_run and claims is not None else None
