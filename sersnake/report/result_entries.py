"""The types of the entries in :mod:`sersnake.report.results`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from sersnake.settings.networks import FUSED
from sersnake.settings.systems import SELECTED, loss_of, read_system

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = {"table": ("tex", "csv", "html", "txt"), "figure": ("pdf", "png")}
IN_PAPER = {"table": "tex", "figure": "pdf"}
GROUPED = ("speaker", "sex", "sentence")
CATEGORIES = {"table": "Tables", "figure": "Figures"}  # of Snakemake's report


@dataclass(frozen=True)
class RunFacts:
    """The properties that determine the results of a run.

    Attributes:
        systems: Systems of the config.
        streams: Network of each stream by its name, one of
            :data:`~sersnake.settings.networks.NETWORKS` or empty.
        corpus: Name of the corpus, or of the joined corpora.
        protocols: Whether protocols are compared.
        variants: Whether there are variants on the folds of the run.
        selection: Whether one of them is selected per fold.
        pairs: Whether the config names pairs of systems to compare.
        known: Known columns of the manifest among speaker, sex and sentence.
        folds: Number of folds.
        enrolment_curve: Whether accuracy is measured by number of enrolled recordings.
        robustness: Whether degraded test recordings are measured.
        listeners: Whether results of human listeners are known.
        corpora: Whether several corpora are joined.
        latex: Whether pdflatex is installed.
    """

    systems: tuple[str, ...]
    corpus: str
    streams: Mapping[str, str]
    protocols: bool = False
    variants: bool = False
    selection: bool = False
    pairs: bool = False
    known: tuple[str, ...] = ()
    folds: int = 0
    enrolment_curve: bool = False
    robustness: bool = False
    listeners: bool = False
    corpora: bool = False
    latex: bool = False

    def has(self, systems: Sequence[str]) -> list[str]:
        """The ones of some systems that the run has."""
        return [system for system in systems if system in self.systems]

    @property
    def networks(self) -> set[str]:
        """The trained networks: those of streams by their names, and ``fused``."""
        names = tuple(self.streams)
        return {network for name in self.systems for network in read_system(name).networks(names)}

    def trains(self, network: str) -> bool:
        """Whether one of :data:`~sersnake.settings.networks.NETWORKS` is trained."""
        trained = self.networks
        trained |= set(self.streams) if FUSED in trained else set()
        return any(self.streams.get(name) == network for name in trained)

    @property
    def leaks_compared(self) -> bool:
        """Whether protocols compare leaks; those of joined corpora compare corpora."""
        return self.protocols and not self.corpora

    @property
    def mined(self) -> bool:
        """Whether hard examples are mined."""
        return any(loss_of(system) == "he" for system in self.systems)

    @property
    def compared(self) -> bool:
        """Whether there are systems to compare."""
        from sersnake.evaluation.comparisons import default_pairs

        systems = [*self.systems, *([SELECTED] if self.selection else [])]
        return self.pairs or bool(default_pairs(systems))


def known_columns(corpus: pd.DataFrame) -> tuple[str, ...]:
    """Columns for grouping utterances that are filled for at least some utterances."""
    return tuple(name for name in GROUPED if (corpus[name] != "").any())


Exists = Callable[[RunFacts], object]


def always(facts: RunFacts) -> bool:
    """True for every run."""
    return True


@dataclass(frozen=True)
class Result:
    """A table or a figure.

    Attributes:
        name: Name of its files, without endings.
        kind: ``table`` or ``figure``.
        make: Its function, ``module:function``. It takes the sources by name and the run as
            ``context`` (:class:`~sersnake.report.run_context.RunContext`), and returns a
            :class:`~sersnake.report.table_format.Table` or a matplotlib figure.
        sources: Files of the run that it is made from, without endings.
        label: Its label in Snakemake's report.
        caption: What it shows, in a sentence or two; ``{corpus}`` is the corpus as written in a
            sentence. The paper uses it for figures; a table has its own.
        exists: Returns whether a run has it.
        shown: Whether the page of a record shows it; otherwise the page links to it.
        of_protocols: Whether a record also has it for each other protocol.
        compares_protocols: Whether it compares protocols, so that its caption names none.
    """

    name: str
    kind: str
    make: str
    sources: tuple[str, ...]
    label: str
    caption: str
    exists: Exists = always
    shown: bool = False
    of_protocols: bool = False
    compares_protocols: bool = False

    @property
    def files(self) -> list[str]:
        """Its files in the folder of a run."""
        return [f"{self.kind}s/{self.name}.{ending}" for ending in ENDINGS[self.kind]]


@dataclass(frozen=True)
class DataFile:
    """A file or folder that a run writes in addition to its tables and figures.

    Attributes:
        name: Its name in the folder of the run.
        exists: As of :class:`Result`.
        recorded: Whether a record has a copy.
        of_protocols: As of :class:`Result`.
    """

    name: str
    exists: Exists = always
    recorded: bool = False
    of_protocols: bool = False


def load_function(result: Result) -> Callable[..., Any]:
    """The function that makes a result, imported now."""
    function: Callable[..., Any] = resolve_name(result.make)
    return function
