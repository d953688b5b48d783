"""What the paper leaves open about ACLN (attention-based convolution-LSTM network)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings

ALF_DIMENSION = 128
BLOCKS = 4  # of convolution, each of which halves frames and coefficients
LEAST_FOR_FLOOR = 2**BLOCKS


class AclnOptions(Settings, frozen=True):
    """Choices that Table 1 leaves open; the defaults are those of the preset ``paper``."""

    attention: Annotated[
        Literal["additive", "dot"],
        Meta(
            description="Energy of a state: the dot product of a learned context vector with the "
            "tanh of the projected state (Bahdanau et al. 2015), or with the state itself, divided "
            "by the root of 128 (Vaswani et al. 2017)."
        ),
    ] = "additive"
    heads: Annotated[
        int,
        Meta(
            ge=1,
            description="Number of attention heads, a divisor of 128. Each head has a context "
            "vector over the whole state and weights its own slice of the state's 128 values.",
        ),
    ] = 1
    leaky_slope: Annotated[
        float,
        Meta(
            ge=0,
            lt=1,
            description="Slope below zero of the leaky ReLU in the convolution blocks; 0 is ReLU.",
        ),
    ] = 0.0
    coefficient_pooling: Annotated[
        Literal["ceil", "floor"],
        Meta(
            description="Rounding of an odd number of coefficients in each pooling; floor drops "
            "the last one and needs 16 or more. An odd number of frames is always rounded up."
        ),
    ] = "ceil"

    def check(self) -> None:
        """Checks that the number of heads divides the state's values."""
        if ALF_DIMENSION % self.heads:
            raise SersnakeError(
                f"heads: {self.heads} does not divide the {ALF_DIMENSION} values that the heads "
                "of the attention share; take a power of 2 up to 128"
            )

    def check_coefficients(self, coefficients: int) -> None:
        """Checks that at least one coefficient per frame remains after the poolings.

        Raises:
            SersnakeError: None remains.
        """
        if self.coefficient_pooling == "floor" and coefficients < LEAST_FOR_FLOOR:
            raise SersnakeError(
                f"coefficient_pooling: floor reduces {coefficients} coefficients to none; set "
                f"n_mfcc to {LEAST_FOR_FLOOR} or more, or coefficient_pooling to ceil"
            )


DEFAULT_OPTIONS = AclnOptions()
