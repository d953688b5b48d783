"""Some layers of a pretrained encoder, from packed features of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sersnake.errors import SersnakeError
from sersnake.io import Features


def cut_layers(features: Features, layers: Sequence[int]) -> Features:
    """Selects layers of packed hidden states.

    Args:
        features: Packed features of the layers that their options name.
        layers: Those to keep, in order.

    Raises:
        SersnakeError: A layer is missing.
    """
    of_pack = features.options.get("layers", "all")
    of_pack = [] if of_pack == "all" else of_pack
    if missing := [layer for layer in layers if layer not in of_pack]:
        known = ", ".join(map(str, of_pack)) or "none"
        raise SersnakeError(f"layers: {missing[0]} is not one of the extracted layers: {known}")
    blocks = np.split(features.values, len(of_pack), axis=1)
    values = np.concatenate([blocks[of_pack.index(layer)] for layer in layers], axis=1)
    options = {**features.options, "layers": list(layers)}
    return replace(features, values=values, options=options)
