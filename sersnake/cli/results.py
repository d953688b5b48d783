"""Verbs of the results: a run's context, tables and figures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sersnake.cli.arguments import (
    Run,
    add_context,
    add_file,
    add_named_files,
    add_output,
    add_verb,
    json_object,
)
from sersnake.report.result_entries import ENDINGS
from sersnake.report.results import names_of
from sersnake.report.run_settings import SETTINGS


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "describe",
        "Write the context of a run, which every caption reads: corpus, protocol, what training "
        "and test set share, and schedule.",
        describe,
    )
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--audit", "audit.json of the folds and their protocol")
    parser.add_argument(
        "--run",
        dest="settings",  # `run` is the verb's function
        type=json_object,
        default="{}",
        metavar="JSON",
        help="settings from the config: "
        + "; ".join(f"{name} ({meaning})" for name, meaning in SETTINGS.items()),
    )
    add_output(parser, "context.json")
    _add_result(verbs, "table", "Make a table, with the published values if there are any.", table)
    _add_result(verbs, "figure", "Draw a figure.", figure)
    parser = add_verb(
        verbs,
        "timeline",
        "Print the time of a run per rule, and draw when its jobs ran.",
        timeline,
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder of the run, such as results/demo"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="STEM",
        help=f"figure to write, without the endings {', '.join(ENDINGS['figure'])}",
    )


def _add_result(verbs: argparse._SubParsersAction, kind: str, description: str, run: Run) -> None:
    parser = add_verb(verbs, kind, description, run)
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(names_of(kind))}")
    add_context(parser)
    add_named_files(
        parser,
        "--source",
        "its sources, such as metrics=metrics.csv; an incomplete call names the missing ones",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="STEM",
        default=argparse.SUPPRESS,
        help=f"files to write, without the endings {', '.join(ENDINGS[kind])}",
    )


def describe(options: argparse.Namespace) -> None:
    """Writes context.json."""
    from sersnake.io import read_csv, read_json
    from sersnake.report.run_context import describe_run

    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus", "synthetic"])
    audit = read_json(options.audit)
    describe_run(manifest, audit, options.settings, options.audit).save(options.output)


def table(options: argparse.Namespace) -> None:
    """Writes a table in all its formats."""
    from sersnake.report.table_format import save_table

    save_table(_make("table", options), options.output)


def figure(options: argparse.Namespace) -> None:
    """Writes a figure as PDF and PNG."""
    from sersnake.report.figures.saving import save_figure

    save_figure(_make("figure", options), options.output)


def timeline(options: argparse.Namespace) -> None:
    """Prints the rules of a run by their time, and draws its jobs."""
    from sersnake.report.figures.saving import save_figure
    from sersnake.report.timeline import draw_timeline, read_timeline, sum_up

    jobs = read_timeline(options.folder)
    rows = sum_up(jobs)
    formats = {"seconds": "{:.0f}", "cpu_seconds": "{:.0f}", "cpu_share": "{:.1%}"}
    formats["memory_mib"] = "{:.0f}"
    print(rows.to_string(index=False, formatters={k: v.format for k, v in formats.items()}))
    minutes = (jobs["start"] + jobs["seconds"]).max() / 60
    print(f"{len(jobs)} jobs in {minutes:.1f} min, {rows['cpu_seconds'].sum() / 60:.1f} CPU-min")
    if options.output:
        save_figure(draw_timeline(jobs), options.output)


def _make(kind: str, options: argparse.Namespace) -> Any:
    from sersnake.report.result_entries import load_function
    from sersnake.report.results import result_named
    from sersnake.report.run_context import RunContext
    from sersnake.report.sources import read_sources

    result = result_named(kind, options.name)
    sources = read_sources(result.sources, options.source)
    return load_function(result)(context=RunContext.load(options.context), **sources)
