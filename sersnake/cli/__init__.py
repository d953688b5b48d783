"""The command line: one verb per stage, each usable without Snakemake."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sersnake import __version__
from sersnake.cli import (
    atlas,
    corpus,
    embedding,
    enrolment,
    evaluate,
    features,
    fetch,
    folds,
    fusion,
    mining,
    model,
    paper,
    predict,
    results,
    resume,
    robustness,
    settings,
    statistics,
    training,
    variants,
)
from sersnake.errors import SersnakeError, SersnakeWarning
from sersnake.report.environment import leave_environment

STAGES = (
    *(fetch, corpus, folds, features, training, mining, fusion, enrolment),
    *(embedding, robustness),
    *(variants, statistics, results, paper, model, predict, evaluate, atlas, resume, settings),
)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs; no verb's library is imported before the verb runs."""
    return _build()[0]


def verb_parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each verb, by its name."""
    return dict(_build()[1].choices)


def _build() -> tuple[argparse.ArgumentParser, argparse._SubParsersAction]:
    """The parser, and the verbs in it."""
    parser = argparse.ArgumentParser(
        prog="sersnake",
        description="Speech emotion recognition from a corpus to the paper's tables, one verb per "
        "stage. The Snakemake workflow calls these verbs; `sersnake VERB --help` explains one.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sersnake {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for stage in STAGES:
        stage.add_verbs(verbs)
    return parser, verbs


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb.

    Returns:
        0; 1 if `sersnake audit` finds that a claim does not hold, or `sersnake predict` left out a
        recording; 2 after one line on standard error that says what the user can correct.
    """
    options = build_parser().parse_args(arguments)
    try:
        with _warnings_in_a_line(options.verb):
            status: int | None = options.run(options)
        leave_environment(options.verb)
        sys.stdout.flush()
    except BrokenPipeError:  # `sersnake show … | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SersnakeError, OSError) as error:
        print(f"sersnake {options.verb}: error: {error}", file=sys.stderr)
        return 2
    return status or 0


@contextmanager
def _warnings_in_a_line(verb: str) -> Iterator[None]:
    """Prints the package's own warnings like its errors, and others as usual."""
    show = warnings.showwarning

    def tell(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, SersnakeWarning):
            print(f"sersnake {verb}: warning: {message}", file=sys.stderr)
        else:
            show(message, category, *where, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", SersnakeWarning)
        warnings.showwarning = tell
        yield
