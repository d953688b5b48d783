"""The networks of Tables 1 and 2, and the fused baseline."""

from __future__ import annotations

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.fused import FusedNetwork

NETWORKS = ("acln", "fcn", "fused")

Network = ACLN | FCN | FusedNetwork


def build_network(
    name: str, coefficients: int, functionals: int, classes: int, dropout: float
) -> Network:
    """Builds ``acln``, ``fcn`` or ``fused`` with freshly drawn weights."""
    if name == "acln":
        return ACLN(coefficients, classes, dropout)
    if name == "fcn":
        return FCN(functionals, classes, dropout)
    acln = ACLN(coefficients, classes, dropout)
    return FusedNetwork(acln, FCN(functionals, classes, dropout), classes, dropout)


__all__ = ["ACLN", "FCN", "NETWORKS", "Batch", "FusedNetwork", "Network", "build_network"]
