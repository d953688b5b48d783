"""The networks: each is one entry of :data:`NETWORKS`.

Systems, settings, verbs, rules, tables and figures ask this list. A new network is an entry here
and the file with its class. Nothing is imported for the list: a class is loaded when it is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# Settings that reach networks of frames alone, and those of the architecture that reach ACLN alone.
OF_FRAMES = ("frame_mask", "crop")
OF_ACLN = ("attention", "heads", "leaky_slope", "coefficient_pooling")


@dataclass(frozen=True)
class NetworkEntry:
    """A network.

    Attributes:
        build: Where its function stands, ``module:function``. It takes what
            :func:`sersnake.networks.build_network` takes, but the name.
        reads: Kinds of packed features that it reads.
        label: Its name in tables and figures.
        line: How matplotlib draws it.
        without_effect: Settings of the recipe and of the architecture that do not reach it.
        training: Name of the training of this network alone, whose systems are
            ``<training>_<loss>``; empty where there is none.
        training_label: The same in tables and figures.
        folds_per_job: Default of ``training: fold_batching``.
    """

    build: str
    reads: tuple[str, ...]
    label: str
    line: Mapping[str, Any]
    without_effect: tuple[str, ...] = ()
    training: str = ""
    training_label: str = ""
    folds_per_job: int | Literal["all"] = 1


# Colours are of Okabe and Ito, which the colour-blind tell apart; each with its own dash, for print
# in grey.
NETWORKS = {
    "acln": NetworkEntry(
        "sersnake.networks.acln:build",
        reads=("mfcc",),
        label="ACLN",
        line={"color": "#0072B2", "linestyle": "-"},
        without_effect=("fusion_width",),
        training="alf",
        training_label="ALF alone",
    ),
    "fcn": NetworkEntry(
        "sersnake.networks.fcn:build",
        reads=("functionals",),
        label="FCN",
        line={"color": "#D55E00", "linestyle": (0, (4, 1.5))},
        without_effect=(*OF_FRAMES, *OF_ACLN, "fusion_width"),
        training="elf",
        training_label="ELF alone",
        folds_per_job="all",
    ),
    "fused": NetworkEntry(
        "sersnake.networks.fused:build",
        reads=("mfcc", "functionals"),
        label="Fused",
        line={"color": "#009E73", "linestyle": (0, (1, 1))},
        training="fused",
        training_label="Fused training",
    ),
}
