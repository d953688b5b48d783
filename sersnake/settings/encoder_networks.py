"""Options of the networks that read a pretrained encoder's layers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings

DIMENSION = 128
Layers = Annotated[
    int,
    Meta(
        ge=1,
        description="Layers of an encoder that its features join, of which the network learns a "
        "weighted mean; 1 takes the features as they are.",
    ),
]


class FcnOptions(Settings, frozen=True):
    """What goes before the three layers of Table 2."""

    layers: Layers = 1


class AlnOptions(Settings, frozen=True):
    """How the frames of an utterance become one vector."""

    layers: Layers = 1
    lstm: Annotated[
        bool, Meta(description="Whether an LSTM, or a fully connected layer, makes the states.")
    ] = True
    attention: Annotated[
        Literal["additive", "dot"], Meta(description="Energy of a state, as of ACLN.")
    ] = "additive"
    heads: Annotated[
        int, Meta(ge=1, description="Heads of the attention, a divisor of 128, as of ACLN.")
    ] = 1

    def check(self) -> None:
        """Checks that the heads share the state's values."""
        if DIMENSION % self.heads:
            raise SersnakeError(
                f"heads: {self.heads} does not divide {DIMENSION}; take a power of 2 up to it"
            )
