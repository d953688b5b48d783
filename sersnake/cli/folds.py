"""Verbs of the protocol: the folds, and the audit of any folds."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_output, add_verb
from sersnake.cli.settings import add_settings, settings_of

if TYPE_CHECKING:
    import pandas as pd


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(verbs, "folds", "Split a corpus into training and test sets.", folds)
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_settings(parser)
    parser.add_argument(
        "--expected", type=int, metavar="N", help="stop if the number of folds is not N"
    )
    add_output(parser, "folds.csv")
    parser = add_verb(
        verbs,
        "audit",
        "Check which speakers, sentences and recordings training and test sets share. Exits with "
        "1 if a claim does not hold.",
        audit,
    )
    add_file(
        parser,
        "--manifest",
        "table with the name or path of each recording and its label; speaker, sentence and "
        "session if known",
    )
    parser.add_argument(
        "--folds",
        type=Path,
        required=True,
        nargs="+",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="table with fold, utterance and part (or without one of fold and part), indices of "
        "scikit-learn (JSON, npz), train.csv, val.csv and test.csv, or a folder of such files or "
        "of EmoBox",
    )
    add_settings(parser)
    parser.add_argument(
        "--claims",
        metavar="LIST",
        help="what training and test set do not share: speakers, sentences, sessions, separated "
        "by commas (default: the protocol's claims); recordings are always claimed",
    )
    parser.add_argument(
        "--outer",
        type=Path,
        metavar="PATH",
        help="outer folds, if --folds are inner folds: no inner fold may contain anything of its "
        "outer test set",
    )
    parser.add_argument(
        "--encoders",
        nargs="+",
        default=[],
        metavar="MODEL",
        help="pretrained encoders whose features are used, such as openai/whisper-base: none may "
        "have been trained on the corpus in the table's column corpus",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="audit.json to write")


def folds(options: argparse.Namespace) -> None:
    """Writes folds.csv, and a summary of each fold to standard error."""
    from sersnake.io import read_csv, write_csv
    from sersnake.protocols import Protocol, describe_folds, make_folds

    (protocol,) = settings_of(options, Protocol)
    manifest = read_csv(options.manifest, ["utterance", "emotion"])
    frame = make_folds(manifest, protocol, expected=options.expected, note=_note)
    for line in describe_folds(manifest, frame, protocol):
        _note(line)
    write_csv(options.output, frame)


def audit(options: argparse.Namespace) -> int:
    """Prints the report and writes audit.json.

    Returns:
        0 if all claims hold, else 1.
    """
    from sersnake.io import write_text
    from sersnake.protocols import Protocol, read_fold_file
    from sersnake.protocols.audit import audit as examine
    from sersnake.protocols.audit.nesting import judge_nesting
    from sersnake.protocols.audit.report import report
    from sersnake.protocols.audit.table import read_manifest

    protocol = None
    if options.settings:
        (protocol,) = settings_of(options, Protocol)
    manifest = read_manifest(options.manifest)
    known = manifest["utterance"], manifest.get("path")
    table = read_fold_file(options.folds, *known)
    manifest = _with_samples(manifest, options)
    claims = None if options.claims is None else list(filter(None, options.claims.split(",")))
    result = examine(
        manifest, table.rows, protocol=protocol, claims=claims, encoders=options.encoders
    )
    if options.outer:
        outer = read_fold_file(options.outer, *known)
        verdict = judge_nesting(table.rows, outer.rows)
        result = replace(result, claims={**result.claims, "nesting": verdict})
    if options.output:
        text = json.dumps(result.as_dict(), indent=2, sort_keys=True, ensure_ascii=False)
        write_text(options.output, text + "\n")
    print(report(result, str(options.manifest), table.source), end="")
    return 0 if result.passed else 1


def _with_samples(manifest: pd.DataFrame, options: argparse.Namespace) -> pd.DataFrame:
    """The manifest with the hashes of those recordings that have only a path."""
    from sersnake.io.cores import usable_cores
    from sersnake.io.progress import Progress
    from sersnake.protocols.audit.recordings import add_samples, locate_recordings

    files = locate_recordings(manifest, options.manifest.parent)
    if files.empty:
        return manifest
    progress = Progress("recordings read", files[files != ""].nunique(), sys.stderr)
    manifest, notes = add_samples(manifest, files, threads=usable_cores(), progress=progress)
    for line in notes:
        _note(line)
    return manifest


def _note(line: str) -> None:
    print(line, file=sys.stderr)
