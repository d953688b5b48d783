"""The networks of Tables 1 and 2, the fused network, and users' networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

from sersnake.networks.acln import ACLN
from sersnake.networks.batch import Batch
from sersnake.networks.custom import build_custom
from sersnake.networks.fcn import FCN
from sersnake.networks.fused import FusedNetwork
from sersnake.networks.network import Network
from sersnake.settings.networks import NETWORKS, NetworkChoice


def build_network(
    choice: NetworkChoice, inputs: int, classes: int, dropout: float = 0.0
) -> Network:
    """Builds the network of a stream with weights that PyTorch draws now.

    Args:
        choice: The network and its options.
        inputs: Columns of its features.
        classes: Number of emotions.
        dropout: Rate before the output layer of one of :data:`NETWORKS`.

    Raises:
        SersnakeError: The network cannot read features of this width, or is not a network.
    """
    if choice.module:
        return build_custom(choice.module, inputs, classes, choice.options)
    return load_builder(choice.name)(inputs, classes, choice.options, dropout)


def build_fused(
    choices: Mapping[str, NetworkChoice],
    inputs: Mapping[str, int],
    classes: int,
    width: int,
    dropout: float = 0.0,
) -> FusedNetwork:
    """Builds the network of all streams under one loss.

    Args:
        choices: The network of each stream by its name.
        inputs: Columns of each stream's features.
        classes: Number of emotions.
        width: Width of the layer that joins the streams.
        dropout: Rate before the output layer.

    Raises:
        SersnakeError: As :func:`build_network`.
    """
    networks = {
        name: build_network(choice, inputs[name], classes) for name, choice in choices.items()
    }
    return FusedNetwork(networks, classes, width=width, dropout=dropout)


def load_builder(name: str) -> Callable[[int, int, Any, float], Network]:
    """The function that builds a network, imported now."""
    builder: Callable[[int, int, Any, float], Network] = resolve_name(NETWORKS[name].build)
    return builder


__all__ = [
    "ACLN",
    "FCN",
    "Batch",
    "Network",
    "build_fused",
    "build_network",
]
