"""The command line: one verb a stage, each usable without Snakemake."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from sersnake import __version__
from sersnake.cli import (
    atlas,
    corpus,
    features,
    fetch,
    folds,
    fusion,
    ladder,
    mining,
    model,
    paper,
    predict,
    readings,
    resume,
    statistics,
    training,
)
from sersnake.environment import leave_environment
from sersnake.errors import SersnakeError

STAGES = (
    *(fetch, corpus, folds, features, training, mining, fusion),
    *(ladder, readings, statistics, paper, model, predict, atlas, resume),
)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs; no verb's library is imported before the verb runs."""
    parser = argparse.ArgumentParser(
        prog="sersnake",
        description="Speech emotion recognition from a corpus to the paper's tables, a stage a "
        "verb. The Snakemake workflow calls these verbs; `sersnake VERB --help` explains one.",
    )
    parser.add_argument("--version", action="version", version=f"sersnake {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for stage in STAGES:
        stage.add_verbs(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb.

    Returns:
        0, or 1 where `sersnake audit` finds that a claim does not hold, or 2 after one line on
        standard error that says what the user can mend.
    """
    options = build_parser().parse_args(arguments)
    try:
        status: int | None = options.run(options)
        leave_environment(_call(options))
        sys.stdout.flush()
    except BrokenPipeError:  # `sersnake show … | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SersnakeError, OSError) as error:
        print(f"sersnake {options.verb}: error: {error}", file=sys.stderr)
        return 2
    return status or 0


def _call(options: argparse.Namespace) -> str:
    """The verb, and which table, since not all of them are made in one environment."""
    return f"table {options.name}" if options.verb == "table" else options.verb
