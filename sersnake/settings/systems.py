"""The systems: what each trains, what its final classifier is, and what that stands on."""

from __future__ import annotations

from dataclasses import dataclass

from sersnake.settings.classifiers import DEFAULT_CLASSIFIER, SUFFIXES
from sersnake.settings.loss_registry import LOSSES, LossEntry
from sersnake.settings.networks import NETWORKS

# The networks of each training: the paper's two of both streams first, then each network alone.
TRAININGS = {
    "fused": ("fused",),
    "independent": ("acln", "fcn"),
    **{network.training: (name,) for name, network in NETWORKS.items() if network.training},
}
BASELINES = {"is09_svm": "functionals", "compare_svm": "compare"}


@dataclass(frozen=True)
class System:
    """One way from recordings to predictions.

    Attributes:
        training: Whose networks: ``<training>_<loss>``, or the baseline's own name.
        networks: Those that are trained; none of a baseline.
        loss: One of :data:`~sersnake.settings.loss_registry.LOSSES`; empty of a baseline.
        features: Kind of packed features that a baseline stands on; empty of networks.
        classifier: One of :data:`~sersnake.settings.classifiers.CLASSIFIERS`.
    """

    training: str
    networks: tuple[str, ...] = ()
    loss: str = ""
    features: str = ""
    classifier: str = DEFAULT_CLASSIFIER

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases of training, ``<network>/<phase>``, network by network in their order."""
        return tuple(f"{name}/{phase}" for name in self.networks for phase in self._loss.phases)

    @property
    def embeddings(self) -> tuple[str, ...]:
        """The phases whose features the classifier stands on."""
        return tuple(f"{name}/{self._loss.phases[-1]}" for name in self.networks)

    @property
    def _loss(self) -> LossEntry:
        return LOSSES[self.loss]


def _trained_systems() -> dict[str, System]:
    return {
        f"{training}_{loss}{suffix}": System(
            f"{training}_{loss}", networks, loss, classifier=classifier
        )
        for classifier, suffix in SUFFIXES.items()
        for training, networks in TRAININGS.items()
        for loss in LOSSES
    }


# Every system by its name: the baselines, <training>_<loss>, and the latter with _<classifier>.
SYSTEMS = {
    name: System(name, features=kind) for name, kind in BASELINES.items()
} | _trained_systems()

SELECTED = "selected"  # the predictions of the variant that inner validation chooses for each fold

# What `systems: paper` stands for, whatever else there is: the baselines, every loss of every
# training of the paper, and the classifiers that its footnote 2 compares.
PAPER_SYSTEMS = (
    *BASELINES,
    *(
        f"{training}_{loss}"
        for training in ("fused", "independent", "alf", "elf")
        for loss in ("ce", "focal", "he")
    ),
    "independent_he_elm",
    "independent_he_mlp",
)


def trainings_of(phase: str) -> list[str]:
    """The trainings that a phase (``acln/phase_1``) belongs to, whichever systems are asked for."""
    return list(
        dict.fromkeys(system.training for system in SYSTEMS.values() if phase in system.phases)
    )
