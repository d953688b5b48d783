"""How a network is regularised in training, and which of its errors are counted."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings
from sersnake.settings.enrolment import Enrolment
from sersnake.settings.schedule import Schedule


class Machine(Settings, frozen=True):
    """What a network is trained on."""

    device: Annotated[
        str,
        Meta(
            pattern="^[a-z0-9:]+$",
            description="auto, cpu, cuda, cuda:1, …; auto is a graphics card where there is one.",
        ),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"],
        Meta(
            description="Of matrices; auto is bfloat16 for networks of frames where the processor "
            "computes in it."
        ),
    ] = "auto"
    autotune: Annotated[
        bool,
        Meta(
            description="Let a graphics card choose convolutions by their speed: results then "
            "differ in the last digits from run to run."
        ),
    ] = False

    checkpoint_seconds: Annotated[
        float,
        Meta(ge=0, description="Time in s between two checkpoints of a training job."),
    ] = 60.0


class Recipe(Machine, frozen=True):
    """What training does beside descending a loss; the defaults are the preset ``paper``'s.

    Whatever is random is drawn for each utterance of each fold anew in every epoch, and only in
    training.
    """

    dropout: Annotated[
        float, Meta(ge=0, lt=1, description="Dropout rate before the output layer.")
    ] = 0.25
    frame_mask: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="SpecAugment in time (Park et al. 2019): share of an utterance's frames "
            "that two random spans together hide from ACLN at most; the hidden frames are 0, the "
            "scaled mean.",
        ),
    ] = 0.0
    norm_statistics: Annotated[
        Literal["running", "training_set"],
        Meta(
            description="Batch norm's means and deviations once a phase is over: running averages "
            "over its last batches, or those of the whole training set, taken with the weights as "
            "they are then."
        ),
    ] = "running"
    counting: Annotated[
        Literal["training", "evaluation"],
        Meta(
            description="Which predictions count as misclassified (m_i of Eq. 2): those made in "
            "training, or those after each epoch, without dropout and augmentation."
        ),
    ] = "training"
    counted_epochs: Annotated[
        int, Meta(ge=0, description="Last epochs that Eq. 2 counts; 0 counts all.")
    ] = 0
    normalisation: Annotated[
        Literal["fold", "speaker", "enrolled"],
        Meta(
            description="z-scores of coefficients and functionals: by the fold's training set; "
            "enrolled, by the recordings that each speaker is known by as well, as `enrolment` "
            "says; or by speaker, by all recordings of each, which reads features of the test set "
            "too (transductive: captions say so, and model selection cannot choose it)."
        ),
    ] = "fold"
    crop: Annotated[
        int,
        Meta(
            ge=0,
            description="Frames of a longer utterance that are trained and evaluated on; 0 uses "
            "all. z-scores are fitted on all.",
        ),
    ] = 0

    def check_for_a_model(self) -> None:
        """Checks that a model can be made of a network that is trained so.

        Raises:
            SersnakeError: It needs to know the speaker, whom a model does not know.
        """
        if self.normalisation == "speaker":
            raise SersnakeError(
                "normalisation: speaker scales by all recordings of a speaker, whom a model does "
                "not know; set normalisation to fold, or to enrolled"
            )

    def check_enrolment(self, enrolment: Enrolment) -> None:
        """Checks that something is known of speakers, where that is to scale what is read.

        Raises:
            SersnakeError: Nothing is.
        """
        if self.normalisation == "enrolled" and not enrolment.utterances:
            raise SersnakeError(
                "normalisation: enrolled scales by the recordings of each speaker that enrolment "
                "names, and it names none; set enrolment: {utterances: 10}, or normalisation to "
                "fold"
            )

    def check_counts(self, schedule: Schedule) -> None:
        """Checks that the last epochs of a phase are known when they are trained.

        Raises:
            SersnakeError: The phase ends by the rule of a steady loss, and more than the epochs of
                its decay are to be counted.
        """
        if schedule.steady_window and self.counted_epochs > schedule.decay_epochs:
            raise SersnakeError(
                f"counted_epochs: {self.counted_epochs} is more than decay_epochs, "
                f"{schedule.decay_epochs}: where steady_window ends a phase, which epochs are "
                "the last is known only then; lower it, raise decay_epochs, or set "
                "steady_window to 0"
            )


DEFAULT_RECIPE = Recipe()
