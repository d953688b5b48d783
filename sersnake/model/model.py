"""A trained model: recordings in, emotions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sersnake.fusion.calibration import Calibration
from sersnake.fusion.final import FinalClassifier, late_features
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.io.audio import as_signal
from sersnake.model.attention import Attention
from sersnake.model.extraction import Extraction, Rows
from sersnake.model.novelty import Novelty
from sersnake.model.silence import SILENT, is_silent
from sersnake.settings.streams import StreamChoice, Streams, read_by
from sersnake.training.scaling import ZScore
from sersnake.training.voice_scaling import VoiceScaling

if TYPE_CHECKING:
    import pandas as pd

Arrays = Mapping[str, NDArray[np.float32]]
Scores = Mapping[str, ZScore]  # by feature sets


@dataclass(frozen=True)
class Prediction:
    """The predictions of a model for N utterances.

    Attributes:
        emotions: The predicted emotion of each, or ``silent``.
        scores: ``float64 (N, C)``, in the order of the model's labels; the largest is predicted.
            NaN where nothing is to be heard.
        probabilities: ``float64 (N, C)``, the same as calibrated probabilities, 1 in all; NaN
            where nothing is to be heard, and of a model that is not calibrated.
        attentions: What the network of a stream attends to in each; None without one and in
            silence.
        distances: ``float64 (N,)``, how far each is from what the model was trained on.
        unusual: ``bool (N,)``, whether that is farther than 99 % of the corpus' held-out
            utterances are.
    """

    emotions: list[str]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    attentions: Sequence[Attention | None]
    distances: NDArray[np.float64]
    unusual: NDArray[np.bool_]

    @property
    def moments(self) -> NDArray[np.float64]:
        """Time in s that the attention weighs most, ``(N,)``; NaN where there is none."""
        return np.array([each.moment if each else np.nan for each in self.attentions])

    def silenced(self, silent: NDArray[np.bool_]) -> Prediction:
        """The same, without an emotion where ``silent (N,)`` is true."""
        emotions = [
            SILENT if quiet else name for quiet, name in zip(silent, self.emotions, strict=True)
        ]
        return replace(
            self,
            emotions=emotions,
            scores=np.where(silent[:, None], np.nan, self.scores),
            probabilities=np.where(silent[:, None], np.nan, self.probabilities),
            attentions=[
                None if quiet else each for quiet, each in zip(silent, self.attentions, strict=True)
            ],
        )


@dataclass(frozen=True)
class Model:
    """Networks with their classifier, and all that prediction needs.

    Attributes:
        labels: The C emotions.
        extraction: How features are made.
        crop: Maximum number of frames of an utterance; 0 uses all.
        streams: The streams of the networks.
        scalings: z-score of each feature set that a network reads, by its name.
        networks: Weights of each network by its name, arrays ``(S, …)`` for S members; empty for a
            baseline.
        classifier: What tells the emotions from the networks' embeddings, from feature sets, or
            from both.
        novelty: What counts as unusual.
        about: Corpus, protocol, measured accuracy and so on, as ``model.json`` has it.
        calibration: How scores become probabilities; None for older models.
        voices: How each feature set that a network reads is scaled by speaker, by its name; empty
            where networks are trained on the training set's z-scores alone.
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
    voices: Mapping[str, VoiceScaling] = field(default_factory=dict)

    @property
    def members(self) -> int:
        """S, networks of each kind; 1 without networks."""
        return len(self.novelty.middles)

    def read_by(self, network: str) -> dict[str, StreamChoice]:
        """The streams of a network."""
        return read_by(network, self.streams)

    def predict(self, *recordings: str | Path, probabilities: bool = False) -> pd.DataFrame:
        """Predicts the emotion in recordings.

        Args:
            recordings: Files, folders or patterns, as ``sersnake predict`` takes them.
            probabilities: Whether to return probabilities instead of scores.

        Returns:
            A row per recording with the columns of ``sersnake predict``: file, start, end, emotion,
            score_<emotion>, moment, distance, unusual.

        Raises:
            SersnakeError: A recording cannot be read.
        """
        from sersnake.model.prediction.frame import predict_frame

        return predict_frame(self, list(map(str, recordings)), probabilities)

    def ready(self) -> Recogniser:
        """The model ready to work.

        Raises:
            SersnakeError: An encoder is missing or another.
        """
        return Recogniser(self)


class Recogniser:
    """A model with its networks and encoders."""

    def __init__(self, model: Model) -> None:
        """Builds the networks, and loads encoders.

        Raises:
            SersnakeError: As :meth:`Model.ready`.
        """
        from sersnake.model.embedder import Embedder

        self.model, self.embedder = model, Embedder(model)
        model.extraction.load()

    def predict(self, signals: Sequence[NDArray[np.float32]]) -> Prediction:
        """Predicts the emotion in each of N signals, or silence.

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

    def judge(
        self,
        features: Sequence[Rows],
        enrolled: Enrolled | None = None,
        voices: Sequence[Scores] | None = None,
    ) -> Prediction:
        """The same from features.

        Args:
            features: Of each of N utterances every feature set, ``float32 (rows, D)``.
            enrolled: Their speakers, and the enrolled utterances of these.
            voices: As for :meth:`blocks`.
        """
        model = self.model
        embeddings, attentions = self.embedder(features, voices)
        late = self._late(features)
        scores = model.classifier.scores({**embeddings, **late}, enrolled)
        distances = model.novelty.distances(model.classifier.scaled(embeddings or late, enrolled))
        calibration = model.calibration
        return Prediction(
            [model.labels[best] for best in scores.argmax(1)],
            scores,
            calibration.probabilities(scores) if calibration else np.full_like(scores, np.nan),
            attentions,
            distances,
            distances > model.novelty.threshold,
        )

    def blocks(
        self, features: Sequence[Rows], voices: Sequence[Scores] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """The classifier's input for N utterances, ``float32 (S, N, D)`` by name.

        Args:
            features: Of each every feature set, ``float32 (rows, D)``.
            voices: Of each the z-scores of its speaker by the feature sets that networks read;
                without them the training set's.
        """
        return {**self.embedder(features, voices)[0], **self._late(features)}

    def _late(self, features: Sequence[Rows]) -> dict[str, NDArray[np.float32]]:
        return {
            block: np.stack([of_one[name][0] for of_one in features])[None]
            for name, block in late_features(self.model.classifier).items()
        }
