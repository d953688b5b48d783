"""The networks of Tables 1 and 2, and the fused baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.fcn import FCN
from sersnake.networks.fused import FusedNetwork
from sersnake.networks.network import Network
from sersnake.settings.architecture import DEFAULT_ARCHITECTURE, Architecture
from sersnake.settings.networks import NETWORKS


def build_network(
    name: str,
    widths: Mapping[str, int],
    classes: int,
    options: Architecture = DEFAULT_ARCHITECTURE,
    dropout: float = 0.0,
) -> Network:
    """Builds a network with weights that PyTorch draws now.

    Args:
        name: One of :data:`sersnake.settings.networks.NETWORKS`.
        widths: Columns of each kind of packed features: ``mfcc`` per frame, ``functionals`` per
            utterance.
        classes: Number of emotions.
        options: What Tables 1 and 2 leave open.
        dropout: Rate before the output layer.

    Raises:
        SersnakeError: The network cannot read features of these widths.
    """
    return load_builder(name)(widths, classes, options, dropout)


def load_builder(name: str) -> Callable[[Mapping[str, int], int, Architecture, float], Network]:
    """The function that builds a network, imported now."""
    builder: Callable[[Mapping[str, int], int, Architecture, float], Network]
    builder = resolve_name(NETWORKS[name].build)
    return builder


def feature_sets_of(name: str) -> tuple[str, ...]:
    """The feature sets that a network reads."""
    return NETWORKS[name].reads


__all__ = [
    "ACLN",
    "FCN",
    "NETWORKS",
    "Architecture",
    "Batch",
    "FusedNetwork",
    "Network",
    "build_network",
    "feature_sets_of",
]
