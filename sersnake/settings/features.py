"""What is computed from a recording."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings
from sersnake.settings.mfcc import MfccOptions

FEATURE_SETS = ("IS09", "ComParE_2016", "eGeMAPSv02", "GeMAPSv01b")


class Mfcc(MfccOptions, frozen=True):
    """Frames of 16 kHz speech, the input of ACLN (Section III-A)."""

    kind: Annotated[
        Literal["mfcc", "log_mel"],
        Meta(
            description="Cepstral coefficients, or the `n_mels` log-mel energies that they are "
            "computed from."
        ),
    ] = "mfcc"

    def check(self) -> None:
        """Checks the options that follow from it."""
        self.options()

    def options(self) -> MfccOptions:
        """Those of the extraction, to which each log-mel energy is a coefficient."""
        values = self.as_dict()
        bands = {"n_mfcc": self.n_mels} if values.pop("kind") == "log_mel" else {}
        return MfccOptions(**{**values, **bands})


class Functionals(Settings, frozen=True):
    """openSMILE functionals, the input of FCN (Section III-A)."""

    feature_set: Annotated[
        str,
        Meta(
            description=f"{', '.join(FEATURE_SETS)}, or several joined by +; IS09 has the paper's "
            "384 values."
        ),
    ] = "IS09"

    @property
    def names(self) -> list[str]:
        """The sets, in order."""
        return self.feature_set.split("+")

    def check(self) -> None:
        """Checks that each set is known and named once."""
        for number, name in enumerate(self.names):
            if name not in FEATURE_SETS:
                known = ", ".join(FEATURE_SETS)
                raise SersnakeError(f"feature_set: {name!r} is not one of {known}")
            if name in self.names[:number]:
                raise SersnakeError(f"feature_set: {name} is named twice; name it once")


class Shards(Settings, frozen=True):
    """How extraction is cut into jobs; the features are the same bytes either way."""

    granularity: Annotated[
        Literal["shard", "utterance"],
        Meta(description="A job per shard of many utterances, or a job per utterance."),
    ] = "shard"
    shard_size: Annotated[
        int,
        Meta(
            ge=1,
            description="Utterances per shard, or more where that made more than 256 shards.",
        ),
    ] = 64
