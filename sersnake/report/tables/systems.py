"""Names of systems, networks and losses in tables and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sersnake.errors import SersnakeError
from sersnake.settings import loss_registry
from sersnake.settings.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER
from sersnake.settings.feature_sets import FEATURE_SETS
from sersnake.settings.networks import FUSED
from sersnake.settings.streams import INDEPENDENT, STREAMS
from sersnake.settings.systems import SELECTED, loss_of, read_system

LOSSES = {name: loss.label for name, loss in loss_registry.LOSSES.items()}
LOSS_SENTENCES = {name: loss.sentence for name, loss in loss_registry.LOSSES.items()}
SELECTED_SENTENCE = (
    "Selected variant: selected per fold by validation within its training set; it differs more "
    "from the paper than the other rows."
)
EPOCH_SENTENCE = "The last epoch counts; the test set is never used for selection."


@dataclass(frozen=True)
class Labels:
    """Labels of a run's streams and feature sets in tables and figures.

    Attributes:
        streams: Label of each stream by its name.
        feature_sets: Label of each feature set by its name.
    """

    streams: Mapping[str, str]
    feature_sets: Mapping[str, str]

    def network(self, name: str) -> str:
        """A network: that of a stream, or the fused one."""
        return "Fused" if name == FUSED else self.streams.get(name, name)

    def system(self, name: str) -> str:
        """A system, such as "Independent training (HE), ELM"; unknown ones keep their names."""
        if name == SELECTED:
            return "Selected variant"
        try:
            system = read_system(name)
        except SersnakeError:
            return name
        classifier = CLASSIFIERS[system.classifier].label
        if not system.loss:
            sets = (self.feature_sets.get(name, name) for name in system.feature_sets)
            features = " + ".join(sets)
            return f"{features} + {classifier} (baseline)"
        other = "" if system.classifier == DEFAULT_CLASSIFIER else f", {classifier}"
        return f"{self._training(system.of)} ({LOSSES[system.loss]}){other}"

    def short(self, name: str) -> str:
        """A system in few words."""
        return self.system(name).removesuffix(" (baseline)")

    def _training(self, training: str) -> str:
        if training in (FUSED, INDEPENDENT):
            return f"{training.capitalize()} training"
        names = " + ".join(map(self.network, training.split("+")))
        return names if "+" in training else f"{names} alone"


PAPER = Labels(
    {name: str(stream["label"]) for name, stream in STREAMS.items()},
    {name: str(features["label"]) for name, features in FEATURE_SETS.items()},
)


def explain(systems: Iterable[str]) -> str:
    """The meaning of the short names of these systems, and which epoch counts."""
    named = list(systems)
    losses = set(map(loss_of, named))
    sentences = [text for loss, text in LOSS_SENTENCES.items() if loss in losses]
    sentences += [SELECTED_SENTENCE] * (SELECTED in named)
    return " ".join([*sentences, EPOCH_SENTENCE])


def explain_classifiers(systems: Iterable[str]) -> str:
    """The classifier of these systems, and the meaning of other classifiers' short names."""
    used = {read_system(system).classifier for system in systems if system != SELECTED}
    meanings = [
        f"{entry.label}: {entry.phrase}"
        for name, entry in CLASSIFIERS.items()
        if name in used - {DEFAULT_CLASSIFIER}
    ]
    named = f" ({'; '.join(meanings)})" if meanings else ""
    default = CLASSIFIERS[DEFAULT_CLASSIFIER].phrase
    return f"The classifier is {default} unless another{named} is named."
