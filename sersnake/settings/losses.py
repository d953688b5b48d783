"""The losses that networks are trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings
from sersnake.settings.loss_registry import OBJECTIVES
from sersnake.settings.schedule import Schedule

if TYPE_CHECKING:
    ObjectiveName = str
else:
    ObjectiveName = Literal[tuple(OBJECTIVES)]


class Focal(Settings, frozen=True):
    """The focal loss (Lin et al., ICCV 2017, Eq. 5)."""

    gamma: Annotated[
        float,
        Meta(ge=0, description="Focusing parameter; 0 weights an utterance by its class alone."),
    ] = 2.0


class Objective(Focal, frozen=True):
    """What a phase on the whole training set minimises."""

    loss: Annotated[ObjectiveName, Meta(description="Loss.")] = "cross_entropy"


DEFAULT_OBJECTIVE = Objective()


class Retraining(Schedule, frozen=True):
    """Re-training on the hard examples alone with the hard-example loss (Eq. 3)."""

    re_initialise: Annotated[
        bool,
        Meta(
            description="Start from the initial weights of phase 1 instead of its trained weights."
        ),
    ] = False
    alpha_shares: Annotated[
        Literal["train", "hard"],
        Meta(
            description="Class shares in Eq. 3 (alpha): in the training set, or among its hard "
            "examples."
        ),
    ] = "train"
