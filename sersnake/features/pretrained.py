"""Features of a pretrained encoder: its hidden states, layer beside layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sersnake.features.encoder import Encoder
from sersnake.features.extractor import Extractor
from sersnake.settings.pretrained import Pretrained


def pretrained_extractor(settings: Pretrained) -> Extractor:
    """What gives an utterance's hidden states: a row, or a row per step of 20 ms.

    The columns of a layer stand together, means before standard deviations, the layers in the order
    of the settings.

    Raises:
        SersnakeError: The encoder cannot be read, or has not these layers.
    """
    encoder = Encoder.load(settings)

    def extract(signal: NDArray[np.float32]) -> NDArray[np.float32]:
        states = encoder.states(signal)
        layers = range(len(states)) if settings.layers == "all" else settings.layers
        return np.hstack([_pool(states[layer], settings.pooling) for layer in layers])

    return extract


def _pool(state: NDArray[np.float32], pooling: str) -> NDArray[np.float32]:
    if pooling == "none":
        return state
    mean = state.mean(axis=0, keepdims=True)
    return mean if pooling == "mean" else np.hstack([mean, state.std(axis=0, keepdims=True)])
