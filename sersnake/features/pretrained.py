"""Features of a pretrained encoder: its hidden states, layers concatenated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sersnake.features.encoder import STEP, Encoder
from sersnake.features.extractor import Extractor
from sersnake.settings.pretrained import Pretrained

SILENCE = 1e-9  # added to each level: if all is silent, every step has the same weight


def pretrained_extractor(settings: Pretrained) -> Extractor:
    """The extractor of hidden states: a row, or a row per step of 20 ms.

    Columns are ordered by layer, as in the settings, with means first within a layer.

    Raises:
        SersnakeError: The encoder cannot be read, or lacks a layer.
    """
    encoder = Encoder.load(settings)

    def extract(signal: NDArray[np.float32]) -> NDArray[np.float32]:
        states = encoder.states(signal)
        layers = range(len(states)) if settings.layers == "all" else settings.layers
        return np.hstack([_pool(states[layer], settings.pooling, signal) for layer in layers])

    return extract


def loudness(signal: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """Root mean square of each step of 20 ms, divided by the sum over the steps, ``(T, 1)``.

    Args:
        signal: ``(samples,)`` at 16 kHz.
        steps: T, the number of steps of an encoder.
    """
    samples = np.pad(signal, (0, max(0, steps * STEP - len(signal))))[: steps * STEP]
    levels = np.sqrt(np.square(samples.reshape(steps, STEP)).mean(axis=1, keepdims=True)) + SILENCE
    shares: NDArray[np.float32] = levels / levels.sum()
    return shares


def _pool(
    state: NDArray[np.float32], pooling: str, signal: NDArray[np.float32]
) -> NDArray[np.float32]:
    if pooling == "none":
        return state
    mean = state.mean(axis=0, keepdims=True)
    if pooling == "mean":
        return mean
    if pooling == "mean_loud":
        loud = (loudness(signal, len(state)) * state).sum(axis=0, keepdims=True)
        return np.hstack([mean, loud])
    return np.hstack([mean, state.std(axis=0, keepdims=True)])
