"""How a network is regularised in training, and which of its errors are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.training.schedule import Schedule

COUNTINGS = ("training", "evaluation")
NORMALISATIONS = ("fold", "speaker")


@dataclass(frozen=True)
class Recipe:
    """What training does beside descending a loss; the defaults are the preset ``paper``'s.

    Whatever is random is drawn for each utterance of each fold anew in every epoch, and only in
    training.

    Attributes:
        dropout: Rate of dropout before the output layer, at least 0 and below 1.
        frame_mask: SpecAugment (Park et al. 2019) in time: share of an utterance's frames, 0 to 1,
            that two spans set to 0, the scaled mean, may cover together. The length of each is
            uniform from 0 to half of that share of its T frames, rounded down; its place is uniform
            among all within the utterance. The two may overlap.
        counting: Which predictions are the m_i of Eq. 2: those made in training (``training``), or
            those of the weights that each epoch leaves (``evaluation``: no dropout, no
            augmentation, running statistics).
        counted_epochs: Last epochs of a phase that m_i and c_i count; 0 counts all.
        normalisation: z-scores of coefficients and functionals, fitted on the fold's training part
            (``fold``), or for each speaker on all of the speaker's recordings (``speaker``). The
            latter is transductive: it reads features, never labels, of the test part too.
        crop: Frames: of a longer utterance the first so many are trained and evaluated on, while
            z-scores are fitted on all; 0 keeps all.
    """

    dropout: float = 0.25
    frame_mask: float = 0.0
    counting: str = "training"
    counted_epochs: int = 0
    normalisation: str = "fold"
    crop: int = 0

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            SersnakeError: An option is out of its range.
        """
        if not 0 <= self.dropout < 1:
            raise SersnakeError(f"dropout: {self.dropout} is not from 0 to below 1")
        if not 0 <= self.frame_mask <= 1:
            raise SersnakeError(f"frame_mask: {self.frame_mask} is not from 0 to 1")
        for name in ("counted_epochs", "crop"):
            if getattr(self, name) < 0:
                raise SersnakeError(f"{name}: {getattr(self, name)} is below 0")
        for name, known in (("counting", COUNTINGS), ("normalisation", NORMALISATIONS)):
            if getattr(self, name) not in known:
                raise SersnakeError(f"{name}: {getattr(self, name)} is none of {', '.join(known)}")

    def check(self, schedule: Schedule) -> None:
        """Checks that the last epochs of a phase are known when they are trained.

        Raises:
            SersnakeError: The phase ends by the rule of a steady loss, and more than the epochs of
                its decay are to be counted.
        """
        if schedule.steady_window and self.counted_epochs > schedule.decay_epochs:
            raise SersnakeError(
                f"counted_epochs: {self.counted_epochs} is more than decay_epochs, "
                f"{schedule.decay_epochs}: where steady_window ends a phase, which epochs are the "
                "last is known only then; lower it, raise decay_epochs, or set steady_window to 0"
            )


DEFAULT_RECIPE = Recipe()
