"""A model from networks trained on a whole corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.calibration import Calibration
from sersnake.fusion.copies import with_copies
from sersnake.fusion.final import late_block, parts_of
from sersnake.fusion.fold import FoldData
from sersnake.fusion.origin import Origin
from sersnake.fusion.part import ClassifierRecipe
from sersnake.fusion.scaling import Blocks, BlockScaling, rows_of, side_by_side
from sersnake.fusion.speaker_scaling import SpeakerScaling
from sersnake.fusion.strength import known_by
from sersnake.io import Features
from sersnake.model.extraction import Extraction
from sersnake.model.model import Arrays, Model
from sersnake.model.novelty import QUANTILE, Novelty, class_middles, nearest
from sersnake.protocols.enrolment import draw_of_fold, may_enrol
from sersnake.settings.enrolment import Enrolment
from sersnake.settings.streams import Streams, read_by
from sersnake.training.dataset import reads_frames
from sersnake.training.embeddings import Embeddings
from sersnake.training.scaling import ZScore
from sersnake.training.voice_scaling import VoiceScaling
from sersnake.training.voices import fit_voices
from sersnake.training.weights import NETWORK, Weights


@dataclass(frozen=True)
class TrainingData:
    """The training data of the networks.

    Attributes:
        emotions: ``(N,)``, emotion of each utterance.
        origin: Their speakers, and what inner folds do not share.
        order: The C emotions.
        features: Packed features of the N utterances by name: those that a network reads, and those
            with their own classifier; for a baseline those that it joins.
        copies: For a baseline, the same features of degraded copies, in the same order, by
            condition.
    """

    emotions: NDArray[np.str_]
    origin: Origin
    order: Sequence[str]
    features: Mapping[str, Features]
    copies: Mapping[str, Sequence[Features]] = field(default_factory=dict)

    def with_copies(self, fold: FoldData) -> FoldData:
        """A fold of the N utterances followed by the copies."""
        copies = {
            condition: dict(zip(fold.blocks, [pack.values[None] for pack in packs], strict=True))
            for condition, packs in self.copies.items()
        }
        return with_copies(fold, copies)


class HeldOut(NamedTuple):
    """The folds of a run, in which the same system was fitted without their test sets.

    Attributes:
        folds: Positions of each one's training and test set.
        embeddings: Gives each network's features ``(S, N, D)`` in the fold of a number.
    """

    folds: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
    embeddings: Callable[[int], Blocks]


def make_model(
    corpus: TrainingData,
    networks: Mapping[str, Arrays],
    embeddings: Blocks,
    *,
    recipe: ClassifierRecipe,
    held_out: HeldOut,
    calibration: Calibration,
    streams: Streams,
    crop: int,
    about: Mapping[str, Any],
    draw_seed: int | None = None,
) -> Model:
    """Fits the classifier on the networks' features and puts all parts together.

    Args:
        corpus: The training data.
        networks: As :func:`read_networks` returns them; none for a baseline.
        embeddings: Each network's features ``(S, N, D)`` of S members.
        recipe: How the classifier is fitted.
        held_out: The folds of a run of the same system.
        calibration: As :func:`sersnake.evaluation.calibration.held_out_calibration` gives it.
        streams: The networks'.
        crop: Maximum number of frames for the networks; 0 is all.
        about: Facts about the model for ``model.json``.
        draw_seed: Seed for drawing enrolled recordings, if they scale the networks' features.
    """
    names = recipe.fusion.features if networks else corpus.features
    late = {late_block(name): corpus.features[name].values[None] for name in names}
    everything = np.arange(len(corpus.emotions))
    whole = FoldData(
        {**embeddings, **late}, corpus.emotions, corpus.origin, everything, everything[:0]
    )
    classifier = corpus.with_copies(whole).fit(corpus.order, recipe)
    enrolled = None
    if classifier.speakers:
        known = everything, may_enrol(corpus.emotions, recipe.enrolment)
        enrolled = known_by({**embeddings, **late}, corpus.origin.voices, *known)
    scaled = classifier.scaled(embeddings or late, enrolled)
    threshold = held_out_threshold(corpus, held_out, recipe, classifier.speakers)
    middles = [class_middles(features, corpus.emotions, corpus.order) for features in scaled]
    voices = {}
    if draw_seed is not None:
        voices = _voices(corpus, networks, streams, recipe.enrolment, draw_seed)
    return Model(
        tuple(corpus.order),
        Extraction.from_dict({name: pack.options for name, pack in corpus.features.items()}),
        crop,
        streams,
        _scalings(corpus, networks, streams),
        networks,
        classifier,
        Novelty(np.stack(middles), threshold),
        about,
        calibration,
        voices,
    )


def _scalings(corpus: TrainingData, networks: Iterable[str], streams: Streams) -> dict[str, ZScore]:
    """z-scores over the whole corpus, as in training."""
    everything = np.arange(len(corpus.emotions))
    return {
        name: ZScore.fit_features(pack, frames, everything)
        for name, pack, frames in _read(corpus, networks, streams)
    }


def _voices(
    corpus: TrainingData,
    networks: Iterable[str],
    streams: Streams,
    enrolment: Enrolment,
    seed: int,
) -> dict[str, VoiceScaling]:
    """Speaker scaling of each feature set, as in training."""
    everything = np.arange(len(corpus.emotions))
    of, parts = corpus.origin, (everything, everything[:0])
    draw = draw_of_fold(of.voices, of.speakers, corpus.emotions, *parts, enrolment, seed)
    labels = np.array([list(corpus.order).index(name) for name in corpus.emotions])
    return {
        name: fit_voices(pack, frames, everything, labels, draw)
        for name, pack, frames in _read(corpus, networks, streams)
    }


def _read(
    corpus: TrainingData, networks: Iterable[str], streams: Streams
) -> Iterator[tuple[str, Features, bool]]:
    """Name and pack of each feature set that networks read, and whether it has frames."""
    for stream in (s for network in networks for s in read_by(network, streams).values()):
        pack = corpus.features[stream.features]
        yield stream.features, pack, reads_frames(stream, pack)


def read_networks(
    weights: Sequence[str | Path], embeddings: Sequence[str | Path]
) -> dict[str, Arrays]:
    """The weights of each network by its name, arrays ``(S, …)``.

    Args:
        weights: Weights from training, one file per network, member by member.
        embeddings: The same networks' embeddings, which name the networks.

    Raises:
        SersnakeError: The files are not in pairs, a file is missing or contains something else, or
            members differ in shape.
    """
    if len(weights) != len(embeddings):
        raise SersnakeError(
            "--weights and --embeddings: give one file of each per network and member"
        )
    members: dict[str, list[tuple[Path, Arrays]]] = {}
    for of_weights, of_features in zip(map(Path, weights), map(Path, embeddings), strict=True):
        arrays = Weights.load(of_weights).networks
        network = {name.removeprefix(NETWORK): array for name, array in arrays.items()}
        members.setdefault(Embeddings.load(of_features).network, []).append((of_weights, network))
    return {name: _joined(name, each) for name, each in members.items()}


def _joined(network: str, members: Sequence[tuple[Path, Arrays]]) -> Arrays:
    """The weights of all members, one after the other."""
    (first, weights), *more = members
    for path, member in more:
        if _shapes(member) != _shapes(weights):
            raise SersnakeError(
                f"{path}: its {network} differs in shape from that of {first}; name members that "
                "were trained with the same settings"
            )
    return {name: np.concatenate([each[name] for _, each in members]) for name in weights}


def _shapes(network: Arrays) -> dict[str, tuple[int, ...]]:
    """The shape of each array of a member."""
    return {name: array.shape[1:] for name, array in network.items()}


def held_out_threshold(
    corpus: TrainingData,
    held_out: HeldOut,
    recipe: ClassifierRecipe,
    speakers: SpeakerScaling | None,
) -> float:
    """The distance that one in a hundred held-out utterances of the corpus exceeds.

    Args:
        corpus: The training data.
        held_out: The folds of a run.
        recipe: How the classifier is fitted.
        speakers: Its speaker scaling, if any; each speaker is then enrolled with all eligible
            utterances.
    """
    distances = []
    for number, (train, test) in enumerate(held_out.folds):
        alone = FoldData(held_out.embeddings(number), corpus.emotions, corpus.origin, train, test)
        fold = corpus.with_copies(alone)
        blocks = fold.blocks
        if speakers:
            blocks = _by_speaker(fold, recipe, float(speakers.strength[0]))
        emotions = corpus.emotions[train]
        known, classes = rows_of(blocks, fold.train), sorted(set(emotions))
        names = parts_of(blocks, recipe.fusion)
        scalings = [BlockScaling.fit(part, known, recipe.fusion) for part in names]
        of_members = [
            nearest(rows[test], class_middles(rows[train], emotions, classes))
            for rows in side_by_side(scalings, blocks)
        ]
        distances.append(np.mean(of_members, axis=0))
    return float(np.quantile(np.concatenate(distances), QUANTILE))


def _by_speaker(fold: FoldData, recipe: ClassifierRecipe, strength: float) -> Blocks:
    scaling = SpeakerScaling.fit(rows_of(fold.blocks, fold.train), strength)
    known = np.arange(len(fold.emotions)), may_enrol(fold.emotions, recipe.enrolment)
    return scaling(fold.blocks, known_by(fold.blocks, fold.origin.voices, *known))
