"""The embeddings that a model's networks make, computed by PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.io.features import Features
from sersnake.model.extraction import Rows
from sersnake.model.long_embeddings import LONG, embed_and_weigh_long
from sersnake.model.model import Arrays, Model
from sersnake.networks import Network, build_fused, build_network
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.settings.networks import FUSED
from sersnake.settings.streams import StreamChoice
from sersnake.training import evaluation
from sersnake.training.dataset import Dataset, FeatureTable
from sersnake.training.normalisation import Scaling


def build_members(model: Model, name: str) -> list[Network]:
    """The members of a network of a model with their weights, ready to evaluate.

    Raises:
        RuntimeError: Weights are missing or of another shape.
    """
    members = []
    for member in range(model.members):
        network = _drawn(model, name)
        arrays = model.networks[name].items()
        network.load_state_dict({k: torch.as_tensor(v[member]) for k, v in arrays})
        members.append(network.eval())
    return members


def _drawn(model: Model, name: str) -> Network:
    streams, classes = model.read_by(name), len(model.labels)
    widths = {each: len(model.scalings[s.features].mean) for each, s in streams.items()}
    choices = {each: stream.network for each, stream in streams.items()}
    if name == FUSED:
        return build_fused(choices, widths, classes, model.streams.fusion_width)
    return build_network(choices[name], widths[name], classes)


class Embedder:
    """The networks of a model on a device."""

    def __init__(self, model: Model, device: torch.device) -> None:
        """Builds them."""
        self.model, self.device = model, device
        self.networks: dict[str, list[Any]] = {
            name: [network.to(device) for network in build_members(model, name)]
            for name in model.networks
        }

    def __call__(self, features: Sequence[Rows]) -> tuple[Arrays, NDArray[np.float64]]:
        """Embeddings ``(S, N, D)`` of each network, and the moments ``(N,)``."""
        used = [self._cropped(of_one) for of_one in features]
        lengths = [max(map(len, of_one.values())) for of_one in used]
        short = [i for i, length in enumerate(lengths) if length <= LONG]
        long = [i for i, length in enumerate(lengths) if length > LONG]
        parts = [self._embed_long(used[i]) for i in long]
        if short:
            parts.append(self._embed([used[i] for i in short]))
        order = np.argsort([*long, *short])
        embeddings = {
            name: np.take(np.concatenate([part[name] for part, _ in parts], axis=1), order, axis=1)
            for name in self.networks
        }
        return embeddings, np.concatenate([moments for _, moments in parts])[order]

    def dataset(self, streams: Mapping[str, StreamChoice], features: Sequence[Rows]) -> Dataset:
        """What the networks of some streams read of some utterances."""
        names = [str(number) for number in range(len(features))]
        tables = {}
        for name, stream in streams.items():
            rows = [of_one[stream.features] for of_one in features]
            pack = Features.stack(names, rows, None)
            scaling = Scaling([self.model.scalings[stream.features]], None, self.device)
            # As extracted: a short recording may have a single frame.
            frames = self.model.extraction.frames(stream.features)
            tables[name] = FeatureTable(
                pack, scaling, self.device, frames=frames, crop=self.model.crop
            )
        return Dataset(tables, torch.zeros(len(names), dtype=torch.int64), self.device)

    def _cropped(self, features: Rows) -> Rows:
        return {name: rows[: self.model.crop or None] for name, rows in features.items()}

    def _embed(self, features: Sequence[Rows]) -> tuple[Arrays, NDArray[np.float64]]:
        """The same of utterances that share batches."""
        embeddings, moments = {}, np.full(len(features), np.nan)
        everything = np.arange(len(features))
        for name, members in self.networks.items():
            streams = self.model.read_by(name)
            dataset = self.dataset(streams, features)
            if self._attends(name):
                pairs = [evaluation.embed_and_weigh(each, dataset, everything) for each in members]
                means = [np.mean(of, axis=0) for of in zip(*(w for _, w in pairs), strict=True)]
                lengths, stream = dataset.lengths, streams[name]
                moments = np.array(
                    [self._moment(stream, *of) for of in zip(means, lengths, strict=True)]
                )
                parts = [embedding for embedding, _ in pairs]
            else:
                parts = [evaluation.embed(each, dataset) for each in members]
            embeddings[name] = np.stack(parts)
        return embeddings, moments

    @torch.no_grad()
    def _embed_long(self, features: Rows) -> tuple[Arrays, NDArray[np.float64]]:
        """The same of one long recording."""
        embeddings, moments = {}, np.full(1, np.nan)
        for name, members in self.networks.items():
            streams = self.model.read_by(name)
            if name == FUSED:
                parts = [
                    each.fuse(
                        [
                            self._long(s, each.networks[s.name], features)[0]
                            for s in streams.values()
                        ]
                    )
                    for each in members
                ]
            else:
                pairs = [self._long(streams[name], each, features) for each in members]
                parts = [embedding for embedding, _ in pairs]
                if self._attends(name):
                    weights = np.mean([weights for _, weights in pairs], axis=0)
                    frames = len(features[streams[name].features])
                    moments[0] = self._moment(streams[name], weights, frames)
            embeddings[name] = np.stack([part.cpu().numpy() for part in parts])
        return embeddings, moments

    def _long(
        self, stream: StreamChoice, network: Any, features: Rows
    ) -> tuple[Tensor, NDArray[np.float32]]:
        """Embedding of one long recording in a stream, and its attention's weights, if any."""
        if not stream.network.attends:
            batch = self.dataset({stream.name: stream}, [features]).batch(np.zeros(1, np.int64))
            return network.embed(batch), np.empty(0, np.float32)
        return embed_and_weigh_long(
            network,
            features[stream.features],
            lambda cut: self.dataset(
                {stream.name: stream}, [{stream.features: rows} for rows in cut]
            ),
        )

    def _attends(self, network: str) -> bool:
        return network != FUSED and self.model.read_by(network)[network].network.attends

    def _moment(self, stream: StreamChoice, weights: NDArray[np.float32], frames: int) -> float:
        """The middle of the step with the largest weight, in s; the last step may be short."""
        start = int(weights.argmax()) * TIME_REDUCTION
        middle = (start + min(start + TIME_REDUCTION, frames)) / 2
        return middle * self.model.extraction.hop(stream.features)
