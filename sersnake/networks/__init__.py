"""The networks of Tables 1 and 2, and the fused baseline, as stacks of M members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.fused import FusedNetwork
from sersnake.networks.layers import Draw
from sersnake.networks.network import Network
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE, Architecture
from sersnake.settings.networks import NETWORKS


def build_network(
    name: str,
    draw: Draw,
    widths: Mapping[str, int],
    classes: int,
    options: Architecture = DEFAULT_ARCHITECTURE,
) -> Network:
    """Builds a network with the weights that ``draw`` gives.

    Args:
        name: One of :data:`sersnake.settings.networks.NETWORKS`.
        draw: Draws the members' weights.
        widths: Columns of each kind of packed features: ``mfcc`` per frame, ``functionals`` per
            utterance.
        classes: Number of emotions.
        options: What Tables 1 and 2 leave open.
    """
    return load_builder(name)(draw, widths, classes, options)


def load_builder(name: str) -> Callable[[Draw, Mapping[str, int], int, Architecture], Network]:
    """The function that builds a network, imported now."""
    builder: Callable[[Draw, Mapping[str, int], int, Architecture], Network]
    builder = resolve_name(NETWORKS[name].build)
    return builder


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
