"""Verbs of feature extraction: features of recordings, and the pack of a whole corpus."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_output, add_verb
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError
from sersnake.settings.degradation import CONDITIONS
from sersnake.settings.feature_kinds import FEATURE_KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sersnake.io.audio import Segment

    # A signal as it is heard, of the utterance of a name.
    Heard = Callable[[NDArray[np.float32], str], NDArray[np.float32]]

NAMED = 10  # utterances that a message names


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "extract",
        "Extract one kind of features. Recordings of any rate and number of channels are "
        "converted to 16 kHz mono first.",
        extract,
    )
    parser.add_argument("kind", choices=tuple(FEATURE_KINDS), help="kind of features")
    _add_audio(parser)
    parser = add_verb(
        verbs,
        "extract-degraded",
        "Extract features of degraded recordings: noise, a telephone, a room, a codec and others.",
        extract_degraded,
    )
    parser.add_argument("kind", choices=tuple(FEATURE_KINDS), help="kind of features")
    parser.add_argument(
        "--condition",
        choices=tuple(CONDITIONS),
        required=True,
        default=argparse.SUPPRESS,
        help="degradation (docs/results/robustness.md), applied in memory",
    )
    _add_audio(parser)
    parser = add_verb(verbs, "pack", "Join features in the manifest's order.", pack)
    parser.add_argument("features", type=Path, nargs="+", help="files to join")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    parser.add_argument(
        "--layers",
        type=int,
        nargs="+",
        help="layers to keep, of the means of a pretrained encoder's layers",
    )
    add_output(parser, "packed features")


def _add_audio(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio", type=Path, nargs="+", help="recordings")
    parser.add_argument(
        "--names",
        nargs="+",
        default=None,
        metavar="NAME",
        help="utterance name of each recording, if it is not the file's stem",
    )
    parser.add_argument(
        "--segments",
        nargs="+",
        default=None,
        metavar="START:END",
        help="part of each recording to use as its utterance, in s; a missing number means the "
        "beginning or the end of the recording",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        default=None,
        help="skip recordings that cannot be read, with a line on standard error for each",
    )
    add_settings(parser)
    add_output(parser, "features")


def extract(options: argparse.Namespace) -> None:
    """Writes features of recordings; an error names the recording."""
    _extract(options, lambda signal, _: signal, {})


def extract_degraded(options: argparse.Namespace) -> None:
    """Writes features of recordings under a condition; an error names the recording."""
    from sersnake.features.degradations import degrade

    condition = options.condition
    _extract(
        options, lambda signal, name: degrade(signal, condition, name), {"condition": condition}
    )


def _extract(options: argparse.Namespace, heard: Heard, told: Mapping[str, str]) -> None:
    """Writes features of each signal under its utterance's name."""
    from sersnake.features.extractor import feature_kind, make_extractor, pack_options, pinned
    from sersnake.io import Features
    from sersnake.io.progress import report_files

    (settings,) = settings_of(options, feature_kind(options.kind).settings)
    settings = pinned(options.kind, settings)
    rows_of = make_extractor(options.kind, settings)
    names = _names(options.audio, options.names)
    segments = _segments(options.segments, len(names))
    rows = {}
    files = report_files(options.audio, sys.stderr)
    for path, name, segment in zip(files, names, segments, strict=True):
        signal = _read(path, segment, options.skip_bad)
        if signal is None:
            continue
        try:
            rows[name] = rows_of(heard(signal, name))
        except SersnakeError as error:
            raise SersnakeError(f"{path}: {error}") from error
    about = {**pack_options(options.kind, settings), **told}
    Features.stack(list(rows), list(rows.values()), about).save(options.output)


def _read(path: Path, segment: Segment, skip_bad: bool | None) -> NDArray[np.float32] | None:
    """The signal, or None if the recording cannot be read and may be skipped."""
    from sersnake.io.audio import read_audio

    try:
        return read_audio(path, start=segment[0], end=segment[1])
    except SersnakeError as error:
        if not skip_bad:
            raise
        print(f"skipped: {error}", file=sys.stderr)
        return None


def _names(audio: Sequence[Path], names: Sequence[str] | None) -> list[str]:
    from sersnake.io.names import written

    # Names of files may hold bytes that are no text.
    utterances = [written(name) for name in names or [path.stem for path in audio]]
    if len(utterances) != len(audio):
        raise SersnakeError(f"--names: {len(utterances)} names for {len(audio)} recordings")
    twice = sorted(name for name, count in Counter(utterances).items() if count > 1)
    if twice:
        raise SersnakeError(
            f"two recordings are named {twice[0]!r}; give unique names with --names"
        )
    return utterances


def _segments(texts: Sequence[str] | None, count: int) -> list[Segment]:
    """Start and end of the utterance in each of ``count`` recordings, in s."""
    from sersnake.io.audio import WHOLE

    if texts is None:
        return [WHOLE] * count
    if len(texts) != count:
        raise SersnakeError(f"--segments: {len(texts)} segments for {count} recordings")
    return [_segment(text) for text in texts]


def _segment(text: str) -> Segment:
    start, colon, end = text.partition(":")
    try:
        segment = float(start or 0), float(end) if end else None
    except ValueError:
        colon = ""
    if not colon:
        raise SersnakeError(f"--segments: {text!r} is not START:END, in s")
    return segment


def pack(options: argparse.Namespace) -> None:
    """Writes one file with the features of the whole corpus."""
    from sersnake.features.encoder_layers import cut_layers
    from sersnake.io import Features, PackJoin, atomic_path, read_csv

    utterances = read_csv(options.manifest, ["utterance"])["utterance"].tolist()
    join = PackJoin(options.features, utterances)
    _refuse_missing(join.missing, options.manifest)
    with atomic_path(options.output) as joined:
        join.write(joined)
        if options.layers:
            cut_layers(Features.load(joined), options.layers).save(joined)


def _refuse_missing(missing: Sequence[str], manifest: Path) -> None:
    """Raises an error that names utterances of the manifest without features."""
    from sersnake.io.words import first_of

    if missing:
        raise SersnakeError(
            f"{manifest}: features are missing for {first_of(missing, NAMED)}; extract them "
            "again, the log names the skipped recordings"
        )
