"""What the paper leaves open of ACLN."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sersnake.errors import SersnakeError
from sersnake.settings.base import Settings

ALF_DIMENSION = 128
BLOCKS = 4  # of convolution, each of which halves frames and coefficients
LEAST_FOR_FLOOR = 2**BLOCKS


class AclnOptions(Settings, frozen=True):
    """Choices that Table 1 leaves open; the defaults are the preset ``paper``'s reading."""

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
            description="Heads of the attention, a divisor of 128. Each has a context vector that "
            "looks at the whole state, and weighs its own slice of the state's 128 values.",
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
            description="How the poolings round an odd number of coefficients; floor drops the "
            "last one and needs 16 or more. An odd number of frames is always rounded up."
        ),
    ] = "ceil"

    def check(self) -> None:
        """Checks that the heads share the state's values."""
        if ALF_DIMENSION % self.heads:
            raise SersnakeError(
                f"heads: {self.heads} does not divide the {ALF_DIMENSION} values that the heads "
                "of the attention share; take a power of 2 up to 128"
            )

    def check_coefficients(self, coefficients: int) -> None:
        """Checks that the poolings leave something of so many coefficients per frame.

        Raises:
            SersnakeError: They leave nothing.
        """
        if self.coefficient_pooling == "floor" and coefficients < LEAST_FOR_FLOOR:
            raise SersnakeError(
                f"coefficient_pooling: floor leaves nothing of {coefficients} coefficients; set "
                f"n_mfcc to {LEAST_FOR_FLOOR} or more, or coefficient_pooling to ceil"
            )


DEFAULT_OPTIONS = AclnOptions()
