"""A trained model: recordings in, emotions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.features.sets import feature_set
from sersnake.fusion.final import FUNCTIONALS, FinalClassifier
from sersnake.io.audio import as_signal
from sersnake.io.features import Features
from sersnake.model.extraction import Extraction
from sersnake.model.long_embeddings import LONG, embed_and_weigh_long
from sersnake.model.novelty import Novelty
from sersnake.model.silence import SILENT, is_silent
from sersnake.networks import (
    ACLN,
    FCN,
    Architecture,
    Batch,
    Network,
    build_network,
    feature_sets_of,
)
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.training import evaluation
from sersnake.training.dataset import Dataset, FeatureTable
from sersnake.training.devices import pick_device
from sersnake.training.normalisation import Scaling
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
        classifier: What tells the emotions from the networks' features, and perhaps the
            functionals.
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
    classifier: FinalClassifier
    novelty: Novelty
    about: Mapping[str, Any]

    @property
    def members(self) -> int:
        """S, networks of each kind."""
        return len(self.novelty.middles)

    def build(self, name: str) -> list[Network]:
        """The members of a network with their weights, ready to evaluate.

        Raises:
            RuntimeError: Weights are missing or of another shape.
        """
        widths = {"mfcc": len(self.frames.mean), "functionals": len(self.vectors.mean)}
        members = []
        for member in range(self.members):
            network = build_network(name, widths, len(self.labels), self.options)
            arrays = self.networks[name].items()
            network.load_state_dict({k: torch.as_tensor(v[member]) for k, v in arrays})
            members.append(network.eval())
        return members

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
        self.networks: dict[str, list[Any]] = {
            name: [network.to(device) for network in model.build(name)] for name in model.networks
        }

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
        scores = model.classifier.scores({**embeddings, FUNCTIONALS: np.stack(vectors)[None]})
        distances = model.novelty.distances(model.classifier.scaled(embeddings))
        return Prediction(
            [model.labels[best] for best in scores.argmax(1)],
            scores,
            moments,
            distances,
            distances > model.novelty.threshold,
        )

    def _dataset(
        self,
        name: str,
        frames: Sequence[NDArray[np.float32]],
        vectors: Sequence[NDArray[np.float32]],
    ) -> Dataset:
        """What a network reads of some utterances."""
        model = self.model
        made = {
            "mfcc": (frames, model.frames),
            "functionals": ([vector[None] for vector in vectors], model.vectors),
        }
        names = [str(number) for number in range(len(frames))]
        tables = {}
        for kind in feature_sets_of(name):
            rows, score = made[kind]
            pack, scaling = Features.stack(names, rows, None), Scaling([score], None, self.device)
            tables[kind] = FeatureTable(
                pack, scaling, self.device, frames=feature_set(kind).frames, crop=model.crop
            )
        return Dataset(tables, torch.zeros(len(names), dtype=torch.int64), self.device)

    def _embeddings(
        self, frames: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]]
    ) -> tuple[Arrays, NDArray[np.float64]]:
        """Features ``(S, N, D)`` of each network, and the moments ``(N,)``."""
        used = [each[: self.model.crop or None] for each in frames]
        short = [i for i, rows in enumerate(used) if len(rows) <= LONG]
        long = [i for i, rows in enumerate(used) if len(rows) > LONG]
        parts = [self._embed_long(used[i], vectors[i]) for i in long]
        if short:
            parts.append(self._embed([used[i] for i in short], [vectors[i] for i in short]))
        order = np.argsort([*long, *short])
        embeddings = {
            name: np.take(np.concatenate([part[name] for part, _ in parts], axis=1), order, axis=1)
            for name in self.networks
        }
        return embeddings, np.concatenate([moments for _, moments in parts])[order]

    def _embed(
        self, frames: Sequence[NDArray[np.float32]], vectors: Sequence[NDArray[np.float32]]
    ) -> tuple[Arrays, NDArray[np.float64]]:
        """The same of utterances that share batches."""
        embeddings, moments = {}, np.full(len(frames), np.nan)
        for name, members in self.networks.items():
            dataset = self._dataset(name, frames, vectors)
            if name == "acln":
                everything = np.arange(len(frames))
                pairs = [evaluation.embed_and_weigh(each, dataset, everything) for each in members]
                means = [np.mean(of, axis=0) for of in zip(*(w for _, w in pairs), strict=True)]
                moments = np.array(list(map(self._moment, means, dataset.lengths)))
                parts = [embedding for embedding, _ in pairs]
            else:
                parts = [evaluation.embed(each, dataset) for each in members]
            embeddings[name] = np.stack(parts)
        return embeddings, moments

    @torch.no_grad()
    def _embed_long(
        self, frames: NDArray[np.float32], vector: NDArray[np.float32]
    ) -> tuple[Arrays, NDArray[np.float64]]:
        """The same of one long recording."""

        def elf(network: FCN) -> Tensor:
            batch = self._dataset("fcn", [frames], [vector]).batch(np.zeros(1, np.int64))
            assert isinstance(batch, Batch)
            return network.embed(batch)

        def alf(network: ACLN) -> tuple[Tensor, NDArray[np.float32]]:
            return embed_and_weigh_long(
                network, frames, lambda cut: self._dataset("acln", cut, [vector] * len(cut))
            )

        embeddings, moments = {}, np.full(1, np.nan)
        for name, members in self.networks.items():
            if name == "acln":
                pairs = [alf(each) for each in members]
                moments[0] = self._moment(np.mean([w for _, w in pairs], axis=0), len(frames))
                parts = [embedding for embedding, _ in pairs]
            elif name == "fused":
                nets = [each.networks for each in members]
                both = [[alf(net["mfcc"])[0], elf(net["functionals"])] for net in nets]
                parts = [each.fuse(pair) for each, pair in zip(members, both, strict=True)]
            else:
                parts = [elf(each) for each in members]
            embeddings[name] = torch.stack(parts).cpu().numpy()
        return embeddings, moments

    def _moment(self, weights: NDArray[np.float32], frames: int) -> float:
        """The middle of the step with the largest weight, in s; the last step may be short."""
        start = int(weights.argmax()) * TIME_REDUCTION
        return (start + min(start + TIME_REDUCTION, frames)) / 2 * self.model.extraction.hop
