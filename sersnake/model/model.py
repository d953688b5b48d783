"""A trained model: recordings in, emotions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sersnake import evaluation
from sersnake.course import NONE
from sersnake.dataset import Dataset
from sersnake.devices import pick_device
from sersnake.io.features import Features
from sersnake.model.classifier import LinearClassifier
from sersnake.model.extraction import Extraction
from sersnake.model.novelty import Novelty
from sersnake.networks import ACLN, Draw, Network, NetworkOptions, build_network
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.normalisation import FoldScaling
from sersnake.scaling import ZScore

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Prediction:
    """What a model says of N utterances.

    Attributes:
        emotions: The predicted emotion of each.
        scores: ``float64 (N, C)``, in the order of the model's labels; the largest is predicted.
        moments: ``float64 (N,)``, time in s that the attention weighs most; NaN without ACLN.
        distances: ``float64 (N,)``, how far each is from what the model was trained on.
        unusual: ``bool (N,)``, whether that is farther than 99 % of the corpus' held-out
            utterances are.
    """

    emotions: list[str]
    scores: NDArray[np.float64]
    moments: NDArray[np.float64]
    distances: NDArray[np.float64]
    unusual: NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    """Both networks with their classifier, and what has to be known of them.

    Attributes:
        labels: The C emotions.
        extraction: How features are made.
        crop: Frames of an utterance that are used, at the most; 0 uses all.
        options: Choices about the networks.
        frames: z-score of a frame.
        vectors: z-score of the functionals.
        networks: Weights of each network by its name, arrays ``(S, …)`` for S members.
        classifier: The SVM.
        novelty: What is unusual.
        about: Corpus, protocol, measured accuracy and so on, as ``model.json`` has it.
    """

    labels: tuple[str, ...]
    extraction: Extraction
    crop: int
    options: NetworkOptions
    frames: ZScore
    vectors: ZScore
    networks: Mapping[str, Arrays]
    classifier: LinearClassifier
    novelty: Novelty
    about: Mapping[str, Any]

    @property
    def members(self) -> int:
        """S, networks of each kind."""
        return len(self.classifier.mean)

    def build(self, name: str) -> Network:
        """A network with its weights, ready to evaluate.

        Raises:
            RuntimeError: Weights are missing or of another shape.
        """
        draw = Draw([0] * self.members)
        network = build_network(name, draw, len(self.vectors.mean), len(self.labels), self.options)
        tensors = {key: torch.from_numpy(array) for key, array in self.networks[name].items()}
        network.load_state_dict(tensors)
        network.eval()
        return network

    def on(self, device: str = "auto") -> Recogniser:
        """The model ready to work on a device.

        Raises:
            SersnakeError: The device cannot be used.
        """
        return Recogniser(self, pick_device(device))


class Recogniser:
    """A model whose networks stand on a device."""

    def __init__(self, model: Model, device: torch.device) -> None:
        """Builds the networks."""
        self.model, self.device = model, device
        self.networks = {name: model.build(name).to(device) for name in model.networks}

    def predict(self, signals: Sequence[NDArray[np.float32]]) -> Prediction:
        """Says which emotion is heard in each of N signals.

        Args:
            signals: ``float32 (samples,)`` at 16 kHz (:func:`sersnake.audio.read_audio`).

        Raises:
            SersnakeError: A signal is too short.
        """
        frames = self.model.extraction.frames(signals)
        return self.judge(frames, [self.model.extraction.vector(signal) for signal in signals])

    def judge(
        self, frames: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]]
    ) -> Prediction:
        """The same from features.

        Args:
            frames: ``float32 (frames, coefficients)`` of each of N utterances.
            vectors: ``float32 (functionals,)`` of each.
        """
        model = self.model
        embeddings, moments = self._embed(self._dataset(frames, vectors))
        scaled = model.classifier.scaled(embeddings)
        scores = model.classifier.scores(scaled, len(model.labels))
        distances = model.novelty.distances(scaled)
        return Prediction(
            [model.labels[best] for best in scores.argmax(1)],
            scores,
            moments,
            distances,
            distances > model.novelty.threshold,
        )

    def _dataset(
        self, frames: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]]
    ) -> Dataset:
        model, names = self.model, [str(number) for number in range(len(frames))]
        members = model.members
        return Dataset(
            Features.stack(names, frames, None),
            Features.stack(names, [vector[None] for vector in vectors], None),
            np.zeros(len(names), np.int64),
            [NONE] * members,
            self.device,
            scaling=FoldScaling([model.frames] * members, [model.vectors] * members, self.device),
            crop=model.crop,
        )

    def _embed(self, dataset: Dataset) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Features ``(S, N, D)`` of all networks side by side, and the moments ``(N,)``."""
        parts, moments = [], np.full(len(dataset.lengths), np.nan)
        for network in self.networks.values():
            if isinstance(network, ACLN):
                part, weights = evaluation.embed_and_weigh(network, dataset)
                means = [own.mean(0) for own in weights]
                moments = np.array(list(map(self._moment, means, dataset.lengths)))
            else:
                part = evaluation.embed(network, dataset)
            parts.append(part)
        return np.concatenate(parts, axis=2), moments

    def _moment(self, weights: NDArray[np.float32], frames: int) -> float:
        """The middle of the step with the largest weight, in s; the last step may be short."""
        start = int(weights.argmax()) * TIME_REDUCTION
        return (start + min(start + TIME_REDUCTION, frames)) / 2 * self.model.extraction.hop
