"""A pretrained encoder of speech as a kind of features."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings

Layer = Annotated[int, Meta(ge=0)]
HOP_MS = 20.0  # between two frames of any encoder


class Pretrained(Settings, frozen=True):
    """Hidden states of a pretrained encoder, which is not trained any more."""

    model: Annotated[
        str,
        Meta(
            min_length=1,
            description="Its folder, or its name on the Hugging Face hub: then its folder below "
            "`models_dir`, where `sersnake fetch model` puts it.",
        ),
    ] = "openai/whisper-base"
    revision: Annotated[
        str, Meta(description="Commit of the hub that it has to be of; empty takes any.")
    ] = ""
    sha256: Annotated[
        str, Meta(description="SHA-256 that its weights have to have; empty takes any.")
    ] = ""
    layers: Annotated[
        Literal["all"] | Annotated[tuple[Layer, ...], Meta(min_length=1)],
        Meta(
            description="Hidden states that are joined: 0 is the input of the first layer, 1 its "
            "output; or all."
        ),
    ] = "all"
    pooling: Annotated[
        Literal["mean", "mean_std", "mean_loud", "none"],
        Meta(
            description="Over an utterance: the mean; mean and standard deviation; the mean, and "
            "the mean in which each step weighs as much as it is loud; or none, which leaves a row "
            "per 20 ms."
        ),
    ] = "mean"

    @property
    def shape(self) -> Literal["frames", "vectors"]:
        """What it gives of an utterance."""
        return "frames" if self.pooling == "none" else "vectors"

    @property
    def hop_ms(self) -> float:
        """Distance between two frames in ms; NaN of one vector per utterance."""
        return HOP_MS if self.shape == "frames" else math.nan

    @property
    def extracted(self) -> Pretrained:
        """What recordings are read by: means of any layers are cut out of those of all."""
        return self if self.pooling == "none" else self.replace(layers="all")

    def check(self) -> None:
        """Checks that each layer is named once."""
        if self.layers != "all" and len(set(self.layers)) < len(self.layers):
            raise SersnakeError(f"layers: {', '.join(map(str, self.layers))}: name each once")
