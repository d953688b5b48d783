"""Recordings of a speaker who is not in the training set, of which nobody says the emotion."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings, SettingsError

NEUTRAL = "neutral"
By = Literal["speaker", "corpus"]


class Enrolment(Settings, frozen=True):
    """What is known of each test speaker before they are heard."""

    utterances: Annotated[
        Annotated[int, Meta(ge=0)] | Literal["all"],
        Meta(
            description="Recordings of each test speaker that scale the features of that speaker, "
            "at most half of them; 0 is none. all takes those that are tested as well (speaker "
            "normalisation, transductive)."
        ),
    ] = 0
    draw: Annotated[
        Literal["random", "first", "neutral"],
        Meta(
            description="Which ones: drawn at random, the first of the corpus, or drawn from those "
            "labelled neutral, the only draw that reads labels of the test set."
        ),
    ] = "random"
    scored: Annotated[
        Literal["rest", "all"],
        Meta(
            description="Which test utterances are scored: those that are not enrolled, or all. "
            "Where all are enrolled all are scored."
        ),
    ] = "rest"
    by: Annotated[
        By,
        Meta(
            description="Whose scale they set: each test speaker's, or a test corpus', whose "
            "speakers nobody has to know; then `utterances` are counted of that corpus. corpus "
            "needs joined `corpora`."
        ),
    ] = "speaker"

    @property
    def transductive(self) -> bool:
        """Whether utterances are scored whose features have scaled them."""
        return bool(self.utterances) and "all" in (self.utterances, self.scored)


NONE = Enrolment()
MEANING = Meta(description="What is known of each test speaker before they are heard.")
Curve = Annotated[
    tuple[Annotated[int, Meta(ge=0)] | Literal["all"], ...],
    Meta(
        description="Numbers of enrolled recordings to measure the accuracy of each system at, "
        "such as [0, 1, 2, 5, 10, 20, all], 0 always among them: a table and a figure more, which "
        "change no other. With 10 among them two failures are measured as well: recordings of one "
        "emotion, and of a wrong speaker. Empty measures nothing."
    ),
]


class Speakers(Settings, frozen=True):
    """What a verb is told of those who speak."""

    enrolment: Annotated[Enrolment, MEANING] = NONE


class KnownVoices(Speakers, frozen=True):
    """What a verb that trains networks is told of those who speak."""

    draw_seed: Annotated[
        int,
        Meta(
            ge=0,
            description="Seed of the draw of enrolled recordings, which all members share with the "
            "classifier.",
        ),
    ] = 0


UNKNOWN = KnownVoices()


class EnrolmentCurve(Settings, frozen=True):
    """What the verb that measures it is told."""

    curve: Curve = (0, 1, 2, 5, 10, 20, "all")


class ConfigEnrolment(Enrolment, frozen=True):
    """Enrolment, and whether a run measures what it gains."""

    curve: Curve = ()

    def check_corpora(self, corpora: Collection[str]) -> None:
        """Checks that there are corpora to be enrolled, where they are to be.

        Raises:
            SettingsError: There are not.
        """
        if self.by == "corpus" and not corpora:
            raise SettingsError(
                ("enrolment", "by"), "corpus needs several; join them under corpora, or say speaker"
            )
        if self.by == "corpus" and self.curve:
            raise SettingsError(
                ("enrolment", "curve"), "is measured by speaker; leave it out, or set by: speaker"
            )


EnrolmentOfRun = Annotated[ConfigEnrolment, MEANING]
