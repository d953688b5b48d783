"""The verbs that use a model: prediction, and export of its networks."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sersnake.cli.arguments import add_folder, add_threads, add_verb
from sersnake.cli.predict_inputs import (
    add_segments,
    add_speakers,
    cutting_of,
    in_table,
    recordings_of,
    who_speaks,
)
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.model import Model, Recogniser
    from sersnake.model.prediction import Row
    from sersnake.model.prediction.enrolment import KnownSpeakers
    from sersnake.model.prediction.inputs import Recording
    from sersnake.model.prediction.segments import Cutting

LONG = 2.0  # times the longest training utterance


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs."""
    _add_predict(verbs)
    add_verb(verbs, "models", "List the models that come with sersnake.", models)
    parser = add_verb(
        verbs,
        "include-encoders",
        "Copy the pretrained encoders of a model into its folder, so that the folder is complete.",
        include_encoders,
    )
    parser.add_argument("model", type=Path, help="folder of the model")
    parser = add_verb(
        verbs, "export-onnx", "Write the networks of a model as ONNX files.", export_onnx
    )
    parser.add_argument("model", type=Path, help="folder of the model")
    _add_modules(parser)
    add_folder(parser, "--output-dir", "folder to write")


def _add_modules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--modules",
        nargs="+",
        default=[],
        metavar="MODULE.CLASS",
        help="your own networks that may be imported, if the model was trained with one",
    )


def _add_predict(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "predict",
        "Predict the emotion in recordings. Recordings of any rate and number of channels are "
        "converted to 16 kHz mono first.",
        predict,
    )
    parser.add_argument(
        "audio",
        nargs="*",
        help="recordings, folders, patterns such as 'calls/**/*.wav', or - for a recording on "
        "standard input",
    )
    parser.add_argument(
        "--model",
        default="emodb",
        help="folder of the model (`snakemake model`), or name of a built-in one (see the verb "
        "models)",
    )
    _add_modules(parser)
    add_segments(parser)
    add_speakers(parser)
    _add_forms(parser)
    add_threads(parser, "number of recordings whose features are extracted at a time", default=0)


def _add_forms(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the output."""
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="print a calibrated probability per emotion instead of a score",
    )
    parser.add_argument(
        "--format",
        choices=("csv", "jsonl", "html", "audformat", "praat", "elan"),
        default="csv",
        help="output format: CSV rows, lines of JSON, a page with waveforms and player, or a "
        "folder with an audformat database, or with a TextGrid or an ELAN file per recording",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="file to write, or folder for audformat, praat and elan (default: standard output)",
    )


def _load(options: argparse.Namespace) -> Model:
    """The model; the user's own networks may be in the working folder."""
    from sersnake.model import load_model

    if options.modules:
        sys.path.insert(0, str(Path.cwd()))  # where `python -m sersnake` looks, unlike `sersnake`
    return load_model(options.model, options.modules)


def models(options: argparse.Namespace) -> None:
    """Prints a line per model."""
    from sersnake.model.built_in import described

    print(*described(), sep="\n")


def include_encoders(options: argparse.Namespace) -> None:
    """Copies them and prints their folders."""
    from sersnake.model.included_encoders import include_encoders as include

    print(*include(options.model), sep="\n")


def export_onnx(options: argparse.Namespace) -> None:
    """Writes the files and prints their names."""
    from sersnake.model.onnx_files import export_onnx as export

    for path in export(_load(options), options.output_dir):
        print(path)


def predict(options: argparse.Namespace) -> int:
    """Writes a row per recording or segment.

    Returns:
        0, or 1 if a recording could not be used.
    """
    # Read when NumPy is imported. The cores belong to the features; several threads that share the
    # networks' small products wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from sersnake.io.cores import usable_cores
    from sersnake.io.live import widen_pipe
    from sersnake.io.names import in_a_line
    from sersnake.model.prediction import predict_rows
    from sersnake.model.prediction.forms import open_output, require_output
    from sersnake.model.prediction.output import Columns

    segments = cutting_of(options)
    if options.speaker_from and not options.enrol:
        raise SersnakeError("--speaker-from: name recordings of the speakers with --enrol")
    require_output(options.format, options.output)
    if options.follow or options.raw:
        _require_followable(options)
        widen_pipe(sys.stdin.buffer)
    model = _load(options)
    if options.probabilities and not model.calibration:
        raise SersnakeError(
            f"{options.model}: this older model gives no probabilities; make it again, or omit "
            "--probabilities"
        )
    refused: list[str] = []

    def refuse(why: str) -> None:
        refused.append(why)
        print(f"left out: {in_a_line(why)}", file=sys.stderr)

    summary = _Summary(model)
    with recordings_of(options, segments) as recordings:
        _advise(model, recordings, segments)
        recogniser, threads = model.ready(), options.threads or usable_cores()
        known = _enrol(options, recogniser, recordings, refuse, threads) if options.enrol else None
        if options.follow:
            answers = _follow(options, recogniser, refuse, known)
        else:
            answers = predict_rows(recogniser, recordings, segments, refuse, threads, known)
        columns = Columns(model.labels, options.probabilities, bool(options.enrol))
        with (
            open_output(
                options.format, options.output, recordings, columns, model.about["name"]
            ) as write,
            # The key that ends a recorder ends what stands behind it in the pipe too.
            suppress(KeyboardInterrupt) if options.follow else nullcontext(),
        ):
            for rows in answers:
                write(rows)
                summary.add(rows)
    summary.print(sys.stderr)
    if refused:
        print(f"{len(refused)} of {len(recordings)} recordings were left out", file=sys.stderr)
    return 1 if refused else 0


def _require_followable(options: argparse.Namespace) -> None:
    """Checks that the options allow output while standard input is being recorded.

    Raises:
        SersnakeError: They do not.
    """
    if not options.follow:
        raise SersnakeError("--raw: describes the input of --follow; give --follow too")
    if options.audio != ["-"] or options.files_from or options.segments:
        raise SersnakeError(
            "--follow: give - as the only recording, and neither a list nor segments"
        )
    if not options.window:
        raise SersnakeError("--follow: predicts per window; give its length with --window")
    if options.format not in ("csv", "jsonl") or options.output:
        raise SersnakeError("--follow: writes csv or jsonl to standard output; choose one of these")
    if options.raw < 0:
        raise SersnakeError(f"--raw is {options.raw}; give the rate in Hz")


def _follow(
    options: argparse.Namespace,
    recogniser: Recogniser,
    refuse: Callable[[str], None],
    known: KnownSpeakers | None,
) -> Iterator[list[Row]]:
    """The predictions for standard input as it arrives."""
    from sersnake.io.live import Layout, read_layout, stream_signal
    from sersnake.model.prediction import Segments
    from sersnake.model.prediction.live import follow_rows

    stream, windows = sys.stdin.buffer, Segments(options.window, options.hop)
    layout = Layout(options.raw) if options.raw else read_layout(stream)
    yield from follow_rows(recogniser, stream_signal(stream, layout), windows, refuse, known)


def _enrol(
    options: argparse.Namespace,
    recogniser: Recogniser,
    recordings: Sequence[Recording],
    refuse: Callable[[str], None],
    threads: int,
) -> KnownSpeakers:
    """The speakers enrolled by `--enrol`; prints a line for each.

    Raises:
        SersnakeError: The name of an enrolled or predicted recording does not give the speaker.
    """
    from sersnake.io.names import in_a_line
    from sersnake.model.prediction import Segments
    from sersnake.model.prediction.inputs import find_recordings
    from sersnake.model.prediction.rows import enrol_recordings

    named = [name for argument in options.enrol for name in in_table(options, argument)]
    rule, enrolled = who_speaks(options), find_recordings(named)
    for recording in (*enrolled, *recordings):
        rule(recording.name)  # before the work begins
    windows = Segments(options.window, options.hop)
    known = enrol_recordings(recogniser, enrolled, windows, refuse, rule, threads)
    scaling, voices = recogniser.model.classifier.speakers, recogniser.model.voices.values()
    if scaling and not scaling.used and not any(each.used for each in voices):
        print(
            "--enrol has no effect: speaker normalisation did not help on the training set",
            file=sys.stderr,
        )
    for name, count in known.counts().items():
        who = f"speaker {in_a_line(name)}" if name else "one speaker"
        as_one = "; all sound alike and count as one" if name in known.alike else ""
        print(f"{who}: {count} enrolled{as_one}", file=sys.stderr)
    return known


def _advise(model: Model, recordings: Sequence[Recording], segments: Cutting) -> None:
    """Warns of recordings longer than the training data, before prediction begins."""
    from sersnake.model.prediction import Segments
    from sersnake.model.prediction.headers import duration

    if not isinstance(segments, Segments):
        return
    corpus = model.about["corpus"]
    longest = LONG * corpus["longest"]
    if segments.window and segments.window <= longest:
        return
    known = [duration(recording.path) or 0.0 for recording in recordings]
    long = sum(seconds > longest for seconds in known)
    if not long:
        return
    mean = max(1, round(60 * corpus["minutes"] / corpus["utterances"]))
    print(
        f"{long} of {len(recordings)} recordings are longer than {longest:.0f} s, twice the "
        f"longest training utterance (maximum {max(known):.0f} s): one prediction for so much "
        f"speech means little; --window {mean} cuts them into segments as long as a training "
        "utterance",
        file=sys.stderr,
        flush=True,
    )


class _Summary:
    """The warnings after the last prediction."""

    def __init__(self, model: Model) -> None:
        self.threshold = model.novelty.threshold
        self.rows = self.unusual = self.silent = 0

    def add(self, rows: Sequence[Row]) -> None:
        self.rows += len(rows)
        self.silent += sum(row.silent for row in rows)
        self.unusual += sum(row.unusual and not row.silent for row in rows)

    def print(self, stream: TextIO) -> None:
        if self.silent:
            print(
                f"{self.silent} of {self.rows} are silent and get no emotion",
                file=stream,
            )
        if self.unusual:
            print(
                f"{self.unusual} of {self.rows} are unlike the training data (distance above "
                f"{self.threshold:.3f}, column unusual): do not trust their emotion",
                file=stream,
            )
