"""Options of the networks on a pretrained encoder's layers."""

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
        description="Number of encoder layers joined in the features, whose weighted mean the "
        "network learns; 1 takes the features as they are.",
    ),
]


class FcnOptions(Settings, frozen=True):
    """What precedes the three layers of Table 2."""

    layers: Layers = 1


class AlnOptions(Settings, frozen=True):
    """How the frames of an utterance become one vector."""

    layers: Layers = 1
    lstm: Annotated[
        bool,
        Meta(description="Layer that computes the states: an LSTM or a fully connected layer."),
    ] = True
    attention: Annotated[
        Literal["additive", "dot"], Meta(description="Energy of a state, as in ACLN.")
    ] = "additive"
    heads: Annotated[
        int, Meta(ge=1, description="Number of attention heads, a divisor of 128, as in ACLN.")
    ] = 1

    def check(self) -> None:
        """Checks that the number of heads divides the state's values."""
        if DIMENSION % self.heads:
            raise SersnakeError(
                f"heads: {self.heads} does not divide {DIMENSION}; take a power of 2 up to it"
            )
