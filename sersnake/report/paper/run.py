"""The files of a run that its paper is written from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sersnake.io.files import require_columns
from sersnake.report.run_context import RunContext
from sersnake.report.sources import read_sources
from sersnake.settings.networks import FUSED
from sersnake.settings.streams import INDEPENDENT
from sersnake.settings.systems import SELECTED, System, read_system

# The columns of the manifest that the text reads; tables and figures need fewer.
MANIFEST = ("utterance", "emotion", "corpus", "language", "speaker", "sex", "sentence", "duration")


@dataclass(frozen=True)
class PaperRun:
    """The files of a run that its paper is written from.

    Attributes:
        context: The run's ``context.json``.
        config: Its resolved config, with the training of each network under the network's name.
        manifest: The utterances.
        intervals: What :func:`sersnake.evaluation.system_intervals` returns.
        comparisons: What :func:`sersnake.evaluation.compare_systems` returns; None where there is
            nothing to compare.
    """

    context: RunContext
    config: Mapping[str, Any]
    manifest: pd.DataFrame
    intervals: pd.DataFrame
    comparisons: pd.DataFrame | None = None

    @classmethod
    def load(
        cls, context: Path, config: Mapping[str, Any], sources: Mapping[str, Path]
    ) -> PaperRun:
        """Reads the files of a run.

        Args:
            context: ``context.json``.
            config: As for the attribute.
            sources: The CSV files by their names: manifest, intervals and comparisons.

        Raises:
            SersnakeError: A file is missing or none of its kind.
        """
        names = ["manifest", "intervals", *({"comparisons"} & set(sources))]
        files: dict[str, Any] = read_sources(names, sources)
        require_columns(files["manifest"], MANIFEST, sources["manifest"])
        return cls(RunContext.load(context), config, **files)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The systems by their names, the selected variant among them."""
        return tuple(map(str, self.intervals["system"].unique()))

    @cached_property
    def systems(self) -> tuple[System, ...]:
        """What the names say of the systems."""
        return tuple(read_system(name) for name in self.names if name != SELECTED)

    @cached_property
    def losses(self) -> set[str]:
        """The losses that networks are trained with."""
        return {system.loss for system in self.systems} - {""}

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """The networks that are trained: those of streams by their names, and ``fused``."""
        return self.networks_of(self.losses)

    def networks_of(self, losses: Iterable[str]) -> tuple[str, ...]:
        """The networks that are trained with some losses, in order."""
        streams = tuple(self.context.streams)
        trained = {
            network
            for system in self.systems
            if system.loss in set(losses)
            for network in system.networks(streams)
        }
        return tuple(name for name in (*streams, FUSED) if name in trained)

    @cached_property
    def streams(self) -> dict[str, Mapping[str, Any]]:
        """The streams that are trained, alone or within the fused network."""
        streams = self.context.streams
        return {n: streams[n] for n in streams if n in self.networks or FUSED in self.networks}

    @property
    def independent(self) -> bool:
        """Whether several streams are trained by themselves."""
        return any(s.loss and (s.of == INDEPENDENT or "+" in s.of) for s in self.systems)

    @cached_property
    def feature_sets(self) -> dict[str, Mapping[str, Any]]:
        """The feature sets that a system reads, with their settings."""
        read = {str(stream["features"]) for stream in self.streams.values()}
        read |= {name for system in self.systems for name in system.feature_sets}
        read |= set(self.config["fusion"]["features"]) if self.networks else set()
        return {name: values for name, values in self.config["features"].items() if name in read}

    def known(self, column: str) -> bool:
        """Whether a column of the manifest is filled for every utterance."""
        return bool((self.manifest[column] != "").all())
