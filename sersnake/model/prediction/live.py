"""Predictions for a recording while it is being made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.audio import MIN_DURATION, SAMPLE_RATE
from sersnake.model.prediction.enrolment import KnownSpeakers
from sersnake.model.prediction.inputs import STANDARD_INPUT
from sersnake.model.prediction.rows import Row, hear, judge
from sersnake.model.prediction.segments import Segments

if TYPE_CHECKING:
    from sersnake.model import Recogniser


def follow_rows(
    recogniser: Recogniser,
    pieces: Iterable[NDArray[np.float32]],
    segments: Segments,
    refuse: Callable[[str], None],
    known: KnownSpeakers | None = None,
) -> Iterator[list[Row]]:
    """Predicts the emotion of each window as soon as it is complete.

    Args:
        recogniser: The model.
        pieces: The sound, ``(samples,)`` each at 16 kHz.
        segments: Windows.
        refuse: Called with the reason if prediction must stop.
        known: The enrolled speakers.

    Yields:
        The row of a window, as :func:`~sersnake.model.prediction.rows.predict_rows` gives for the
        whole recording.
    """
    extraction = recogniser.model.extraction
    try:
        for start, signal in cut_stream(pieces, segments):
            yield judge(recogniser, [hear(STANDARD_INPUT, start, signal, extraction)], known)
    except SersnakeError as error:
        refuse(str(error))


def cut_stream(
    pieces: Iterable[NDArray[np.float32]], segments: Segments
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The windows of a sound of unknown length, one at a time.

    Args:
        pieces: ``(samples,)`` each.
        segments: Windows.

    Yields:
        First sample, and the samples of each segment of :meth:`Segments.cut`.

    Raises:
        SersnakeError: The sound is shorter than any recording may be.
    """
    window, hop = segments.samples
    kept, first, start, last = np.empty(0, np.float32), 0, 0, -1
    for piece in pieces:
        kept = np.concatenate([kept, piece])
        while start + window <= first + len(kept):
            yield start, kept[start - first : start - first + window]
            start, last = start + hop, start
        # The last window ends with the recording, wherever that may be.
        needed = max(first, min(start, first + len(kept) - window))
        kept, first = kept[needed - first :].copy(), needed
    total = first + len(kept)
    if total < MIN_DURATION * SAMPLE_RATE:
        raise SersnakeError(
            f"standard input: lasts {total / SAMPLE_RATE:.3f} s, but at least {MIN_DURATION} s "
            "are needed; record longer"
        )
    final = max(0, total - window)
    if final != last:
        yield final, kept[final - first :]
