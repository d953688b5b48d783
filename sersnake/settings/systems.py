"""The systems: what each trains, its final classifier, and the features of that classifier.

A system's name says all of it: ``<training>_<loss>``, with ``_<classifier>`` if that is not the
linear SVM, or ``<feature set>_<classifier>`` for a baseline without networks. The training is
``independent`` (each stream by itself), ``fused`` (all as one network), or one or several streams
joined by ``+``. A baseline's feature sets may be joined in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sersnake.errors import SersnakeError
from sersnake.settings.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER
from sersnake.settings.loss_registry import LOSSES, LossEntry
from sersnake.settings.networks import FUSED
from sersnake.settings.streams import INDEPENDENT, STREAMS

BASE = "base"  # the run itself, which its variants vary
SELECTED = "selected"  # the predictions of the variant that inner validation chooses for each fold
FORM = (
    f"`<training>_<loss>`, with `_<classifier>` for another than the linear SVM (trainings: "
    f"{INDEPENDENT}, {FUSED}, streams; losses: {', '.join(LOSSES)}; classifiers: "
    f"{', '.join(CLASSIFIERS)}), or `<feature set>_<classifier>`; streams and feature sets may be "
    "joined by `+`"
)
FURTHER_CLASSIFIERS = [name for name in CLASSIFIERS if name != DEFAULT_CLASSIFIER]


@dataclass(frozen=True)
class System:
    """One way from recordings to predictions, as encoded in its name.

    Attributes:
        name: Its name.
        of: The training, or the feature sets for a baseline.
        loss: One of :data:`~sersnake.settings.loss_registry.LOSSES`; empty for a baseline.
        classifier: One of :data:`~sersnake.settings.classifiers.CLASSIFIERS`.
    """

    name: str
    of: str
    loss: str
    classifier: str

    @property
    def training(self) -> str:
        """``<training>_<loss>``, the networks that it uses; its own name for a baseline."""
        return f"{self.of}_{self.loss}" if self.loss else self.name

    @property
    def feature_sets(self) -> tuple[str, ...]:
        """The feature sets of a baseline; none for any other system."""
        return () if self.loss else tuple(self.of.split("+"))

    def networks(self, streams: Sequence[str]) -> tuple[str, ...]:
        """The networks that it trains, of a run with these streams."""
        if not self.loss:
            return ()
        if self.of == INDEPENDENT:
            return tuple(streams)
        return (FUSED,) if self.of == FUSED else tuple(self.of.split("+"))

    def phases(self, streams: Sequence[str]) -> tuple[str, ...]:
        """The phases of training, ``<network>/<phase>``, network by network in their order."""
        return tuple(f"{n}/{phase}" for n in self.networks(streams) for phase in self._loss.phases)

    def embeddings(self, streams: Sequence[str]) -> tuple[str, ...]:
        """The phases whose embeddings the classifier reads."""
        return tuple(f"{name}/{self._loss.phases[-1]}" for name in self.networks(streams))

    def check(self, streams: Sequence[str], vectors: Sequence[str]) -> None:
        """Checks that a run has its streams or feature sets.

        Args:
            streams: Names of the run's streams.
            vectors: Names of its feature sets with one vector per utterance.

        Raises:
            SersnakeError: It has no such stream or feature set.
        """
        asked = self.of.split("+")
        if not self.loss:
            known, what = vectors, "feature sets of vectors"
        elif len(asked) > 1:
            known, what = streams, "streams"
        else:
            known, what = (*streams, FUSED, INDEPENDENT), "trainings and streams"
        for part in asked:
            if part not in known:
                raise SersnakeError(
                    f"{self.name!r}: {part!r} is not one of the {what}: {_all(known)}"
                )
        if len(set(asked)) < len(asked):
            raise SersnakeError(f"{self.name!r} names one of them twice")

    @property
    def _loss(self) -> LossEntry:
        return LOSSES[self.loss]


def read_system(name: str) -> System:
    """The system of a name.

    Raises:
        SersnakeError: There is no such system.
    """
    of, *rest = name.split("_")
    match rest:
        case [classifier] if classifier in CLASSIFIERS:
            return System(name, of, "", classifier)
        case [loss] if loss in LOSSES:
            return System(name, of, loss, DEFAULT_CLASSIFIER)
        case [loss, classifier] if loss in LOSSES and classifier in FURTHER_CLASSIFIERS:
            return System(name, of, loss, classifier)
    raise SersnakeError(f"{name!r} is not a system; choose {FORM}")


def loss_of(name: str) -> str:
    """The loss of a system; empty for a baseline and the selected variant."""
    return "" if name == SELECTED else read_system(name).loss


def is_baseline(name: str) -> bool:
    """Whether a system has no networks."""
    return name != SELECTED and not loss_of(name)


def ordered(names: Sequence[str], streams: Sequence[str]) -> list[str]:
    """Systems in the order of every table: baselines, then by training, loss and classifier."""
    of_names = [read_system(name).of for name in names if name != SELECTED]
    trainings = list(dict.fromkeys([*streams, FUSED, INDEPENDENT, *of_names]))
    losses = list(LOSSES)

    def place(name: str) -> tuple[int, ...]:
        if name == SELECTED:
            return (2,)
        system = read_system(name)
        classifier = list(CLASSIFIERS).index(system.classifier)
        if not system.loss:
            return (0, list(names).index(name))
        return (1, trainings.index(system.of), losses.index(system.loss), classifier)

    return sorted(names, key=place)


# What `systems: paper` stands for, whatever else there is: the baselines, every loss of every
# training of the paper, and the classifiers that its footnote 2 compares.
PAPER_SYSTEMS = (
    *("is09_svm", "compare_svm"),
    *(
        f"{training}_{loss}"
        for training in (FUSED, INDEPENDENT, *STREAMS)
        for loss in ("ce", "focal", "he")
    ),
    "independent_he_elm",
    "independent_he_mlp",
)


def trainings_of(network: str, phase: str) -> list[str]:
    """The trainings that a phase of a network belongs to, independent of the requested systems."""
    losses = [name for name, loss in LOSSES.items() if phase in loss.phases]
    alone = (FUSED,) if network == FUSED else (INDEPENDENT, network)
    return [f"{training}_{loss}" for training in alone for loss in losses]


def histories_of(system: System) -> list[str]:
    """The trainings, as of :func:`trainings_of`, whose histories are those of a system."""
    return [f"{name}_{system.loss}" for name in system.of.split("+")] if system.loss else []


def _all(names: Sequence[str]) -> str:
    return ", ".join(names) or "there are none"
