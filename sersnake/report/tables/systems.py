"""Names of systems, networks and losses in tables and figures."""

from __future__ import annotations

from collections.abc import Iterable

from sersnake.settings import loss_registry
from sersnake.settings.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER, SUFFIXES
from sersnake.settings.networks import NETWORKS
from sersnake.settings.systems import SELECTED, SYSTEMS

TRAININGS = {
    **{entry.training: entry.training_label for entry in NETWORKS.values() if entry.training},
    "independent": "Independent training",
}
LOSSES = {name: loss.label for name, loss in loss_registry.LOSSES.items()}
# Nothing for the classifier that a system has unless its name says another.
CLASSIFIER_LABELS = {
    suffix: f", {CLASSIFIERS[name].label}" if suffix else "" for name, suffix in SUFFIXES.items()
}

NETWORK_NAMES = {name: entry.label for name, entry in NETWORKS.items()}

# In the order of every table: the baselines that the paper lacks first.
SYSTEM_NAMES = {
    "is09_svm": "IS09 + linear SVM (baseline)",
    "compare_svm": "ComParE + linear SVM (baseline)",
    **{
        f"{training}_{loss}{suffix}": f"{name} ({short}){classifier}"
        for training, name in TRAININGS.items()
        for loss, short in LOSSES.items()
        for suffix, classifier in CLASSIFIER_LABELS.items()
    },
    SELECTED: "Selected variant",
}

LOSS_SENTENCES = {name: loss.sentence for name, loss in loss_registry.LOSSES.items()}
SELECTED_SENTENCE = (
    "Selected variant: selected for each fold by validation within its training set; it departs "
    "further from the paper than the other rows."
)
EPOCH_SENTENCE = "The last epoch counts, and the test set selects nothing."


def loss_of(system: str) -> str:
    """The loss in a system's name ("he" of independent_he_elm); nothing for any other system."""
    return SYSTEMS[system].loss if system in SYSTEMS else ""


def explain(systems: Iterable[str]) -> str:
    """What the short names of these systems mean, and which epoch counts."""
    named = list(systems)
    losses = {loss_of(system) for system in named}
    sentences = [text for loss, text in LOSS_SENTENCES.items() if loss in losses]
    sentences += [SELECTED_SENTENCE] * (SELECTED in named)
    return " ".join([*sentences, EPOCH_SENTENCE])


def explain_classifiers(systems: Iterable[str]) -> str:
    """Which classifier these systems have, and what the short names of further ones mean."""
    used = {SYSTEMS[system].classifier for system in systems if system in SYSTEMS}
    meanings = [
        f"{entry.label}: {entry.phrase}"
        for name, entry in CLASSIFIERS.items()
        if name in used - {DEFAULT_CLASSIFIER}
    ]
    named = f" ({'; '.join(meanings)})" if meanings else ""
    default = CLASSIFIERS[DEFAULT_CLASSIFIER].phrase
    return f"The classifier is {default} where no other{named} is named."
