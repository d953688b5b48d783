"""Verbs of the statistics: intervals, differences, and what a test part may not choose."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_output, add_setting, add_verb, setting_of
from sersnake.cli.folds import add_protocol, protocol_of

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.report.run_context import RunContext
    from sersnake.report.typeset import Table


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_intervals(verbs)
    _add_compare(verbs)
    _add_optimism(verbs)


def _add_intervals(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "intervals",
        "Give each arm's WA and UA with 95 % intervals, over folds and over speakers.",
        intervals,
    )
    parser.add_argument("predictions", type=Path, help="predictions.csv")
    _add_run(parser)
    add_output(parser, "intervals.csv")
    _add_stem(parser)


def _add_compare(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "compare",
        "Test the differences between arms, and against the published values.",
        compare,
    )
    parser.add_argument("predictions", type=Path, help="predictions.csv")
    _add_run(parser)
    parser.add_argument(
        "--pairs",
        nargs="+",
        type=_pair,
        metavar="ARM:AGAINST",
        help="arms to compare (otherwise independent_he with every other, and independent_ce with "
        "fused_ce)",
    )
    add_output(parser, "comparisons.csv")
    _add_stem(parser)


def _add_optimism(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "optimism",
        "Say what choosing the epoch on the test part would have claimed. Not a result.",
        optimism,
    )
    parser.add_argument("curve", type=Path, help="curve.csv: test accuracy of every epoch")
    _add_run(parser)
    add_output(parser, "optimism.csv")
    _add_stem(parser)


def _add_run(parser: argparse.ArgumentParser) -> None:
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv of the run")
    add_protocol(parser)
    add_setting(parser)


def _add_stem(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output-stem",
        type=Path,
        metavar="STEM",
        help="table to write, without its endings .tex, .csv, .html and .txt",
    )


def _pair(text: str) -> tuple[str, str]:
    arm, separator, against = text.partition(":")
    if not (arm and separator and against):
        raise argparse.ArgumentTypeError(f"{text!r} is not ARM:AGAINST")
    return arm, against


def intervals(options: argparse.Namespace) -> None:
    """Writes intervals.csv, and its table where that is asked for."""
    from sersnake.corpora import emotion_order
    from sersnake.evaluation.arm_intervals import arm_intervals
    from sersnake.io import write_csv

    predictions, manifest, folds = _read_run(options)
    found = arm_intervals(predictions, folds, manifest, emotion_order(manifest), options.seed)
    write_csv(options.output, found, "%.8g")
    if options.output_stem:
        from sersnake.report.tables.intervals import interval_table

        _save_table(options, interval_table, found, manifest, folds)


def compare(options: argparse.Namespace) -> None:
    """Writes comparisons.csv, and its table where that is asked for."""
    from sersnake.corpora import emotion_order
    from sersnake.evaluation.comparisons import compare_arms, default_pairs
    from sersnake.io import write_csv

    predictions, manifest, folds = _read_run(options)
    pairs = options.pairs or default_pairs(predictions["arm"])
    emotions = emotion_order(manifest)
    comparisons = compare_arms(
        predictions,
        folds,
        manifest,
        emotions,
        pairs,
        options.seed,
        protocol_of(options).description,
    )
    write_csv(options.output, comparisons, "%.8g")
    if options.output_stem:
        from sersnake.report.tables.comparisons import comparison_table

        _save_table(options, comparison_table, comparisons, manifest, folds)


def optimism(options: argparse.Namespace) -> None:
    """Writes optimism.csv, and its table where that is asked for."""
    from sersnake.evaluation.optimism import optimism as compute
    from sersnake.evaluation.resampled import train_ratio
    from sersnake.io import read_csv, write_csv

    curve = read_csv(options.curve, ["network", "arm", "fold", "epoch", "wa", "ua"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    found = compute(curve, train_ratio(folds))
    write_csv(options.output, found, "%.8g")
    if options.output_stem:
        from sersnake.report.tables.optimism import optimism_table

        manifest = read_csv(options.manifest, ["utterance", "speaker", "corpus", "synthetic"])
        _save_table(options, optimism_table, found, manifest, folds)


def _read_run(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Predictions, manifest and folds of a run."""
    from sersnake.io import read_csv

    columns = ["arm", "fold", "utterance", "emotion", "predicted"]
    predictions = read_csv(options.predictions, columns)
    columns = ["utterance", "speaker", "emotion", "corpus", "synthetic"]
    manifest = read_csv(options.manifest, columns)
    return predictions, manifest, read_csv(options.folds, ["fold", "utterance", "part"])


def _save_table(
    options: argparse.Namespace,
    make: Callable[[pd.DataFrame, RunContext], Table],
    rows: pd.DataFrame,
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
) -> None:
    from sersnake.report.run_context import run_context
    from sersnake.report.typeset import save_table

    context = run_context(manifest, folds, protocol_of(options), *setting_of(options))
    save_table(make(rows, context), options.output_stem)
