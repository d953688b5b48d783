"""The systems: what each trains, what its final classifier is, and what that stands on."""

from __future__ import annotations

from dataclasses import dataclass

CLASSIFIERS = ("svm", "elm", "mlp")
# The phases of training that lead to each loss's network; `he` mines its first.
LOSSES = {
    "ce": ("phase_1", "ce"),
    "focal": ("focal_phase_1", "focal"),
    "he": ("phase_1", "he"),
}
TRAININGS = {
    "fused": ("fused",),
    "independent": ("acln", "fcn"),
    "alf": ("acln",),
    "elf": ("fcn",),
}
# The packed features that each network reads.
READS = {"acln": ("mfcc",), "fcn": ("functionals",), "fused": ("mfcc", "functionals")}
BASELINES = {"is09_svm": "functionals", "compare_svm": "compare"}


@dataclass(frozen=True)
class System:
    """One way from recordings to predictions.

    Attributes:
        training: Whose networks: ``<training>_<loss>``, or the baseline's own name.
        networks: Those that are trained; none of a baseline.
        loss: ``ce``, ``focal`` or ``he``; empty of a baseline.
        features: Kind of packed features that a baseline stands on; empty of networks.
        classifier: ``svm``, ``elm`` or ``mlp``.
    """

    training: str
    networks: tuple[str, ...] = ()
    loss: str = ""
    features: str = ""
    classifier: str = "svm"

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases of training, ``<network>/<phase>``, network by network in their order."""
        return tuple(f"{name}/{phase}" for name in self.networks for phase in LOSSES[self.loss])

    @property
    def embeddings(self) -> tuple[str, ...]:
        """The phases whose features the classifier stands on."""
        return tuple(f"{name}/{LOSSES[self.loss][-1]}" for name in self.networks)


def _trained_systems() -> dict[str, System]:
    return {
        f"{training}_{loss}{'' if classifier == 'svm' else f'_{classifier}'}": System(
            f"{training}_{loss}", networks, loss, classifier=classifier
        )
        for classifier in CLASSIFIERS
        for training, networks in TRAININGS.items()
        for loss in LOSSES
    }


# Every system by its name: the baselines, <training>_<loss>, and the latter with _elm or _mlp.
SYSTEMS = {
    name: System(name, features=kind) for name, kind in BASELINES.items()
} | _trained_systems()

SELECTED = "selected"  # the predictions of the variant that inner validation chooses for each fold

# What `systems: paper` stands for: every loss of every training, and the classifiers that the
# paper's footnote 2 compares.
PAPER_SYSTEMS = (
    *(name for name, system in SYSTEMS.items() if system.classifier == "svm"),
    "independent_he_elm",
    "independent_he_mlp",
)


def trainings_of(phase: str) -> list[str]:
    """The trainings that a phase (``acln/phase_1``) belongs to, whichever systems are asked for."""
    return list(
        dict.fromkeys(system.training for system in SYSTEMS.values() if phase in system.phases)
    )
