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
    """Hidden states of a frozen pretrained encoder."""

    model: Annotated[
        str,
        Meta(
            min_length=1,
            description="Folder of the encoder, or its name on the Hugging Face hub, which is "
            "looked up in `models_dir`, where `sersnake fetch model` puts it.",
        ),
    ] = "openai/whisper-base"
    revision: Annotated[str, Meta(description="Required commit on the hub; empty takes any.")] = ""
    sha256: Annotated[
        str, Meta(description="Required SHA-256 of the weights; empty takes any.")
    ] = ""
    layers: Annotated[
        Literal["all"] | Annotated[tuple[Layer, ...], Meta(min_length=1)],
        Meta(
            description="Hidden states to join: 0 is the input of the first layer, 1 its output; "
            "or all."
        ),
    ] = "all"
    pooling: Annotated[
        Literal["mean", "mean_std", "mean_loud", "none"],
        Meta(
            description="Pooling over an utterance: mean; mean and standard deviation; mean and "
            "loudness-weighted mean; or none, which keeps a row per 20 ms."
        ),
    ] = "mean"

    @property
    def shape(self) -> Literal["frames", "vectors"]:
        """Shape of the features of an utterance."""
        return "frames" if self.pooling == "none" else "vectors"

    @property
    def hop_ms(self) -> float:
        """Distance between two frames in ms; NaN for one vector per utterance."""
        return HOP_MS if self.shape == "frames" else math.nan

    @property
    def extracted(self) -> Pretrained:
        """The settings of extraction: means of some layers are columns of those of all."""
        return self if self.pooling == "none" else self.replace(layers="all")

    def check(self) -> None:
        """Checks that no layer is named twice."""
        if self.layers != "all" and len(set(self.layers)) < len(self.layers):
            raise SersnakeError(f"layers: {', '.join(map(str, self.layers))}: name each once")
