"""Tables of recordings with their speakers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sersnake.errors import SersnakeError
from sersnake.io import read_csv
from sersnake.model.prediction.enrolment import SpeakerOf
from sersnake.model.prediction.inputs import place_of

COLUMN = "column"  # of --speaker-from
NAMES = ("file", "path")  # of the column that names recordings, the first that there is


def read_table(path: str | Path) -> dict[str, str]:
    """The speaker of each recording in a CSV file, in its order.

    Raises:
        SersnakeError: The file cannot be read, lacks a column, or a row has no speaker.
    """
    table = read_csv(path, ["speaker"], text=True)
    column = next((name for name in NAMES if name in table), None)
    if column is None:
        raise SersnakeError(f"{path}: has no column file (or path) that names recordings; add it")
    speakers: dict[str, str] = {}
    for name, speaker in zip(table[column], table["speaker"], strict=True):
        if not speaker.strip():
            raise SersnakeError(f"{path}: {name} has no speaker; add one, or remove the row")
        if speakers.setdefault(name, speaker) != speaker:
            raise SersnakeError(
                f"{path}: {name} has the speakers {speakers[name]} and {speaker}; remove one row"
            )
    return speakers


def table_rule(paths: Sequence[str | Path]) -> SpeakerOf:
    """How tables give the speaker of a recording, however its path is spelled.

    Raises:
        SersnakeError: There is no table, one cannot be used, or two name different speakers.
    """
    if not paths:
        raise SersnakeError(
            "--speaker-from column: give --files-from or --enrol a CSV file with the columns file "
            "and speaker"
        )
    speakers: dict[str, str] = {}
    for path in paths:
        for name, speaker in read_table(path).items():
            known = speakers.setdefault(place_of(name), speaker)
            if known != speaker:
                raise SersnakeError(
                    f"{path}: {name} has the speaker {speaker}, in another table {known}; correct "
                    "one"
                )

    def rule(name: str) -> str:
        try:
            return speakers[place_of(name)]
        except KeyError:
            tables = ", ".join(map(str, paths))
            raise SersnakeError(
                f"{name}: --speaker-from column needs a row with its speaker; add it to {tables}"
            ) from None

    return rule
