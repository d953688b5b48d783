"""A trained model: recordings in, emotions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.io.audio import as_signal
from sersnake.io.features import Features
from sersnake.model.classifier import LinearClassifier
from sersnake.model.extraction import Extraction
from sersnake.model.long_embeddings import LONG, embed_and_weigh_long
from sersnake.model.novelty import Novelty
from sersnake.model.silence import SILENT, is_silent
from sersnake.networks import ACLN, Architecture, Draw, FusedNetwork, Network, build_network
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.training import evaluation
from sersnake.training.dataset import Dataset
from sersnake.training.devices import pick_device
from sersnake.training.fold_epochs import NONE
from sersnake.training.normalisation import FoldScaling
from sersnake.training.scaling import ZScore

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Prediction:
    """What a model says of N utterances.

    Attributes:
        emotions: The predicted emotion of each, or ``silent``.
        scores: ``float64 (N, C)``, in the order of the model's labels; the largest is predicted.
            NaN where nothing is to be heard.
        moments: ``float64 (N,)``, time in s that the attention weighs most; NaN without ACLN and
            in silence.
        distances: ``float64 (N,)``, how far each is from what the model was trained on.
        unusual: ``bool (N,)``, whether that is farther than 99 % of the corpus' held-out
            utterances are.
    """

    emotions: list[str]
    scores: NDArray[np.float64]
    moments: NDArray[np.float64]
    distances: NDArray[np.float64]
    unusual: NDArray[np.bool_]

    def silenced(self, silent: NDArray[np.bool_]) -> Prediction:
        """The same, with no emotion where ``silent (N,)`` is true."""
        emotions = [
            SILENT if quiet else name for quiet, name in zip(silent, self.emotions, strict=True)
        ]
        scores = np.where(silent[:, None], np.nan, self.scores)
        return replace(
            self, emotions=emotions, scores=scores, moments=np.where(silent, np.nan, self.moments)
        )


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
    options: Architecture
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
        widths = {"mfcc": len(self.frames.mean), "functionals": len(self.vectors.mean)}
        network = build_network(name, draw, widths, len(self.labels), self.options)
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
    """A model whose networks are on a device."""

    def __init__(self, model: Model, device: torch.device) -> None:
        """Builds the networks."""
        self.model, self.device = model, device
        self.networks = {name: model.build(name).to(device) for name in model.networks}

    def predict(self, signals: Sequence[NDArray[np.float32]]) -> Prediction:
        """Says which emotion is heard in each of N signals, or that they are silent.

        Args:
            signals: ``(samples,)`` at 16 kHz (:func:`sersnake.read_audio`), float32, float64
                or int16, which counts as those.

        Raises:
            SersnakeError: A signal is too short, has another shape or type, or is not scaled to
                [-1, 1].
        """
        frames = self.model.extraction.frames(signals)
        vectors = [self.model.extraction.vector(signal) for signal in signals]
        silent = np.array([is_silent(as_signal(signal)) for signal in signals], bool)
        return self.judge(frames, vectors).silenced(silent)

    def judge(
        self, frames: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]]
    ) -> Prediction:
        """The same from features.

        Args:
            frames: ``float32 (frames, coefficients)`` of each of N utterances.
            vectors: ``float32 (functionals,)`` of each.
        """
        model = self.model
        embeddings, moments = self._embeddings(frames, vectors)
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

    def _embeddings(
        self, frames: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Features ``(S, N, D)`` of all networks side by side, and the moments ``(N,)``."""
        used = [each[: self.model.crop or None] for each in frames]
        short = [i for i, rows in enumerate(used) if len(rows) <= LONG]
        long = [i for i, rows in enumerate(used) if len(rows) > LONG]
        parts = [self._embed_long(used[i], vectors[i]) for i in long]
        if short:
            dataset = self._dataset([used[i] for i in short], [vectors[i] for i in short])
            parts.append(self._embed(dataset))
        order = np.argsort([*long, *short])
        embeddings = np.concatenate([part for part, _ in parts], axis=1)[:, order]
        return embeddings, np.concatenate([moments for _, moments in parts])[order]

    def _embed(self, dataset: Dataset) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """The same of utterances that share batches."""
        parts, moments = [], np.full(len(dataset.lengths), np.nan)
        for network in self.networks.values():
            if isinstance(network, ACLN):
                part, weights = evaluation.embed_and_weigh(network, dataset)
                means = [each.mean(0) for each in weights]
                moments = np.array(list(map(self._moment, means, dataset.lengths)))
            else:
                part = evaluation.embed(network, dataset)
            parts.append(part)
        return np.concatenate(parts, axis=2), moments

    @torch.no_grad()
    def _embed_long(
        self, frames: NDArray[np.float32], vector: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """The same of one long recording."""

        def elf(network: Network) -> Tensor:
            seen = frames if "frames" in network.reads else frames[:1]
            dataset = self._dataset([seen], [vector])
            return torch.from_numpy(evaluation.embed(network, dataset)).to(self.device)

        def alf(network: ACLN) -> tuple[Tensor, NDArray[np.float32]]:
            return embed_and_weigh_long(
                network, frames, lambda cut: self._dataset(cut, [vector] * len(cut))
            )

        parts, moments = [], np.full(1, np.nan)
        for network in self.networks.values():
            if isinstance(network, ACLN):
                part, weights = alf(network)
                moments[0] = self._moment(weights.mean(0), len(frames))
            elif isinstance(network, FusedNetwork):
                part = network.fuse(alf(network.acln)[0], elf(network.fcn))
            else:
                part = elf(network)
            parts.append(part.cpu().numpy())
        return np.concatenate(parts, axis=2), moments

    def _moment(self, weights: NDArray[np.float32], frames: int) -> float:
        """The middle of the step with the largest weight, in s; the last step may be short."""
        start = int(weights.argmax()) * TIME_REDUCTION
        return (start + min(start + TIME_REDUCTION, frames)) / 2 * self.model.extraction.hop
