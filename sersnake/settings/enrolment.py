"""Unlabelled recordings of speakers who are not in the training set."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from msgspec import Meta

from sersnake.settings.base import Settings, SettingsError

NEUTRAL = "neutral"
By = Literal["speaker", "corpus"]


class Enrolment(Settings, frozen=True):
    """Enrolment: unlabelled recordings of each test speaker."""

    utterances: Annotated[
        Annotated[int, Meta(ge=0)] | Literal["all"],
        Meta(
            description="Number of recordings per test speaker that scale this speaker's "
            "features, at most half of them; 0 turns enrolment off. all includes the tested ones "
            "(speaker normalisation, transductive)."
        ),
    ] = 0
    draw: Annotated[
        Literal["random", "first", "neutral"],
        Meta(
            description="Choice of the enrolled recordings: random, the first in the corpus, or "
            "random among those labelled neutral, which alone reads labels of the test set."
        ),
    ] = "random"
    scored: Annotated[
        Literal["rest", "all"],
        Meta(
            description="Test utterances to score: those that are not enrolled, or all. If all "
            "are enrolled, all are scored."
        ),
    ] = "rest"
    by: Annotated[
        By,
        Meta(
            description="What the enrolled recordings scale: each test speaker, or a whole test "
            "corpus whose speakers may be unknown; `utterances` is then a number per corpus. "
            "corpus requires joined `corpora`."
        ),
    ] = "speaker"

    @property
    def transductive(self) -> bool:
        """Whether enrolled utterances are scored too."""
        return bool(self.utterances) and "all" in (self.utterances, self.scored)


NONE = Enrolment()
MEANING = Meta(description="Enrolment: unlabelled recordings of each test speaker.")
Curve = Annotated[
    tuple[Annotated[int, Meta(ge=0)] | Literal["all"], ...],
    Meta(
        description="Numbers of enrolled recordings at which to measure each system, such as [0, "
        "1, 2, 5, 10, 20, all] (0 is always measured), in one more table and figure; other "
        "results stay the same. If 10 is included, two failures are measured as well: recordings "
        "of one emotion, and of a wrong speaker. Empty turns this off."
    ),
]


class Speakers(Settings, frozen=True):
    """Enrolment settings of a verb."""

    enrolment: Annotated[Enrolment, MEANING] = NONE


class KnownVoices(Speakers, frozen=True):
    """Enrolment settings of a verb that trains networks."""

    draw_seed: Annotated[
        int,
        Meta(
            ge=0,
            description="Seed for drawing enrolled recordings, shared by all ensemble members and "
            "the classifier.",
        ),
    ] = 0


UNKNOWN = KnownVoices()


class EnrolmentCurve(Settings, frozen=True):
    """Settings of the verb that measures the enrolment curve."""

    curve: Curve = (0, 1, 2, 5, 10, 20, "all")


class ConfigEnrolment(Enrolment, frozen=True):
    """Enrolment, and the enrolment curve of a run."""

    curve: Curve = ()

    def check_corpora(self, corpora: Collection[str]) -> None:
        """Checks that several corpora are joined, where enrolment is by corpus.

        Raises:
            SettingsError: There is only one.
        """
        if self.by == "corpus" and not corpora:
            raise SettingsError(
                ("enrolment", "by"),
                "corpus needs several corpora; join them under corpora, or set speaker",
            )
        if self.by == "corpus" and self.curve:
            raise SettingsError(
                ("enrolment", "curve"), "is measured per speaker; leave it out, or set by: speaker"
            )


EnrolmentOfRun = Annotated[ConfigEnrolment, MEANING]
