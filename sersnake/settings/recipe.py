"""How a network is regularised in training, and which of its errors count."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings
from sersnake.settings.enrolment import Enrolment
from sersnake.settings.schedule import Schedule


class Machine(Settings, frozen=True):
    """The device that networks are trained on."""

    device: Annotated[
        str,
        Meta(
            pattern="^[a-z0-9:]+$",
            description="auto, cpu, cuda, cuda:1, …; auto takes a GPU if there is one.",
        ),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"],
        Meta(
            description="Precision of matrix products; auto is bfloat16 for networks on frames if "
            "the processor supports it."
        ),
    ] = "auto"
    autotune: Annotated[
        bool,
        Meta(
            description="Let a GPU choose the fastest convolutions: results then differ in the "
            "last digits from run to run."
        ),
    ] = False

    checkpoint_seconds: Annotated[
        float,
        Meta(ge=0, description="Time in s between two checkpoints of a training job."),
    ] = 60.0


class Recipe(Machine, frozen=True):
    """Regularisation and error counts of training; the defaults are those of the preset ``paper``.

    Random values are drawn anew for each utterance of each fold in every epoch, and only in
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
            description="SpecAugment in time (Park et al. 2019): maximum share of an utterance's "
            "frames masked by two random spans, for networks on frames such as ACLN; masked "
            "frames are 0, the scaled mean.",
        ),
    ] = 0.0
    norm_statistics: Annotated[
        Literal["running", "training_set"],
        Meta(
            description="Batch norm statistics after a phase: running averages over its last "
            "batches, or recomputed on the whole training set with the final weights."
        ),
    ] = "running"
    counting: Annotated[
        Literal["training", "evaluation"],
        Meta(
            description="Predictions that m_i in Eq. 2 counts: those made in training, or those "
            "after each epoch, without dropout and augmentation."
        ),
    ] = "training"
    counted_epochs: Annotated[
        int, Meta(ge=0, description="Number of last epochs that Eq. 2 counts; 0 counts all.")
    ] = 0
    normalisation: Annotated[
        Literal["fold", "speaker", "enrolled"],
        Meta(
            description="Statistics for the z-scores of features: fold uses the fold's training "
            "set; enrolled also uses each speaker's enrolled recordings (see `enrolment`); "
            "speaker uses all recordings of each speaker, test set included (transductive: "
            "captions say so, and model selection refuses it)."
        ),
    ] = "fold"
    crop: Annotated[
        int,
        Meta(
            ge=0,
            description="Maximum number of frames per utterance in training and evaluation; 0 "
            "uses all. z-scores are fitted on all.",
        ),
    ] = 0

    def check_for_a_model(self) -> None:
        """Checks that a model can be made from a network trained with these settings.

        Raises:
            SersnakeError: It needs the speaker, which a model does not know.
        """
        if self.normalisation == "speaker":
            raise SersnakeError(
                "normalisation: speaker needs all recordings of a speaker, which a model does not "
                "have; set normalisation to fold or enrolled"
            )

    def check_enrolment(self, enrolment: Enrolment) -> None:
        """Checks that speakers are enrolled where enrolment scales the features.

        Raises:
            SersnakeError: None are.
        """
        if self.normalisation == "enrolled" and not enrolment.utterances:
            raise SersnakeError(
                "normalisation: enrolled needs enrolled recordings, and enrolment has none; set "
                "enrolment: {utterances: 10}, or normalisation to fold"
            )

    def check_counts(self, schedule: Schedule) -> None:
        """Checks that the counted epochs of a phase are known while it trains.

        Raises:
            SersnakeError: The phase ends by the rule of a steady loss, and more than the epochs of
                its decay are to be counted.
        """
        if schedule.steady_window and self.counted_epochs > schedule.decay_epochs:
            raise SersnakeError(
                f"counted_epochs: {self.counted_epochs} is more than decay_epochs, "
                f"{schedule.decay_epochs}, but steady_window decides only at the end which epochs "
                "are the last; lower counted_epochs, raise decay_epochs, or set steady_window to 0"
            )


DEFAULT_RECIPE = Recipe()
