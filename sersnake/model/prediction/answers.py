"""The predictions of a call for all recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sersnake.model.prediction.headers import duration
from sersnake.model.prediction.inputs import Recording
from sersnake.model.prediction.output import Columns
from sersnake.model.prediction.rows import Row

ROUNDED = 0.01  # s by which the length in a header and that of what was heard may differ


class Answers(NamedTuple):
    """The predictions of a call.

    Attributes:
        rows: Rows of all recordings.
        recordings: The input; some recordings may have been left out.
        columns: Columns to write.
        model: The model's name.
    """

    rows: Sequence[Row]
    recordings: Sequence[Recording]
    columns: Columns
    model: str

    def by_recording(self) -> Iterator[tuple[Recording, list[Row]]]:
        """Each recording that has rows, with them."""
        rows: dict[str, list[Row]] = {}
        for row in self.rows:
            rows.setdefault(row.file, []).append(row)
        for recording in self.recordings:
            if recording.name in rows:
                yield recording, rows[recording.name]


def length(recording: Recording, rows: Sequence[Row]) -> float:
    """How long a recording lasts, in s: its segments may end before it does."""
    heard = max(row.end for row in rows)
    told = duration(recording.path) or 0.0
    return told if told > heard + ROUNDED else heard
