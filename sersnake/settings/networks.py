"""The networks: each is one entry of :data:`NETWORKS`, unless it is a user's own.

Settings and verbs ask this list. A new network is an entry here and the file with its class.
Nothing is imported for the list: a class is loaded when it is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sersnake.settings.acln import AclnOptions
from sersnake.settings.base import Settings, SettingsError, changed, read_settings
from sersnake.settings.encoder_networks import AlnOptions, FcnOptions
from sersnake.settings.feature_kinds import Shape

FUSED = "fused"  # the network of all streams under one loss
OF_FRAMES = ("frame_mask", "crop")  # settings of training that reach networks of frames alone


class NoOptions(Settings, frozen=True):
    """Options of a network without options."""


@dataclass(frozen=True)
class NetworkEntry:
    """A network.

    Attributes:
        build: Its function, ``module:function``, which takes the width of the features, the number
            of emotions, the options and the dropout rate.
        reads: Shape of its input features.
        options: The model of its options.
        attends: Whether it returns attention weights.
        folds_per_job: Default of ``training: fold_batching``.
    """

    build: str
    reads: Shape
    options: type[Settings] = NoOptions
    attends: bool = False
    folds_per_job: int | Literal["all"] = 1


NETWORKS = {
    "acln": NetworkEntry("sersnake.networks.acln:build", "frames", AclnOptions, attends=True),
    "fcn": NetworkEntry("sersnake.networks.fcn:build", "vectors", FcnOptions, folds_per_job="all"),
    "aln": NetworkEntry("sersnake.networks.aln:build", "frames", AlnOptions),
}


@dataclass(frozen=True)
class NetworkChoice:
    """A network with its options.

    Attributes:
        name: One of :data:`NETWORKS`; empty for a user's network.
        module: ``module.Class`` of a user's network; empty for one of :data:`NETWORKS`.
        options: Its options; for a user's network the keyword arguments of its class.
    """

    name: str
    module: str
    options: Settings | Mapping[str, Any]

    @property
    def reads(self) -> Shape | None:
        """Shape of its input features; None for a user's network, which may read either."""
        return NETWORKS[self.name].reads if self.name else None

    @property
    def attends(self) -> bool:
        """Whether it returns attention weights."""
        return bool(self.name) and NETWORKS[self.name].attends

    def as_dict(self) -> dict[str, Any]:
        """The choice as :func:`read_network` takes it, without defaults."""
        if isinstance(self.options, Settings):
            return {"name": self.name, **changed(self.options)}
        return {"module": self.module, **self.options}


def read_network(given: Any) -> NetworkChoice:
    """A network from its name, or from ``name`` or ``module`` with its options.

    Raises:
        SettingsError: There is no such network, or an option is not allowed.
    """
    values = {"name": given} if isinstance(given, str) else given
    if not isinstance(values, Mapping) or ("name" in values) == ("module" in values):
        raise SettingsError(
            (), f"{given!r} is not allowed; choose {', '.join(NETWORKS)}, or `module: module.Class`"
        )
    options = {key: value for key, value in values.items() if key not in ("name", "module")}
    if "module" in values:
        return NetworkChoice("", _place(values["module"]), options)
    name = values["name"]
    if name not in NETWORKS:
        raise SettingsError(("name",), f"{name!r} is not one of {', '.join(NETWORKS)}")
    return NetworkChoice(name, "", read_settings(NETWORKS[name].options, options))


def _place(module: Any) -> str:
    parts = module.split(".") if isinstance(module, str) else []
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        raise SettingsError(("module",), f"{module!r} is not allowed; choose module.Class")
    return str(module)
