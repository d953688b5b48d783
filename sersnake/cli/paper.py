"""Verbs of the results: tables, figures, the run's provenance, and a look at all of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import (
    add_file,
    add_folder,
    add_output,
    add_setting,
    add_verb,
    setting_of,
)
from sersnake.cli.folds import add_protocol, protocol_of
from sersnake.cli.settings import add_settings, settings_of

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.report.run_context import RunContext
    from sersnake.report.typeset import Table

TABLES = ("1", "2", "3", "4", "5", "6", "7", "ablation")


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(verbs, "table", "Make a table beside the published values.", table)
    parser.add_argument("name", choices=TABLES, help="table of the paper, or the ablation")
    parser.add_argument(
        "source",
        type=Path,
        help="features/mfcc.safetensors for Table 1, features/functionals.safetensors for Table 2, "
        "hard_index.csv for Table 4, else metrics.csv",
    )
    add_settings(parser)
    _add_context(parser)
    _add_stem(parser, "files without their endings .tex, .csv, .html and .txt")
    parser = add_verb(verbs, "figure", "Draw Figure 2, 3, 4, 5 or 6.", figure)
    parser.add_argument("number", type=int, choices=(2, 3, 4, 5, 6), help="figure of the paper")
    parser.add_argument(
        "source",
        type=Path,
        help="history.csv for Figure 2, hard_index.csv for Figure 5, curve.csv for Figure 6, else "
        "predictions.csv",
    )
    parser.add_argument(
        "--hard-share", type=float, help="of Figure 5: the share of hard examples asked for"
    )
    _add_context(parser)
    _add_stem(parser, "files without their endings .pdf and .png")
    parser = add_verb(verbs, "paper", "Write a document of all tables and figures.", paper)
    parser.add_argument(
        "pieces", type=Path, nargs="+", help="tables (.tex) and figures (.pdf), in any order"
    )
    _add_context(parser)
    add_output(parser, "paper.tex")
    parser = add_verb(verbs, "compile-paper", "Make the document's PDF by pdflatex.", compile_paper)
    parser.add_argument("source", type=Path, help="paper.tex, beside its tables and figures")
    add_output(parser, "paper.pdf")
    parser = add_verb(
        verbs, "provenance", "Record the config, versions, commit and machine of a run.", provenance
    )
    parser.add_argument("--config", required=True, default=argparse.SUPPRESS, help="as JSON")
    parser.add_argument(
        "--results", type=Path, metavar="DIR", help="folder of the run, for how long its jobs took"
    )
    parser.add_argument("--snakemake", metavar="VERSION", help="version of the running Snakemake")
    add_output(parser, "provenance.json")
    parser.add_argument(
        "--output-page", type=Path, metavar="FILE", help="the same for a reader: provenance.html"
    )
    _add_record(verbs)
    parser = add_verb(verbs, "show", "Print the table of a run and where its files are.", show)
    parser.add_argument("results", type=Path, help="folder of the run, such as results/demo")


def _add_record(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs, "record", "Copy what a reader needs of a finished run, with a page.", record
    )
    parser.add_argument("results", type=Path, help="folder of the run, such as results/demo")
    add_folder(parser, "--output", "folder to write")
    parser.add_argument(
        "--pieces",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="what the run was to make; other tables and figures, of an earlier config, stay out",
    )
    parser.add_argument(
        "--index",
        type=Path,
        metavar="PAGE",
        help="Markdown file to write: what every record beside that folder reached",
    )


def _add_context(parser: argparse.ArgumentParser) -> None:
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv")
    add_protocol(parser)
    add_setting(parser)


def _add_stem(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--output-stem", type=Path, required=True, default=argparse.SUPPRESS, help=what
    )


def _context(options: argparse.Namespace) -> RunContext:
    from sersnake.io import read_csv
    from sersnake.report.run_context import run_context

    manifest = read_csv(options.manifest, ["utterance", "speaker", "corpus", "synthetic"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    return run_context(manifest, folds, protocol_of(options), *setting_of(options))


def table(options: argparse.Namespace) -> None:
    """Writes a table in all its formats."""
    from sersnake.report.typeset import save_table

    make = {"1": _table1, "2": _table2, "4": _table4}.get(options.name, _table_of_metrics)
    save_table(make(options), options.output_stem)


def _table1(options: argparse.Namespace) -> Table:
    import numpy as np

    from sersnake.io import Features
    from sersnake.report.tables.networks import table1
    from sersnake.settings.architecture import Architecture

    features = Features.load(options.source)
    frames = int(np.median(np.diff(features.offsets)))
    return table1(
        features.values.shape[1],
        frames,
        len(_emotions(options)),
        _context(options),
        *settings_of(options, Architecture),
    )


def _table2(options: argparse.Namespace) -> Table:
    from sersnake.io import Features
    from sersnake.report.tables.networks import table2

    functionals = Features.load(options.source).values.shape[1]
    return table2(functionals, len(_emotions(options)), _context(options))


def _table4(options: argparse.Namespace) -> Table:
    from sersnake.report.tables import table4

    return table4(*_mined(options), _emotions(options), _context(options))


def _table_of_metrics(options: argparse.Namespace) -> Table:
    from sersnake.io import read_csv
    from sersnake.report import tables

    metrics = read_csv(options.source, ["arm", "fold", "metric", "value"])
    if options.name == "6":
        return tables.table6(metrics, _emotions(options), _context(options))
    make = {"3": tables.table3, "5": tables.table5, "7": tables.table7}
    return make.get(options.name, tables.ablation)(metrics, _context(options))


def _mined(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.Series]:
    """The hard indices, and every utterance's emotion."""
    from sersnake.io import read_csv

    hard_index = read_csv(options.source, ["network", "fold", "utterance", "hard"])
    manifest = read_csv(options.manifest, ["utterance", "emotion"])
    return hard_index, manifest.set_index("utterance")["emotion"]


def _emotions(options: argparse.Namespace) -> tuple[str, ...]:
    from sersnake.corpora import emotion_order
    from sersnake.io import read_csv

    return emotion_order(read_csv(options.manifest, ["emotion", "corpus"]))


def figure(options: argparse.Namespace) -> None:
    """Writes a figure as PDF and PNG."""
    from sersnake.io import read_csv
    from sersnake.report import figures

    context = _context(options)
    if options.number == 2:
        history = read_csv(options.source, ["network", "arm", "fold", "phase", "epoch", "loss"])
        drawn = figures.figure2(history, context)
    elif options.number == 5:
        drawn = figures.figure5(*_mined(options), _emotions(options), context, options.hard_share)
    elif options.number == 6:
        columns = ["network", "arm", "fold", "phase", "epoch", "wa", "ua"]
        drawn = figures.figure6(read_csv(options.source, columns), context)
    else:
        predictions = read_csv(options.source, ["arm", "fold", "emotion", "predicted"])
        draw = figures.figure3 if options.number == 3 else figures.figure4
        drawn = draw(predictions, _emotions(options), context)
    figures.save_figure(drawn, options.output_stem)


def paper(options: argparse.Namespace) -> None:
    """Writes paper.tex."""
    from sersnake.io import write_text
    from sersnake.report.paper import paper_source

    source = paper_source(options.pieces, options.output.parent, _context(options))
    write_text(options.output, source)


def compile_paper(options: argparse.Namespace) -> None:
    """Writes paper.pdf."""
    from sersnake.report.paper import compile_paper as make

    make(options.source, options.output)


def provenance(options: argparse.Namespace) -> None:
    """Writes provenance.json, and a page of it where one is asked for."""
    from sersnake.io import write_json, write_text
    from sersnake.report.provenance import collect_provenance, provenance_table

    found = collect_provenance(options.config, options.results, options.snakemake)
    write_json(options.output, found)
    if options.output_page:
        write_text(options.output_page, provenance_table(found).html())


def record(options: argparse.Namespace) -> None:
    """Writes the record of a run, and the page over all records, and prints where they are."""
    from sersnake.report.record import write_record
    from sersnake.report.results_page import write_results_page

    print(write_record(options.results, options.output, options.pieces))
    if options.index:
        print(write_results_page(options.output.parent, options.index))


def show(options: argparse.Namespace) -> None:
    """Prints Table 3, or the ablation where there is none, and the paths of the results."""
    from sersnake.errors import SersnakeError

    folder = options.results / "tables"
    found = [path for name in ("table3", "ablation") if (path := folder / f"{name}.txt").is_file()]
    if not found:
        raise SersnakeError(f"{folder / 'table3.txt'}: no such file; run the workflow first")
    print(found[0].read_text(encoding="utf-8"))
    print("Files:")
    for pattern in ("*.csv", "*.json", "paper.*", "tables/*", "figures/*", "atlas/*.html"):
        for path in sorted(options.results.glob(pattern)):
            print(f"  {path}")
