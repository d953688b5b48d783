"""The runs of a call, their folds and jobs, and which runs share results."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property

import pandas as pd

from sersnake.errors import SersnakeError
from sersnake.experiment.options import as_json
from sersnake.experiment.runs import Presets, plan_runs, variant_folder
from sersnake.protocols import fold_names
from sersnake.settings.base import changed
from sersnake.settings.config import Config
from sersnake.settings.loss_registry import PHASES
from sersnake.settings.protocol import Protocol


class SharedRuns:
    """The runs of a call.

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
                variants of model selection read the test set.
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
        """Checks that networks suit the enrolment, whose number of recordings they fix."""
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
        """For every run and feature set, the first with the same extraction."""
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
        """For every run, the first run with the same identity."""
        first: dict[Hashable, str] = {}
        return {folder: first.setdefault(same, folder) for folder, same in identities.items()}

    def extraction(self, run: str, name: str) -> str:
        """Settings of the extraction of a feature set, as JSON."""
        return as_json(changed(self.runs[run].feature_sets[name].extracted))


def group_folds(folds: Sequence[str], size: int | str, network: str) -> dict[str, list[str]]:
    """Folds of every job that trains a network, by the job's name: ``size`` consecutive ones.

    Raises:
        SersnakeError: Two jobs would have the same name.
    """
    step = len(folds) if size == "all" else int(size)
    groups = [list(folds[start : start + step]) for start in range(0, len(folds), step)]
    jobs = {job[0] if len(job) == 1 else f"{job[0]}-to-{job[-1]}": job for job in groups}
    if sum(map(len, jobs.values())) < len(folds):
        raise SersnakeError(
            f"fold_batching: {network}: {size} gives two jobs the same name; choose another number"
        )
    return jobs
