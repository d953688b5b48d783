"""The embeddings of utterances by a model's networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sersnake.model import forward
from sersnake.model.attention import Attention
from sersnake.model.extraction import Rows
from sersnake.model.model import Arrays, Model, Scores
from sersnake.settings.networks import FUSED, NetworkChoice

See = Callable[[NDArray[np.float32]], forward.Seen]
Read = Callable[[Rows], forward.Seen]  # scaled features of an utterance by the streams' names

FORWARD: Mapping[str, Callable[..., See]] = {
    "acln": forward.acln,
    "aln": forward.aln,
    "fcn": forward.fcn,
}


class Embedder:
    """The networks of a model.

    Every utterance is computed alone, so its result does not depend on others.
    """

    def __init__(self, model: Model) -> None:
        """Prepares their weights.

        Raises:
            KeyError: Weights are missing.
            ValueError: Weights have another shape; other errors appear in use.
        """
        self.model = model
        self.networks: dict[str, list[Read]] = {
            name: [_read(model, name, member) for member in range(model.members)]
            for name in model.networks
        }

    def __call__(
        self, features: Sequence[Rows], voices: Sequence[Scores] | None = None
    ) -> tuple[Arrays, list[Attention | None]]:
        """Embeddings ``(S, N, D)`` of each network, and what is attended to, if anything is.

        Args:
            features: Of each of N utterances every feature set, ``float32 (rows, D)``.
            voices: Of each the z-scores of its speaker, as far as the speaker is known.
        """
        voices = voices or [{}] * len(features)
        embeddings: dict[str, NDArray[np.float32]] = {}
        attentions: list[Attention | None] = [None] * len(features)
        for name, members in self.networks.items():
            pairs = zip(features, voices, strict=True)
            rows = [self._scaled(name, *of_one) for of_one in pairs]
            seen = [[member(of_one) for of_one in rows] for member in members]
            embeddings[name] = np.stack([[each.embedding for each in of] for of in seen])
            if self._attends(name):
                attentions = [
                    self._attention(name, *of_one) for of_one in zip(features, *seen, strict=True)
                ]
        return embeddings, attentions

    def _scaled(self, network: str, features: Rows, voice: Scores) -> Rows:
        scores, scaled = {**self.model.scalings, **voice}, {}
        for name, stream in self.model.read_by(network).items():
            rows = features[stream.features][: self.model.crop or None]
            scaled[name] = scores[stream.features](rows)
        return scaled

    def _attends(self, network: str) -> bool:
        return network != FUSED and self.model.read_by(network)[network].network.attends

    def _attention(self, network: str, features: Rows, *seen: forward.Seen) -> Attention:
        stream = self.model.read_by(network)[network].features
        hop = self.model.extraction.hop(stream)
        frames = len(features[stream][: self.model.crop or None])
        weights = np.mean([member.weights for member in seen], axis=0)
        return Attention(weights, forward.STEP * hop, frames * hop)


def _read(model: Model, name: str, member: int) -> Read:
    """A member of a network."""
    weights = {key: array[member] for key, array in model.networks[name].items()}
    streams = model.read_by(name)
    if name != FUSED:
        see = _see(model, name, streams[name].network, weights)
        return lambda rows: see(rows[name])
    parts = {
        each: _see(model, each, stream.network, _below(weights, f"networks.{each}."))
        for each, stream in streams.items()
    }
    matrix, summand = weights["fusion.weight"].T, weights["fusion.bias"]

    def fuse(rows: Rows) -> forward.Seen:
        joined = np.concatenate([see(rows[each]).embedding for each, see in parts.items()])
        return forward.Seen(np.maximum(joined @ matrix + summand, 0))

    return fuse


def _see(model: Model, stream: str, choice: NetworkChoice, weights: forward.Weights) -> See:
    """The network of a stream: in NumPy, or in PyTorch if it is the user's own."""
    if choice.name in FORWARD:
        return FORWARD[choice.name](weights, choice.options)
    from sersnake.model.torch_network import see_by

    features = model.read_by(stream)[stream].features
    inputs, frames = len(model.scalings[features].mean), model.extraction.frames(features)
    return see_by(choice, weights, inputs, len(model.labels), frames)


def _below(weights: forward.Weights, place: str) -> dict[str, NDArray[np.float32]]:
    return {
        name.removeprefix(place): array for name, array in weights.items() if name.startswith(place)
    }
