"""A network of a model in PyTorch, for export and for users' networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sersnake.model.forward import Seen, Weights
from sersnake.networks import Batch, Network, build_network
from sersnake.settings.networks import NetworkChoice


def restored(choice: NetworkChoice, weights: Weights, inputs: int, classes: int) -> Network:
    """A network with its weights, ready to evaluate.

    Args:
        choice: Which one.
        weights: By the names of its modules.
        inputs: Columns of its features.
        classes: Number of emotions.

    Raises:
        RuntimeError: Weights are missing or of another shape.
    """
    network = build_network(choice, inputs, classes)
    if hasattr(network, "output") and not any(name.startswith("output.") for name in weights):
        network.output = nn.Identity()  # of a stream of the fused network
    network.load_state_dict({name: torch.as_tensor(array) for name, array in weights.items()})
    return network.eval()


def see_by(
    choice: NetworkChoice, weights: Weights, inputs: int, classes: int, frames: bool
) -> Callable[[NDArray[np.float32]], Seen]:
    """The network on the scaled features of one utterance.

    Arguments as of :func:`restored`, and ``frames``: whether they have a row per frame; a short
    recording may have a single one.
    """
    network = restored(choice, weights, inputs, classes)

    @torch.no_grad()
    def see(rows: NDArray[np.float32]) -> Seen:
        values = torch.from_numpy(rows)
        batch = Batch(values[None], torch.tensor([len(rows)])) if frames else Batch(values)
        return Seen(network.embed(batch)[0].numpy())

    return see
