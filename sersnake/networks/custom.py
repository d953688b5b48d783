"""A user's network, imported from the module in the config."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from torch import nn

from sersnake.errors import SersnakeError
from sersnake.networks.network import Network


def build_custom(place: str, inputs: int, classes: int, options: Any) -> Network:
    """Builds a network from a user's class.

    Args:
        place: ``module.Class``, called as ``Class(inputs, classes, **options)``.
        inputs: Columns of its features.
        classes: Number of emotions.
        options: Its keywords.

    Raises:
        SersnakeError: There is no such class, it does not take these arguments, or the network
            lacks members of :class:`Network`.
    """
    kind = load_class(place)
    try:
        network = kind(inputs, classes, **cast(Mapping[str, Any], options))
    except TypeError as error:
        raise SersnakeError(
            f"{place}: {error}; it is called as {kind.__name__}(inputs, classes, **options)"
        ) from error
    if not isinstance(network, nn.Module):
        raise SersnakeError(f"{place}: is not a torch.nn.Module; derive its class from it")
    for member in ("embed", "embedding_dimension"):
        if not hasattr(network, member):
            raise SersnakeError(
                f"{place}: has no {member}; add embed(batch), which returns (B, D), and D as "
                "embedding_dimension"
            )
    return cast(Network, network)


def load_class(place: str) -> Any:
    """The class of a user's network, imported now.

    Raises:
        SersnakeError: It cannot be imported.
    """
    module, _, name = place.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SersnakeError(f"{place}: {error}; name an importable module.Class") from error
