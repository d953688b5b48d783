"""The networks of Tables 1 and 2, and the fused baseline, as stacks of M members."""

from __future__ import annotations

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.fused import FusedNetwork
from sersnake.networks.layers import Draw

NETWORKS = ("acln", "fcn", "fused")

Network = ACLN | FCN | FusedNetwork


def build_network(name: str, draw: Draw, functionals: int, classes: int) -> Network:
    """Builds ``acln``, ``fcn`` or ``fused`` with the weights that ``draw`` gives."""
    if name == "acln":
        return ACLN(draw, classes)
    if name == "fcn":
        return FCN(draw, functionals, classes)
    return FusedNetwork(draw, functionals, classes)


__all__ = ["ACLN", "FCN", "NETWORKS", "Batch", "Draw", "FusedNetwork", "Network", "build_network"]
