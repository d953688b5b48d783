"""Predictions for many recordings, while the next ones are being read."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.fusion.speaker_scaling import Enrolled
from sersnake.io.audio import SAMPLE_RATE, read_audio
from sersnake.model.prediction.enrolment import KnownSpeakers, SpeakerOf
from sersnake.model.prediction.headers import duration
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.segments import Cutting
from sersnake.model.silence import is_silent

if TYPE_CHECKING:
    from sersnake.model import Recogniser
    from sersnake.model.attention import Attention
    from sersnake.model.extraction import Extraction, Rows
    from sersnake.model.model import Scores

BATCH = 32  # recordings that the networks see at a time
VERY_LONG = 600.0  # s; of recordings beyond, only one is in memory at a time, if it is not cut
AHEAD = 2  # batches whose features are made before the networks have seen the first of them


@dataclass(frozen=True)
class Row:
    """The prediction for a recording, or for a segment of it.

    Attributes:
        file: Name of the recording as given by the user.
        start: In s.
        end: In s.
        emotion: The predicted one, or ``silent``.
        scores: One per emotion, in the order of the model's labels; NaN in silence.
        probabilities: The same; NaN in silence, and of a model that is not calibrated.
        moment: Time in the recording that the attention weighs most, in s; NaN without ACLN and
            in silence.
        attention: Attention weights over the segment; None where moment is NaN.
        distance: Distance from the training data.
        unusual: Whether the distance is unusual.
        enrolled: Number of enrolled utterances of its speaker; None without enrolment.
    """

    file: str
    start: float
    end: float
    emotion: str
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    moment: float
    distance: float
    unusual: bool
    enrolled: int | None = None
    attention: Attention | None = None

    @property
    def silent(self) -> bool:
        """Whether it is silent."""
        return math.isnan(self.scores[0])


@dataclass(frozen=True)
class Piece:
    """One segment.

    Attributes:
        file: Name of its recording as given by the user.
        start: In s.
        end: In s.
        features: Input of the networks and the classifier.
        silent: Whether it is silent.
    """

    file: str
    start: float
    end: float
    features: Rows
    silent: bool


_ALONE = Lock()

_Outcome = list[Piece] | str  # or why there is nothing


def predict_rows(
    recogniser: Recogniser,
    recordings: Sequence[Recording],
    segments: Cutting,
    refuse: Callable[[str], None],
    threads: int = 1,
    known: KnownSpeakers | None = None,
) -> Iterator[list[Row]]:
    """Predicts the emotion, batch by batch, in the order of the recordings.

    Args:
        recogniser: The model.
        recordings: The input.
        segments: How recordings are cut.
        refuse: Called with the reason for each recording that is left out.
        threads: Number of recordings whose features are extracted at a time, in parallel to the
            networks.
        known: The enrolled speakers.

    Yields:
        The rows of up to 32 recordings.
    """
    for outcomes in _heard(recogniser, recordings, segments, threads):
        yield judge(recogniser, _usable(outcomes, refuse), known)


def enrol_recordings(
    recogniser: Recogniser,
    recordings: Sequence[Recording],
    segments: Cutting,
    refuse: Callable[[str], None],
    speaker_of: SpeakerOf,
    threads: int = 1,
) -> KnownSpeakers:
    """Enrols speakers with recordings, or segments of them.

    Args:
        recogniser: The model.
        recordings: The input.
        segments: How recordings are cut.
        refuse: Called with the reason for each recording that is left out.
        speaker_of: Gives the speaker from the name of a recording.
        threads: Recordings whose features are made at a time.

    Raises:
        SersnakeError: The model does not scale by speaker, no recording can be used, or a name does
            not give the speaker.
    """
    classifier = recogniser.model.classifier
    if not classifier.speakers:
        raise SersnakeError(
            "--enrol: this model has no speaker normalisation; make one from a run with "
            "enrolment: {utterances: 10}"
        )
    heard: Iterable[list[Piece]] = (
        [piece for piece in _usable(outcomes, refuse) if not piece.silent]
        for outcomes in _heard(recogniser, recordings, segments, threads)
    )
    scores: dict[str, Scores] = {}
    if recogniser.model.voices:  # a network reads the first recording as all of its speaker say
        heard = [*heard]
        scores = _scores_of(recogniser, chain.from_iterable(heard), speaker_of)
    parts: list[dict[str, NDArray[Any]]] = []
    speakers: list[str] = []
    for pieces in filter(None, heard):
        who = [speaker_of(piece.file) for piece in pieces]
        voices = [scores.get(name, {}) for name in who]
        parts.append(recogniser.blocks([piece.features for piece in pieces], voices))
        speakers += who
    if not parts:
        raise SersnakeError("--enrol: no recording can be used; name others")
    blocks = {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}
    known = KnownSpeakers(speaker_of, blocks, np.array(speakers), scores=scores)
    return replace(known, alike=classifier.alike(Enrolled(known.speakers, blocks, known.speakers)))


def _scores_of(
    recogniser: Recogniser, pieces: Iterable[Piece], speaker_of: SpeakerOf
) -> dict[str, Scores]:
    """The z-scores of each speaker in the networks' feature sets."""
    of: dict[str, list[Rows]] = {}
    for piece in pieces:
        of.setdefault(speaker_of(piece.file), []).append(piece.features)
    voices = recogniser.model.voices.items()
    return {
        speaker: {
            name: scaling.of_speaker([features[name] for features in recordings])
            for name, scaling in voices
        }
        for speaker, recordings in of.items()
    }


def _heard(
    recogniser: Recogniser, recordings: Sequence[Recording], segments: Cutting, threads: int
) -> Iterator[list[_Outcome]]:
    """The predictions for the recordings, up to 32 at a time, in order."""
    extraction = recogniser.model.extraction
    # openSMILE and the MFCC kernel leave Python to others while they work.
    with ThreadPoolExecutor(threads) as pool:
        pending: deque[Future[_Outcome]] = deque()
        for recording in recordings:
            pending.append(pool.submit(_features, recording, segments, extraction))
            if len(pending) == AHEAD * BATCH:
                yield _next(pending)
        while pending:
            yield _next(pending)


def _next(pending: deque[Future[_Outcome]]) -> list[_Outcome]:
    """Features of the next recordings, in their order."""
    return [pending.popleft().result() for _ in range(min(BATCH, len(pending)))]


def _features(recording: Recording, segments: Cutting, extraction: Extraction) -> _Outcome:
    """Features of every segment, or the reason why a recording cannot be used."""
    seconds = duration(recording.path) or 0.0
    try:
        with _ALONE if seconds > VERY_LONG and segments.whole else nullcontext():
            return _pieces(recording, segments, extraction)
    except SersnakeError as error:
        return str(error).replace(str(recording.path), recording.name)


def _pieces(recording: Recording, segments: Cutting, extraction: Extraction) -> list[Piece]:
    signal = read_audio(recording.path)
    try:
        return [
            hear(recording.name, start, signal[start:end], extraction)
            for start, end in segments.places(recording.name, signal)
        ]
    except SersnakeError as error:
        raise SersnakeError(f"{recording.path}: {error}") from error


def hear(name: str, start: int, signal: NDArray[np.float32], extraction: Extraction) -> Piece:
    """The features of a segment.

    Args:
        name: Name of its recording.
        start: Its first sample, at 16 kHz.
        signal: ``(samples,)`` of the segment.
        extraction: The model's.

    Raises:
        SersnakeError: It has no features.
    """
    end = start + len(signal)
    features = extraction.features(signal)
    return Piece(name, start / SAMPLE_RATE, end / SAMPLE_RATE, features, is_silent(signal))


def _usable(outcomes: Sequence[_Outcome], refuse: Callable[[str], None]) -> list[Piece]:
    pieces: list[Piece] = []
    for each in outcomes:
        if isinstance(each, str):
            refuse(each)
        else:
            pieces += each
    return pieces


def judge(
    recogniser: Recogniser, pieces: Sequence[Piece], known: KnownSpeakers | None
) -> list[Row]:
    """The predictions for some segments.

    Args:
        recogniser: The model.
        pieces: Of any recordings.
        known: The enrolled speakers.
    """
    if not pieces:
        return []
    silent = np.array([piece.silent for piece in pieces])
    files = [piece.file for piece in pieces]
    enrolled, voices = (known.enrolled(files), known.voices(files)) if known else (None, None)
    features = [piece.features for piece in pieces]
    prediction = recogniser.judge(features, enrolled, voices).silenced(silent)
    moments = prediction.moments
    return [
        Row(
            piece.file,
            piece.start,
            piece.end,
            prediction.emotions[i],
            tuple(prediction.scores[i].tolist()),
            tuple(prediction.probabilities[i].tolist()),
            piece.start + float(moments[i]),
            float(prediction.distances[i]),
            bool(prediction.unusual[i]),
            known.count(piece.file) if known else None,
            prediction.attentions[i],
        )
        for i, piece in enumerate(pieces)
    ]
