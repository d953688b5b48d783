"""What may be chosen about the networks."""

from __future__ import annotations

from dataclasses import dataclass

from sersnake.errors import SersnakeError
from sersnake.networks.packing import BLOCKS

ATTENTIONS = ("additive", "dot")
COEFFICIENT_POOLINGS = ("ceil", "floor")
ALF_DIMENSION = 128
LEAST_FOR_FLOOR = 2**BLOCKS


@dataclass(frozen=True)
class NetworkOptions:
    """Choices that Tables 1 and 2 leave open; the defaults are the preset ``paper``'s reading.

    Attributes:
        attention: What makes a state's energy. ``additive``: the dot product of a learned context
            vector with the tanh of the projected state (Bahdanau et al. 2015). ``dot``: that with
            the state itself, divided by the root of 128 (Vaswani et al. 2017).
        heads: Of the attention, a divisor of 128. Each has a context vector of its own, which
            looks at the whole state, and weighs its own slice of the state's 128 values.
        leaky_slope: Slope below zero of the leaky ReLU in the convolution blocks, at least 0 and
            less than 1; 0 is ReLU.
        coefficient_pooling: Whether the poolings round an odd number of coefficients up (``ceil``)
            or leave out the last one (``floor``). An odd number of frames is always rounded up.
        fusion_width: Values of the fused baseline's fusion layer, at least 1.
    """

    attention: str = "additive"
    heads: int = 1
    leaky_slope: float = 0.0
    coefficient_pooling: str = "ceil"
    fusion_width: int = 256

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
            SersnakeError: An option is out of its range.
        """
        if self.attention not in ATTENTIONS:
            raise SersnakeError(f"attention: {self.attention} is none of {', '.join(ATTENTIONS)}")
        if self.heads < 1 or ALF_DIMENSION % self.heads:
            raise SersnakeError(
                f"heads: {self.heads} does not divide the {ALF_DIMENSION} values that the heads "
                "of the attention share; take a power of 2 up to 128"
            )
        if not 0 <= self.leaky_slope < 1:
            raise SersnakeError(
                f"leaky_slope: {self.leaky_slope} is not at least 0 (which is ReLU) and less than 1"
            )
        if self.coefficient_pooling not in COEFFICIENT_POOLINGS:
            raise SersnakeError(
                f"coefficient_pooling: {self.coefficient_pooling} is none of "
                f"{', '.join(COEFFICIENT_POOLINGS)}"
            )
        if self.fusion_width < 1:
            raise SersnakeError(f"fusion_width: {self.fusion_width} is less than 1")

    def check_coefficients(self, coefficients: int) -> None:
        """Checks that the poolings leave something of so many coefficients a frame.

        Raises:
            SersnakeError: They leave nothing.
        """
        if self.coefficient_pooling == "floor" and coefficients < LEAST_FOR_FLOOR:
            raise SersnakeError(
                f"coefficient_pooling: floor leaves nothing of {coefficients} coefficients; set "
                f"mfcc: n_mfcc to {LEAST_FOR_FLOOR} or more, or coefficient_pooling to ceil"
            )


DEFAULT_OPTIONS = NetworkOptions()
