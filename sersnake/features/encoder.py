"""The hidden states of a pretrained encoder.

Each utterance is encoded alone and without padding, so its values are the same bytes whatever else
is extracted with it. Whisper's own forward pass pads it to 30 s, at 18 times the work;
docs/results/encoders.md compares both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.errors import SersnakeError
from sersnake.features.encoder_files import find_encoder, load_module, load_preparation, reason_of
from sersnake.features.hidden_states import HiddenStates, hidden_states
from sersnake.io.audio import SAMPLE_RATE
from sersnake.settings.pretrained import Pretrained

SHORTEST = 400  # samples: a step of wav2vec 2.0, a window of Whisper
LONGEST = 30 * SAMPLE_RATE  # samples encoded at once; a longer recording is cut into pieces
STEP = 320  # samples: 20 ms, the step of all encoders


@dataclass(frozen=True)
class Encoder:
    """A loaded encoder; several threads may use it.

    Attributes:
        module: The encoder, from its input to its hidden states.
        prepare: The hub's feature extractor, from samples to the encoder's input.
    """

    module: HiddenStates
    prepare: Any

    @classmethod
    def load(cls, settings: Pretrained) -> Encoder:
        """Loads an encoder from its folder and tries it; nothing is downloaded.

        Raises:
            SersnakeError: There is no such folder, it cannot be read, its model gives no hidden
                states of speech, or lacks a layer of the settings.
        """
        folder = find_encoder(settings)
        encoder = cls(hidden_states(load_module(folder)), load_preparation(folder))
        layers = encoder._try(folder)
        if settings.layers != "all" and max(settings.layers) >= layers:
            raise SersnakeError(
                f"{folder}: has no layer {max(settings.layers)}; choose layers from 0 to "
                f"{layers - 1}"
            )
        return encoder

    @torch.inference_mode()
    def states(self, signal: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Hidden states of an utterance.

        Args:
            signal: ``(samples,)`` at 16 kHz; more than 30 s are encoded in pieces of 30 s, and a
                last piece of less than 25 ms is left out.

        Returns:
            ``float32 (T, D)`` of the first layer's input and of each layer's output, T steps of
            about 20 ms.

        Raises:
            SersnakeError: The signal is too short.
        """
        if len(signal) < SHORTEST:
            raise SersnakeError(f"signal has {len(signal)} samples; the encoder needs {SHORTEST}")
        starts = range(0, len(signal) - SHORTEST + 1, LONGEST)
        pieces = [self._hear(signal[start : start + LONGEST]) for start in starts]
        return [torch.cat(layer).numpy() for layer in zip(*pieces, strict=True)]

    def _try(self, folder: Path) -> int:
        """The number of hidden states; those of a second of silence must have its length."""
        try:
            steps = [len(layer) for layer in self.states(np.zeros(SAMPLE_RATE, np.float32))]
            if len(set(steps)) != 1 or max(steps) > SAMPLE_RATE // STEP:
                raise ValueError(f"a second has {max(steps, default=0)} steps")
        except Exception as error:  # a model of another kind may raise anything
            raise SersnakeError(
                f"{folder}: provides no hidden states of speech ({reason_of(error)}); name another"
            ) from error
        return len(steps)

    def _hear(self, signal: NDArray[np.float32]) -> list[Tensor]:
        return [layer[0] for layer in self.module(self.prepared(signal))]

    def prepared(self, signal: NDArray[np.float32]) -> Tensor:
        """The encoder's input for a signal of up to 30 s, as a batch of one utterance."""
        prepared: Tensor = self.prepare(
            np.pad(signal, (0, -len(signal) % STEP)),
            sampling_rate=SAMPLE_RATE,
            padding=True,
            truncation=False,
            return_tensors="pt",
        )[self.module.input_name]
        return prepared
