"""Verbs of the results: tables, figures, the run's provenance, and a look at all of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_output, add_verb
from sersnake.cli.folds import add_protocol, protocol_of

if TYPE_CHECKING:
    from sersnake.run_context import RunContext


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(verbs, "table3", "Make Table 3 beside the published values.", table3)
    parser.add_argument("metrics", type=Path, help="metrics.csv")
    _add_context(parser)
    _add_stem(parser, "files without their endings .tex, .csv, .html and .txt")
    parser = add_verb(verbs, "figure", "Draw Figure 2, 3 or 4.", figure)
    parser.add_argument("number", type=int, choices=(2, 3, 4), help="figure of the paper")
    parser.add_argument("source", type=Path, help="history.csv for Figure 2, else predictions.csv")
    _add_context(parser)
    _add_stem(parser, "files without their endings .pdf and .png")
    parser = add_verb(
        verbs, "provenance", "Record the config, versions, commit and machine of a run.", provenance
    )
    parser.add_argument("--config", required=True, default=argparse.SUPPRESS, help="as JSON")
    parser.add_argument(
        "--results", type=Path, metavar="DIR", help="folder of the run, for how long its jobs took"
    )
    add_output(parser, "provenance.json")
    parser = add_verb(verbs, "show", "Print the table of a run and where its files are.", show)
    parser.add_argument("results", type=Path, help="folder of the run, such as results/demo")


def _add_context(parser: argparse.ArgumentParser) -> None:
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv")
    add_protocol(parser)
    parser.add_argument("--preset", default="quick", help="schedule: quick, converged or paper")


def _add_stem(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--output-stem", type=Path, required=True, default=argparse.SUPPRESS, help=what
    )


def _context(options: argparse.Namespace) -> RunContext:
    from sersnake.io import read_csv
    from sersnake.run_context import run_context

    manifest = read_csv(options.manifest, ["utterance", "speaker", "corpus", "synthetic"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    return run_context(manifest, folds, protocol_of(options), options.preset)


def table3(options: argparse.Namespace) -> None:
    """Writes Table 3 in all its formats."""
    from sersnake.io import read_csv
    from sersnake.tables import table3 as make
    from sersnake.typeset import save_table

    metrics = read_csv(options.metrics, ["arm", "fold", "metric", "value"])
    save_table(make(metrics, _context(options)), options.output_stem)


def figure(options: argparse.Namespace) -> None:
    """Writes a figure as PDF and PNG."""
    from sersnake.corpora import emotion_order
    from sersnake.figures import figure2, figure3, figure4, save_figure
    from sersnake.io import read_csv

    context = _context(options)
    if options.number == 2:
        history = read_csv(options.source, ["network", "arm", "fold", "phase", "epoch", "loss"])
        drawn = figure2(history, context)
    else:
        predictions = read_csv(options.source, ["arm", "fold", "emotion", "predicted"])
        emotions = emotion_order(read_csv(options.manifest, ["emotion", "corpus"]))
        draw = figure3 if options.number == 3 else figure4
        drawn = draw(predictions, emotions, context)
    save_figure(drawn, options.output_stem)


def provenance(options: argparse.Namespace) -> None:
    """Writes provenance.json."""
    from sersnake.io import write_json
    from sersnake.provenance import collect_provenance

    write_json(options.output, collect_provenance(options.config, options.results))


def show(options: argparse.Namespace) -> None:
    """Prints Table 3 and the paths of the results."""
    from sersnake.errors import SersnakeError

    table = options.results / "tables" / "table3.txt"
    if not table.is_file():
        raise SersnakeError(f"{table}: no such file; run the workflow first")
    print(table.read_text(encoding="utf-8"))
    print("Files:")
    for path in sorted(options.results.glob("*.csv")) + sorted(options.results.glob("*.json")):
        print(f"  {path}")
    for folder in ("tables", "figures"):
        for path in sorted((options.results / folder).iterdir()):
            print(f"  {path}")
