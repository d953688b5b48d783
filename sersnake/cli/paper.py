"""Verbs of the paper, the run's provenance and record, and its summary."""

from __future__ import annotations

import argparse
from pathlib import Path

from sersnake.cli.arguments import (
    add_context,
    add_folder,
    add_named_files,
    add_output,
    add_verb,
    json_object,
)


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_paper(verbs)
    parser = add_verb(
        verbs, "compile-paper", "Make the document's PDF with pdflatex.", compile_paper
    )
    parser.add_argument(
        "source", type=Path, help="paper.tex, in the folder of its tables and figures"
    )
    parser = add_verb(
        verbs, "provenance", "Record the config, versions, commit and machine of a run.", provenance
    )
    _add_config(parser, "the complete configuration")
    parser.add_argument(
        "--snakemake", metavar="VERSION", help="version of the Snakemake that runs the workflow"
    )
    add_named_files(parser, "--encoders", "packed features of pretrained encoders", required=False)
    add_output(parser, "provenance.json in the folder of the run, and the same as an .html page")
    _add_record(verbs)
    parser = add_verb(verbs, "show", "Print the table of a run and the paths of its files.", show)
    parser.add_argument("results", type=Path, help="folder of the run, such as results/demo")


def _add_paper(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs, "paper", "Write a draft of a paper with the tables and figures of a run.", paper
    )
    parser.add_argument(
        "pieces", type=Path, nargs="+", help="tables (.tex) and figures (.pdf), in any order"
    )
    add_context(parser)
    add_named_files(parser, "--source", "manifest, intervals and, where there are any, comparisons")
    _add_config(parser, "the run's config, as the text describes it")
    add_output(parser, "paper.tex; numbers.tex and references.bib are written beside it")


def _add_config(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--config",
        type=json_object,
        required=True,
        metavar="JSON",
        default=argparse.SUPPRESS,
        help=what,
    )


def _add_record(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs, "record", "Copy the main results of a finished run to a folder, with a page.", record
    )
    parser.add_argument("results", type=Path, help="folder of the run, such as results/demo")
    add_folder(parser, "--output", "folder to write")
    parser.add_argument(
        "--pieces",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="results of the run's config; other tables and figures, left from an earlier config, "
        "are not copied",
    )
    parser.add_argument(
        "--index",
        type=Path,
        metavar="PAGE",
        help="Markdown file to write: the accuracy in every record next to that folder",
    )


def paper(options: argparse.Namespace) -> None:
    """Writes paper.tex, numbers.tex and references.bib."""
    from sersnake.io import write_text
    from sersnake.report.paper.document import write_paper
    from sersnake.report.paper.run import PaperRun

    run = PaperRun.load(options.context, options.config, options.source)
    folder = options.output.parent
    written = write_paper(options.pieces, folder, run)
    write_text(folder / "numbers.tex", written.numbers)
    write_text(folder / "references.bib", written.references)
    write_text(options.output, written.source)


def compile_paper(options: argparse.Namespace) -> None:
    """Writes paper.pdf."""
    from sersnake.report.paper.compiling import compile_paper as make

    make(options.source, options.source.with_suffix(".pdf"))


def provenance(options: argparse.Namespace) -> None:
    """Writes provenance.json and its page."""
    from sersnake.io import write_json, write_text
    from sersnake.report.provenance import collect_provenance, provenance_table

    told = options.snakemake, options.encoders
    record = collect_provenance(options.config, options.output.parent, *told)
    write_json(options.output, record)
    write_text(options.output.with_suffix(".html"), provenance_table(record).html())


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
    tables = [path for name in ("table3", "ablation") if (path := folder / f"{name}.txt").is_file()]
    if not tables:
        raise SersnakeError(f"{folder / 'table3.txt'}: no such file; run the workflow first")
    print(tables[0].read_text(encoding="utf-8"))
    print("Files:")
    for pattern in ("*.csv", "*.json", "paper.*", "tables/*", "figures/*", "atlas/*.html"):
        for path in sorted(options.results.glob(pattern)):
            print(f"  {path}")
