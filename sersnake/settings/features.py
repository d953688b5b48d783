"""What is computed from recordings: the settings of each kind of features."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings
from sersnake.settings.mfcc import MfccOptions

# The sets of functionals, and the configuration of each among openSMILE's.
OPENSMILE_SETS = {
    "IS09": "is09-13/IS09_emotion",
    "ComParE_2016": "compare/ComParE_2016",
    "eGeMAPSv02": "egemaps/v02/eGeMAPSv02",
    "GeMAPSv01b": "gemaps/v01b/GeMAPSv01b",
}


class LogMel(MfccOptions, frozen=True):
    """The `n_mels` log-mel energies that MFCCs are computed from."""

    def check(self) -> None:
        """Checks the resulting MFCC options."""
        self.options()

    def options(self) -> MfccOptions:
        """The extraction's options, in which each log-mel energy is a coefficient."""
        return MfccOptions(**{**self.as_dict(), "n_mfcc": self.n_mels})


class OpenSmile(Settings, frozen=True):
    """Functionals of openSMILE, a vector per utterance (Section III-A)."""

    feature_set: Annotated[
        str,
        Meta(
            description=f"{', '.join(OPENSMILE_SETS)}, or several joined by +; IS09 is the "
            "paper's set of 384 values."
        ),
    ] = "IS09"

    @property
    def names(self) -> list[str]:
        """The sets, in order."""
        return self.feature_set.split("+")

    def check(self) -> None:
        """Checks that each set is known and named once."""
        for number, name in enumerate(self.names):
            if name not in OPENSMILE_SETS:
                known = ", ".join(OPENSMILE_SETS)
                raise SersnakeError(f"feature_set: {name!r} is not one of {known}")
            if name in self.names[:number]:
                raise SersnakeError(f"feature_set: {name} is named twice; name it once")


class Shards(Settings, frozen=True):
    """How extraction is split into jobs; the features are identical either way."""

    granularity: Annotated[
        Literal["shard", "utterance"],
        Meta(description="One job per shard of many utterances, or one job per utterance."),
    ] = "shard"
    shard_size: Annotated[
        int,
        Meta(
            ge=1,
            description="Utterances per shard; more if there would otherwise be over 256 shards.",
        ),
    ] = 64
