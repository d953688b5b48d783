"""A trained model: recordings in, emotions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sersnake.fusion.calibration import Calibration
from sersnake.fusion.final import FinalClassifier, late_features
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.io.audio import as_signal
from sersnake.io.features import Features
from sersnake.model.extraction import Extraction, Rows
from sersnake.model.long_embeddings import LONG, embed_and_weigh_long
from sersnake.model.novelty import Novelty
from sersnake.model.silence import SILENT, is_silent
from sersnake.networks import Network, build_fused, build_network
from sersnake.networks.packing import TIME_REDUCTION
from sersnake.settings.networks import FUSED
from sersnake.settings.streams import StreamChoice, Streams, read_by
from sersnake.training import evaluation
from sersnake.training.dataset import Dataset, FeatureTable
from sersnake.training.devices import pick_device
from sersnake.training.normalisation import Scaling
from sersnake.training.scaling import ZScore

if TYPE_CHECKING:
    import pandas as pd

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Prediction:
    """What a model says of N utterances.

    Attributes:
        emotions: The predicted emotion of each, or ``silent``.
        scores: ``float64 (N, C)``, in the order of the model's labels; the largest is predicted.
            NaN where nothing is to be heard.
        probabilities: ``float64 (N, C)``, the same as calibrated probabilities, 1 in all; NaN
            where nothing is to be heard, and of a model that is not calibrated.
        moments: ``float64 (N,)``, time in s that the attention weighs most; NaN without one and in
            silence.
        distances: ``float64 (N,)``, how far each is from what the model was trained on.
        unusual: ``bool (N,)``, whether that is farther than 99 % of the corpus' held-out
            utterances are.
    """

    emotions: list[str]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    moments: NDArray[np.float64]
    distances: NDArray[np.float64]
    unusual: NDArray[np.bool_]

    def silenced(self, silent: NDArray[np.bool_]) -> Prediction:
        """The same, with no emotion where ``silent (N,)`` is true."""
        emotions = [
            SILENT if quiet else name for quiet, name in zip(silent, self.emotions, strict=True)
        ]
        return replace(
            self,
            emotions=emotions,
            scores=np.where(silent[:, None], np.nan, self.scores),
            probabilities=np.where(silent[:, None], np.nan, self.probabilities),
            moments=np.where(silent, np.nan, self.moments),
        )


@dataclass(frozen=True)
class Model:
    """Networks with their classifier, and what has to be known of them.

    Attributes:
        labels: The C emotions.
        extraction: How features are made.
        crop: Frames of an utterance that are used, at the most; 0 uses all.
        streams: The streams that the networks are of.
        scalings: z-score of each feature set that a network reads, by its name.
        networks: Weights of each network by its name, arrays ``(S, …)`` for S members; a baseline
            has none.
        classifier: What tells the emotions from the networks' embeddings, from feature sets, or
            from both.
        novelty: What is unusual.
        about: Corpus, protocol, measured accuracy and so on, as ``model.json`` has it.
        calibration: How scores become probabilities; None of a model that was made before they did.
    """

    labels: tuple[str, ...]
    extraction: Extraction
    crop: int
    streams: Streams
    scalings: Mapping[str, ZScore]
    networks: Mapping[str, Arrays]
    classifier: FinalClassifier
    novelty: Novelty
    about: Mapping[str, Any]
    calibration: Calibration | None = None

    @property
    def members(self) -> int:
        """S, networks of each kind; 1 without networks."""
        return len(self.novelty.middles)

    def read_by(self, network: str) -> dict[str, StreamChoice]:
        """The streams of a network."""
        return read_by(network, self.streams)

    def build(self, name: str) -> list[Network]:
        """The members of a network with their weights, ready to evaluate.

        Raises:
            RuntimeError: Weights are missing or of another shape.
        """
        members = []
        for member in range(self.members):
            network = self._drawn(name)
            arrays = self.networks[name].items()
            network.load_state_dict({k: torch.as_tensor(v[member]) for k, v in arrays})
            members.append(network.eval())
        return members

    def _drawn(self, name: str) -> Network:
        streams, classes = self.read_by(name), len(self.labels)
        widths = {each: len(self.scalings[s.features].mean) for each, s in streams.items()}
        choices = {each: stream.network for each, stream in streams.items()}
        if name == FUSED:
            return build_fused(choices, widths, classes, self.streams.fusion_width)
        return build_network(choices[name], widths[name], classes)

    def predict(self, *recordings: str | Path, probabilities: bool = False) -> pd.DataFrame:
        """Which emotion is heard in recordings.

        Args:
            recordings: Files, folders or patterns, as ``sersnake predict`` takes them.
            probabilities: Whether each emotion has its probability in place of its score.

        Returns:
            A row per recording with the columns of ``sersnake predict``: file, start, end, emotion,
            score_<emotion>, moment, distance, unusual.

        Raises:
            SersnakeError: A recording cannot be read.
        """
        from sersnake.model.prediction.frame import predict_frame

        return predict_frame(self, list(map(str, recordings)), probabilities)

    def on(self, device: str = "auto") -> Recogniser:
        """The model ready to work on a device.

        Raises:
            SersnakeError: The device cannot be used, or an encoder is missing or another.
        """
        return Recogniser(self, pick_device(device))


class Recogniser:
    """A model whose networks are on a device."""

    def __init__(self, model: Model, device: torch.device) -> None:
        """Builds the networks, and loads encoders.

        Raises:
            SersnakeError: An encoder is missing, or has other weights than in training.
        """
        self.model, self.device = model, device
        model.extraction.load()
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
        features = [self.model.extraction.features(as_signal(signal)) for signal in signals]
        silent = np.array([is_silent(as_signal(signal)) for signal in signals], bool)
        return self.judge(features).silenced(silent)

    def judge(self, features: Sequence[Rows], enrolled: Enrolled | None = None) -> Prediction:
        """The same from features.

        Args:
            features: Of each of N utterances every feature set, ``float32 (rows, D)``.
            enrolled: Who speaks them, and what those speakers are known by.
        """
        model = self.model
        embeddings, moments = self._embeddings(features)
        late = self._late(features)
        scores = model.classifier.scores({**embeddings, **late}, enrolled)
        distances = model.novelty.distances(model.classifier.scaled(embeddings or late, enrolled))
        calibration = model.calibration
        return Prediction(
            [model.labels[best] for best in scores.argmax(1)],
            scores,
            calibration.probabilities(scores) if calibration else np.full_like(scores, np.nan),
            moments,
            distances,
            distances > model.novelty.threshold,
        )

    def blocks(self, features: Sequence[Rows]) -> dict[str, NDArray[np.float32]]:
        """What the classifier reads of N utterances, ``float32 (S, N, D)`` by its names."""
        return {**self._embeddings(features)[0], **self._late(features)}

    def _late(self, features: Sequence[Rows]) -> dict[str, NDArray[np.float32]]:
        return {
            block: np.stack([of_one[name][0] for of_one in features])[None]
            for name, block in late_features(self.model.classifier).items()
        }

    def _dataset(self, streams: Mapping[str, StreamChoice], features: Sequence[Rows]) -> Dataset:
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

    def _embeddings(self, features: Sequence[Rows]) -> tuple[Arrays, NDArray[np.float64]]:
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

    def _cropped(self, features: Rows) -> Rows:
        return {name: rows[: self.model.crop or None] for name, rows in features.items()}

    def _embed(self, features: Sequence[Rows]) -> tuple[Arrays, NDArray[np.float64]]:
        """The same of utterances that share batches."""
        embeddings, moments = {}, np.full(len(features), np.nan)
        everything = np.arange(len(features))
        for name, members in self.networks.items():
            streams = self.model.read_by(name)
            dataset = self._dataset(streams, features)
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
            batch = self._dataset({stream.name: stream}, [features]).batch(np.zeros(1, np.int64))
            return network.embed(batch), np.empty(0, np.float32)
        return embed_and_weigh_long(
            network,
            features[stream.features],
            lambda cut: self._dataset(
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
