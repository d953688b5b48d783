"""An encoder of the hub as a module from its input to all of its hidden states.

It does not change the encoder, so several threads may use it at once, and it can be exported.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersnake.settings.pretrained import Pretrained


class HiddenStates(nn.Module):
    """An encoder that returns the hidden states of an utterance."""

    encoder: Any

    def __init__(self, encoder: nn.Module) -> None:
        """Takes the encoder, in evaluation mode."""
        super().__init__()
        self.encoder = encoder

    @property
    def input_name(self) -> str:
        """What the hub's feature extractor calls the input."""
        return str(self.encoder.main_input_name)

    def forward(self, heard: Tensor) -> list[Tensor]:
        """The first layer's input and each layer's output, ``(1, T, D)``, of one utterance.

        A model without hidden states gives an empty list.
        """
        return list(self.encoder(heard, output_hidden_states=True).hidden_states or ())


class WhisperStates(HiddenStates):
    """Whisper's encoder on an utterance without padding.

    Its own forward pass accepts only 30 s. This is the same arithmetic on the first of its
    positions.
    """

    def forward(self, heard: Tensor) -> list[Tensor]:
        """As :meth:`HiddenStates.forward`, from log-mels ``(1, bands, frames)``."""
        encoder = self.encoder
        maps = F.gelu(encoder.conv2(F.gelu(encoder.conv1(heard)))).permute(0, 2, 1)
        states = [maps + encoder.embed_positions.weight[: maps.shape[1]]]
        for layer in encoder.layers:
            states.append(layer(states[-1], None))
        return [*states[:-1], encoder.layer_norm(states[-1])]


class JoinedStates(nn.Module):
    """Hidden states as the features of a feature set, for an exporter.

    :func:`~sersnake.features.pretrained.pretrained_extractor` does the same in NumPy.
    """

    def __init__(self, states: HiddenStates, settings: Pretrained) -> None:
        """Takes the module of the states, and the settings that say how to join them."""
        super().__init__()
        self.states, self.settings = states, settings

    def forward(self, heard: Tensor) -> Tensor:
        """Frames ``(1, T, L D)``, or a vector ``(1, L D)`` or ``(1, 2 L D)``."""
        states = self.states(heard)
        layers = range(len(states)) if self.settings.layers == "all" else self.settings.layers
        return torch.cat([_pool(states[layer], self.settings.pooling) for layer in layers], dim=-1)


def _pool(state: Tensor, pooling: str) -> Tensor:
    if pooling == "none":
        return state
    mean = state.mean(1)
    return mean if pooling == "mean" else torch.cat([mean, state.std(1, correction=0)], dim=1)


def hidden_states(encoder: Any) -> HiddenStates:
    """The module that computes the hidden states of an encoder."""
    whisper = encoder.config.model_type == "whisper"
    return WhisperStates(encoder) if whisper else HiddenStates(encoder)
