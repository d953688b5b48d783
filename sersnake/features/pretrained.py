"""Features of a pretrained encoder: its hidden states, layer beside layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sersnake.features.encoder import Encoder
from sersnake.features.extractor import Extractor
from sersnake.settings.pretrained import Pretrained


def pretrained_extractor(settings: Pretrained) -> Extractor:
    """What gives an utterance's hidden states: a row, or a row per step of 20 ms.

    The columns of a layer stand together, the layers in the order of the settings; of means and
    standard deviations the means of all layers come first.

    Raises:
        SersnakeError: The encoder cannot be read, or has not these layers.
    """
    encoder = Encoder.load(settings)

    def extract(signal: NDArray[np.float32]) -> NDArray[np.float32]:
        states = _chosen(encoder.states(signal), settings)
        if settings.pooling == "none":
            return states
        moments = [states.mean(axis=0)]
        if settings.pooling == "mean_std":
            moments.append(states.std(axis=0))
        return np.concatenate(moments)[None]

    return extract


def _chosen(states: list[NDArray[np.float32]], settings: Pretrained) -> NDArray[np.float32]:
    """The layers of the settings, ``(T, L D)``."""
    layers = range(len(states)) if settings.layers == "all" else settings.layers
    return np.concatenate([states[layer] for layer in layers], axis=1)
