"""The answers to many recordings, while the next ones are being read."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from sersnake.errors import SersnakeError
from sersnake.io.audio import SAMPLE_RATE, read_audio
from sersnake.model.prediction.headers import duration
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.segments import Segments
from sersnake.model.silence import is_silent

if TYPE_CHECKING:
    from sersnake.model import Recogniser
    from sersnake.model.extraction import Extraction, Rows

BATCH = 32  # recordings that the networks see at a time
VERY_LONG = 600.0  # s; of recordings beyond, only one is in memory at a time, if it is not cut
AHEAD = 2  # batches whose features are made before the networks have seen the first of them


@dataclass(frozen=True)
class Row:
    """The answer for a recording, or for a segment of it.

    Attributes:
        file: As the user called it.
        start: In s.
        end: In s.
        emotion: The predicted one, or ``silent``.
        scores: One per emotion, in the order of the model's labels; NaN in silence.
        probabilities: The same; NaN in silence, and of a model that is not calibrated.
        moment: Time in the recording that the attention weighs most, in s; NaN without ACLN and
            in silence.
        distance: How far it is from the training data.
        unusual: Whether that is more than usual.
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

    @property
    def silent(self) -> bool:
        """Whether nothing is to be heard."""
        return math.isnan(self.scores[0])


@dataclass(frozen=True)
class _Piece:
    """Features of one segment."""

    file: str
    start: float
    end: float
    features: Rows
    silent: bool


_ALONE = Lock()

_Outcome = list[_Piece] | str  # or why there is nothing


def predict_rows(
    recogniser: Recogniser,
    recordings: Sequence[Recording],
    segments: Segments,
    refuse: Callable[[str], None],
    threads: int = 1,
) -> Iterator[list[Row]]:
    """Says which emotion is heard, batch by batch, in the order of the recordings.

    Args:
        recogniser: The model.
        recordings: What to listen to.
        segments: How recordings are cut.
        refuse: Takes why a recording is left out, a sentence each.
        threads: Recordings whose features are made at a time, beside the networks' work.

    Yields:
        The rows of up to 32 recordings.
    """
    extraction = recogniser.model.extraction
    # openSMILE and the MFCC kernel leave Python to others while they work.
    with ThreadPoolExecutor(threads) as pool:
        pending: deque[Future[_Outcome]] = deque()
        for recording in recordings:
            pending.append(pool.submit(_features, recording, segments, extraction))
            if len(pending) == AHEAD * BATCH:
                yield _judged(recogniser, _next(pending), refuse)
        while pending:
            yield _judged(recogniser, _next(pending), refuse)


def _next(pending: deque[Future[_Outcome]]) -> list[_Outcome]:
    """Features of the next recordings, in their order."""
    return [pending.popleft().result() for _ in range(min(BATCH, len(pending)))]


def _features(recording: Recording, segments: Segments, extraction: Extraction) -> _Outcome:
    """Features of every segment; of a recording that cannot be used, why."""
    seconds = duration(recording.path) or 0.0
    try:
        with _ALONE if seconds > VERY_LONG and not segments.window else nullcontext():
            return _pieces(recording, segments, extraction)
    except SersnakeError as error:
        return str(error).replace(str(recording.path), recording.name)


def _pieces(recording: Recording, segments: Segments, extraction: Extraction) -> list[_Piece]:
    signal = read_audio(recording.path)
    places = segments.cut(len(signal))
    cut = [signal[start:end] for start, end in places]
    try:
        features = [extraction.features(part) for part in cut]
    except SersnakeError as error:
        raise SersnakeError(f"{recording.path}: {error}") from error
    return [
        _Piece(
            recording.name,
            start / SAMPLE_RATE,
            end / SAMPLE_RATE,
            features[i],
            is_silent(cut[i]),
        )
        for i, (start, end) in enumerate(places)
    ]


def _judged(
    recogniser: Recogniser, outcomes: Sequence[_Outcome], refuse: Callable[[str], None]
) -> list[Row]:
    pieces: list[_Piece] = []
    for each in outcomes:
        if isinstance(each, str):
            refuse(each)
        else:
            pieces += each
    if not pieces:
        return []
    silent = np.array([piece.silent for piece in pieces])
    prediction = recogniser.judge([piece.features for piece in pieces]).silenced(silent)
    return [
        Row(
            piece.file,
            piece.start,
            piece.end,
            prediction.emotions[i],
            tuple(prediction.scores[i].tolist()),
            tuple(prediction.probabilities[i].tolist()),
            piece.start + float(prediction.moments[i]),
            float(prediction.distances[i]),
            bool(prediction.unusual[i]),
        )
        for i, piece in enumerate(pieces)
    ]
