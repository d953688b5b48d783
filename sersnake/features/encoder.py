"""What a pretrained encoder makes of an utterance.

An utterance goes through by itself and as long as it is, so its values are the same bytes whatever
else is extracted with it. Whisper's own forward pass pads it to 30 s, at 18 times the work;
docs/pretrained.md has both side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.errors import SersnakeError
from sersnake.features.encoder_files import find_encoder, load_module, load_preparation
from sersnake.features.hidden_states import HiddenStates, hidden_states
from sersnake.io.audio import SAMPLE_RATE
from sersnake.settings.pretrained import Pretrained

SHORTEST = 400  # samples: a step of wav2vec 2.0, a window of Whisper
LONGEST = 30 * SAMPLE_RATE  # what is heard at once; a longer recording is cut into pieces
STEP = 320  # samples: 20 ms, a step of all of them


@dataclass(frozen=True)
class Encoder:
    """An encoder that was loaded; several threads may use it.

    Attributes:
        module: The encoder, from its input to its hidden states.
        prepare: The hub's feature extractor, from samples to the encoder's input.
    """

    module: HiddenStates
    prepare: Any

    @classmethod
    def load(cls, settings: Pretrained) -> Encoder:
        """Loads it from its folder; nothing is downloaded.

        Raises:
            SersnakeError: There is no such folder, or it cannot be read.
        """
        folder = find_encoder(settings)
        return cls(hidden_states(load_module(folder)), load_preparation(folder))

    @torch.inference_mode()
    def states(self, signal: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Hidden states of an utterance.

        Args:
            signal: ``(samples,)`` at 16 kHz; of more than 30 s each piece of 30 s is heard alone.

        Returns:
            ``float32 (T, D)`` of the first layer's input and of each layer's output, T steps of
            about 20 ms.

        Raises:
            SersnakeError: The signal is too short, or the encoder gives no hidden states.
        """
        if len(signal) < SHORTEST:
            raise SersnakeError(f"signal has {len(signal)} samples; the encoder needs {SHORTEST}")
        starts = range(0, max(1, len(signal) - SHORTEST), LONGEST)
        pieces = [self._hear(signal[a:b]) for a, b in zip(starts, [*starts[1:], None], strict=True)]
        return [torch.cat(layer).numpy() for layer in zip(*pieces, strict=True)]

    def _hear(self, signal: NDArray[np.float32]) -> list[Tensor]:
        return [layer[0] for layer in self.module(self.prepared(signal))]

    def prepared(self, signal: NDArray[np.float32]) -> Tensor:
        """What the encoder's input is of a signal of up to 30 s, one utterance in a batch."""
        prepared: Tensor = self.prepare(
            np.pad(signal, (0, -len(signal) % STEP)),
            sampling_rate=SAMPLE_RATE,
            padding=True,
            truncation=False,
            return_tensors="pt",
        )[self.module.input_name]
        return prepared
