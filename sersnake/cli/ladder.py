"""Verbs of the protocol ladder."""

from __future__ import annotations

import argparse
from pathlib import Path

from sersnake.cli.arguments import add_file, add_output, add_setting, add_verb, setting_of


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs, "ladder", "Score the same arms under several protocols, with intervals.", ladder
    )
    parser.add_argument("rungs", nargs="+", metavar="RUNG", help="names of the rungs, in order")
    for name, what in (("predictions", "predictions.csv"), ("folds", "folds.csv")):
        parser.add_argument(
            f"--{name}",
            type=Path,
            nargs="+",
            required=True,
            metavar="FILE",
            default=argparse.SUPPRESS,
            help=f"{what} of each rung, in the same order",
        )
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    parser.add_argument("--seed", type=int, default=0, help="seed of the bootstrap")
    add_output(parser, "ladder.csv")
    parser = add_verb(
        verbs, "draw-ladder", "Draw the ladder of protocols, and its table.", draw_ladder
    )
    parser.add_argument("ladder", type=Path, help="ladder.csv")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_setting(parser)
    parser.add_argument(
        "--results",
        type=Path,
        required=True,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="folder whose figures/ladder.* and tables/ladder.* are written",
    )


def ladder(options: argparse.Namespace) -> None:
    """Writes ladder.csv."""
    import pandas as pd

    from sersnake.corpora import emotion_order
    from sersnake.errors import SersnakeError
    from sersnake.io import read_csv, write_csv
    from sersnake.report.ladder import measure_rung

    if not len(options.rungs) == len(options.predictions) == len(options.folds):
        raise SersnakeError("--predictions and --folds: give one file for each rung")
    manifest = read_csv(options.manifest, ["utterance", "speaker", "sentence", "emotion", "corpus"])
    emotions = emotion_order(manifest)
    rungs = [
        measure_rung(
            rung,
            read_csv(predictions, ["arm", "fold", "utterance", "emotion", "predicted"]),
            read_csv(folds, ["fold", "utterance", "part"]),
            manifest,
            emotions,
            options.seed,
        )
        for rung, predictions, folds in zip(
            options.rungs, options.predictions, options.folds, strict=True
        )
    ]
    write_csv(options.output, pd.concat(rungs, ignore_index=True), "%.8f")


def draw_ladder(options: argparse.Namespace) -> None:
    """Writes the figure as PDF and PNG, and the table in all its formats."""
    from sersnake.io import read_csv
    from sersnake.report.figures import save_figure
    from sersnake.report.figures.ladder import ladder_figure
    from sersnake.report.ladder import ladder_table
    from sersnake.report.run_context import corpus_context
    from sersnake.report.typeset import save_table

    rows = read_csv(options.ladder, ["rung", "folds", "train_share", "shared", "arm", "metric"])
    manifest = read_csv(options.manifest, ["utterance", "speaker", "corpus", "synthetic"])
    context = corpus_context(manifest, *setting_of(options))
    save_figure(ladder_figure(rows, context), options.results / "figures" / "ladder")
    save_table(ladder_table(rows, context), options.results / "tables" / "ladder")
