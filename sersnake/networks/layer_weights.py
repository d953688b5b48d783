"""A learned weighted mean of the layers of a pretrained encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sersnake.errors import SersnakeError


class LayerWeights(nn.Module):
    """Mean of L concatenated layers with softmax weights (as in ELMo, Peters et al. 2018).

    It starts as the plain mean.
    """

    def __init__(self, inputs: int, layers: int) -> None:
        """Takes the width of all layers together, and their number.

        Raises:
            SersnakeError: The layers cannot be of one width.
        """
        super().__init__()
        if inputs % layers:
            raise SersnakeError(
                f"layers: {inputs} values are not {layers} layers of one width; set layers to the "
                "number that the feature set joins"
            )
        self.energies = nn.Parameter(torch.zeros(layers))

    def forward(self, values: Tensor) -> Tensor:
        """``(…, L D)`` to ``(…, D)``."""
        layers = values.unflatten(-1, (len(self.energies), -1))
        return torch.einsum("l,...ld->...d", self.energies.softmax(0), layers)


def weigh_layers(inputs: int, layers: int) -> nn.Module:
    """The weighted mean of several layers; one layer is unchanged."""
    return LayerWeights(inputs, layers) if layers > 1 else nn.Identity()
