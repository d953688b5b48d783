"""Segments from a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.io.audio import MIN_DURATION, SAMPLE_RATE
from sersnake.model.prediction.inputs import place_of
from sersnake.model.prediction.segments import Places, Segments
from sersnake.model.prediction.speaker_tables import NAMES

SEPARATORS = ",;\t"
SLACK = 0.05  # s by which a segment may reach beyond its recording: times in tables are rounded
DAYS = re.compile(r"(?:(\d+) days? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")  # audformat's times
Times = tuple[float, float | None]  # start and end in s; None is the end of the recording


class SegmentTable:
    """The segments of a CSV file with the columns file, start and end.

    Attributes:
        whole: Recordings are never left whole.
        names: The recordings in it, each once, in its order.
    """

    whole = False

    def __init__(self, path: str | Path, windows: Segments) -> None:
        """Reads the table.

        Args:
            path: Times are in s, or as audformat writes them; a row without an end goes on to that
                of the recording.
            windows: What longer segments are cut into.

        Raises:
            SersnakeError: The file cannot be read, lacks a column, a row names no recording, or a
                time cannot be one.
        """
        self.path, self._windows = path, windows
        self._times: dict[str, list[Times]] = {}
        names: dict[str, str] = {}
        for name, times in _read(path):
            names.setdefault(place_of(name), name)
            self._times.setdefault(place_of(name), []).append(times)
        self.names = list(names.values())

    def require(self, names: Sequence[str]) -> None:
        """Checks, before the work begins, that each of some recordings has segments.

        Raises:
            SersnakeError: One has none.
        """
        for name in names:
            if place_of(name) not in self._times:
                raise SersnakeError(
                    f"{name}: has no row in {self.path}; add one, or omit the recording"
                )

    def places(self, recording: str, signal: NDArray[np.float32]) -> Places:
        """The segments of a recording, in the table's order.

        Raises:
            SersnakeError: One reaches beyond the recording.
        """
        places: Places = []
        for begin, until in self._times[place_of(recording)]:
            start = round(begin * SAMPLE_RATE)
            end = len(signal) if until is None else round(until * SAMPLE_RATE)
            if end > len(signal) + SLACK * SAMPLE_RATE or start >= len(signal):
                raise SersnakeError(
                    f"lasts {len(signal) / SAMPLE_RATE:.3f} s, but a row of {self.path} ends at "
                    f"{begin if until is None else until:g} s; correct it"
                )
            parts = self._windows.cut(min(end, len(signal)) - start)
            places += [(start + first, start + last) for first, last in parts]
        return places


def _read(path: str | Path) -> Iterator[tuple[str, Times]]:
    """The rows of a table: name of the recording, and times."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SersnakeError(f"{path}: cannot be read as a table of segments ({error})") from error
    lines = text.splitlines()
    separator = max(SEPARATORS, key=lines[0].count) if lines else ","
    reader = csv.DictReader(lines, delimiter=separator, skipinitialspace=True)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    column = next((name for name in NAMES if name in reader.fieldnames), None)
    if column is None or not {"start", "end"} <= set(reader.fieldnames):
        raise SersnakeError(
            f"{path}: needs the columns file (or path), start and end (in s); rename them"
        )
    for row in reader:
        if not (row[column] or "").strip():
            raise SersnakeError(
                f"{path}: line {reader.line_num}: names no recording; fill in {column} or remove "
                "the row"
            )
        start, end = (_seconds(row[name] or "", path, reader.line_num) for name in ("start", "end"))
        begin = start or 0.0
        if begin < 0 or (end is not None and end - begin < MIN_DURATION):
            raise SersnakeError(
                f"{path}: line {reader.line_num}: a segment must begin at 0 s or later and last "
                f"at least {MIN_DURATION} s; correct its times"
            )
        yield row[column], (begin, end)


def _seconds(text: str, path: str | Path, line: int) -> float | None:
    """A time; None of an empty one."""
    if text.strip() in ("", "NaT"):
        return None
    try:
        if days := DAYS.fullmatch(text.strip()):
            day, hour, minute, second = (float(part or 0) for part in days.groups())
            return 86400 * day + 3600 * hour + 60 * minute + second
        seconds = float(text)
    except ValueError:
        seconds = np.nan
    if not np.isfinite(seconds):
        raise SersnakeError(f"{path}: line {line}: {text} is not a time in s; correct it")
    return seconds
