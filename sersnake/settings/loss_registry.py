"""The losses: each is one entry of :data:`LOSSES`.

Systems, settings, rules, tables and figures ask this list. A new loss is an entry here and the file
with its function. Nothing is imported for the list: a function is loaded when its loss is made.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LossEntry:
    """A loss, used by the systems ``<training>_<loss>``.

    Attributes:
        phases: The phases that train its network: a first phase, and what continues from it.
        label: Its name in tables and figures.
        sentence: What that means.
        color: How matplotlib draws it.
        objective: Its name in the setting ``loss`` of the verb ``train``; empty for HE, which mines
            the first phase of another loss.
        make: Function that makes the loss of a fold, ``module:function``, with the arguments of
            :func:`sersnake.training.losses.make_loss`.
        section: Config section with its parameters, if it has any.
    """

    phases: tuple[str, str]
    label: str
    sentence: str
    color: str
    objective: str = ""
    make: str = ""
    section: str = ""


# Colours are of Okabe and Ito, which the colour-blind tell apart.
LOSSES = {
    "ce": LossEntry(
        ("phase_1", "ce"),
        label="CE",
        sentence="CE: cross entropy.",
        color="#0072B2",
        objective="cross_entropy",
        make="sersnake.training.losses:make_cross_entropy",
    ),
    "focal": LossEntry(
        ("focal_phase_1", "focal"),
        label="focal",
        sentence="Focal: focal loss.",
        color="#009E73",
        objective="focal",
        make="sersnake.training.losses:make_focal",
        section="focal",
    ),
    "he": LossEntry(
        ("phase_1", "he"),
        label="HE",
        sentence="HE: hard-example mining and re-training with the hard-example loss.",
        color="#D55E00",
    ),
}

# The losses of the verb `train`, by what its setting calls them.
OBJECTIVES = {loss.objective: loss for loss in LOSSES.values() if loss.objective}
FIRST_PHASES = tuple(dict.fromkeys(loss.phases[0] for loss in LOSSES.values()))
# What the verb `train` does after a first phase; HE is the verb `retrain`.
TRAINED_ON = tuple(loss.phases[1] for loss in OBJECTIVES.values())
# Every phase of a network: each first one, and what goes on from it.
PHASES = tuple(
    dict.fromkeys(
        phase
        for first in FIRST_PHASES
        for loss in LOSSES.values()
        if loss.phases[0] == first
        for phase in loss.phases
    )
)


def objective_of(phase: str) -> LossEntry | None:
    """What the verb `train` minimises in a phase; None for re-training."""
    return next((loss for loss in OBJECTIVES.values() if phase in loss.phases), None)


def first_phase(phase: str) -> str:
    """The first phase that a phase continues."""
    return next(loss.phases[0] for loss in LOSSES.values() if phase in loss.phases)
