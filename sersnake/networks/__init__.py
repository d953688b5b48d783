"""The networks of Tables 1 and 2, and the fused baseline, as stacks of M members."""

from __future__ import annotations

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.fused import FusedNetwork
from sersnake.networks.layers import Draw
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE, Architecture

NETWORKS = ("acln", "fcn", "fused")

Network = ACLN | FCN | FusedNetwork


def build_network(
    name: str,
    draw: Draw,
    functionals: int,
    classes: int,
    options: Architecture = DEFAULT_ARCHITECTURE,
) -> Network:
    """Builds ``acln``, ``fcn`` or ``fused`` with the weights that ``draw`` gives.

    Args:
        name: One of :data:`NETWORKS`.
        draw: Draws the members' weights.
        functionals: Functionals an utterance.
        classes: Number of emotions.
        options: Choices about ACLN and the fused network; FCN has none.
    """
    if name == "acln":
        return ACLN(draw, classes, options)
    if name == "fcn":
        return FCN(draw, functionals, classes)
    return FusedNetwork(draw, functionals, classes, options)


__all__ = [
    "ACLN",
    "FCN",
    "NETWORKS",
    "Architecture",
    "Batch",
    "Draw",
    "FusedNetwork",
    "Network",
    "build_network",
]
