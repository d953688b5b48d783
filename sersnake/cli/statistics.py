"""Verbs of the statistics: intervals, differences and optimism."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_files, add_output, add_verb

if TYPE_CHECKING:
    import pandas as pd


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_intervals(verbs)
    _add_groups(verbs)
    _add_compare(verbs)
    _add_optimism(verbs)
    _add_protocol_comparison(verbs)
    _add_cross_corpora(verbs)


def _add_intervals(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "intervals",
        "Compute each system's weighted (WA) and unweighted accuracy (UA) with 95 % intervals, "
        "over folds and over speakers.",
        intervals,
    )
    _add_run(parser)
    _add_context(parser, "for the seed of the bootstrap (default: 0)")
    add_output(parser, "intervals.csv")


def _add_groups(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "groups",
        "Measure who a system works for: recalls, weighted (WA) and unweighted accuracy (UA), "
        "macro-F1 and calibration by speaker, sex, length and sentence, with 95 % intervals, and "
        "a test of the gap between the sexes.",
        groups,
    )
    parser.add_argument(
        "--system", required=True, default=argparse.SUPPRESS, help="name of the system"
    )
    _add_run(parser)
    _add_context(parser, "for the seed of the bootstrap (default: 0)")
    add_output(parser, "groups.csv")


def _add_compare(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "compare",
        "Test the differences between systems, and against the published values.",
        compare,
    )
    _add_run(parser)
    _add_context(
        parser,
        "for the published values of its corpus and the seed of the bootstrap (default: no "
        "published values, seed 0)",
    )
    parser.add_argument(
        "--pairs",
        nargs="+",
        type=_pair,
        metavar="SYSTEM:AGAINST",
        help="systems to compare (default: independent_he with every other, and independent_ce "
        "with fused_ce)",
    )
    add_output(parser, "comparisons.csv")


def _add_optimism(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "optimism",
        "Measure how far selecting the epoch on the test set would inflate the score. Not a "
        "result.",
        optimism,
    )
    parser.add_argument("curve", type=Path, help="curve.csv: test accuracy of every epoch")
    add_file(parser, "--folds", "folds.csv of the run")
    add_output(parser, "optimism.csv")


def _add_protocol_comparison(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "compare-protocols",
        "Score the same systems under several protocols, with intervals.",
        protocols,
    )
    parser.add_argument(
        "protocols", nargs="+", metavar="PROTOCOL", help="names of the protocols, in order"
    )
    _add_runs(parser, predictions="predictions.csv", contexts="context.json")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_output(parser, "protocols.csv")


def _add_cross_corpora(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "cross-corpora",
        "Score systems per training corpora and test corpus, with intervals.",
        cross_corpora,
    )
    parser.add_argument(
        "protocols", nargs="+", metavar="PROTOCOL", help="names of the protocols, in order"
    )
    _add_runs(parser, predictions="predictions.csv", folds="folds.csv", contexts="context.json")
    add_file(parser, "--manifest", "manifest.csv of the joined corpora")
    add_output(parser, "cross_corpus.csv")


def _add_runs(parser: argparse.ArgumentParser, **files: str) -> None:
    for name, what in files.items():
        add_files(parser, f"--{name}", f"{what} of each protocol, in the same order")


def _add_context(parser: argparse.ArgumentParser, what_for: str) -> None:
    parser.add_argument(
        "--context", type=Path, metavar="FILE", help=f"context.json of the run, {what_for}"
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("predictions", type=Path, help="predictions.csv")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv of the run")


def _pair(text: str) -> tuple[str, str]:
    system, separator, against = text.partition(":")
    if not (system and separator and against):
        raise argparse.ArgumentTypeError(f"{text!r} is not SYSTEM:AGAINST")
    return system, against


def intervals(options: argparse.Namespace) -> None:
    """Writes intervals.csv."""
    from sersnake.corpora import emotion_order
    from sersnake.evaluation.system_intervals import system_intervals
    from sersnake.io import write_csv
    from sersnake.report.run_context import RunContext

    predictions, manifest, folds = _read_run(options)
    seed = RunContext.load(options.context).seed if options.context else 0
    bounds = system_intervals(predictions, folds, manifest, emotion_order(manifest), seed)
    write_csv(options.output, bounds, "%.8g")


def groups(options: argparse.Namespace) -> None:
    """Writes groups.csv."""
    from sersnake.corpora import emotion_order
    from sersnake.errors import SersnakeError
    from sersnake.evaluation.group_measures import measure_groups
    from sersnake.io import write_csv
    from sersnake.report.run_context import RunContext

    predictions, manifest, folds = _read_run(options)
    of_system = predictions[predictions["system"] == options.system]
    if of_system.empty:
        systems = ", ".join(predictions["system"].unique())
        raise SersnakeError(f"predictions: system {options.system} is missing; choose {systems}")
    seed = RunContext.load(options.context).seed if options.context else 0
    measured = measure_groups(of_system, folds, manifest, emotion_order(manifest), seed)
    measured.insert(0, "system", options.system)
    write_csv(options.output, measured, "%.8g")


def compare(options: argparse.Namespace) -> None:
    """Writes comparisons.csv."""
    import pandas as pd

    from sersnake.corpora import emotion_order
    from sersnake.evaluation.comparisons import compare_published, compare_systems, default_pairs
    from sersnake.io import write_csv
    from sersnake.report.run_context import RunContext

    predictions, manifest, folds = _read_run(options)
    pairs = options.pairs or default_pairs(predictions["system"])
    emotions = emotion_order(manifest)
    context = RunContext.load(options.context) if options.context else None
    seed = context.seed if context else 0
    comparisons = compare_systems(predictions, folds, manifest, emotions, pairs, seed)
    if context and not context.synthetic:
        systems = list(dict.fromkeys(system for pair in pairs for system in pair))
        published = compare_published(
            predictions, folds, emotions, systems, context.corpus, context.published_of
        )
        comparisons = pd.concat([comparisons, published]) if len(published) else comparisons
    write_csv(options.output, comparisons, "%.8g")


def optimism(options: argparse.Namespace) -> None:
    """Writes optimism.csv."""
    from sersnake.evaluation.optimism import optimism as compute
    from sersnake.evaluation.resampled_t import train_ratio
    from sersnake.io import read_csv, write_csv

    curve = read_csv(options.curve, ["network", "system", "fold", "epoch", "wa", "ua"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    write_csv(options.output, compute(curve, train_ratio(folds)), "%.8g")


def protocols(options: argparse.Namespace) -> None:
    """Writes protocols.csv."""
    import pandas as pd

    from sersnake.errors import SersnakeError
    from sersnake.io import read_csv, write_csv
    from sersnake.report.protocol_comparison import measure_protocol
    from sersnake.report.run_context import RunContext

    if not len(options.protocols) == len(options.predictions) == len(options.contexts):
        raise SersnakeError("--predictions and --contexts: give one file for each protocol")
    manifest = read_csv(options.manifest, ["utterance", "speaker"])
    protocols = [
        measure_protocol(
            protocol,
            read_csv(predictions, ["system", "fold", "utterance", "emotion", "predicted"]),
            RunContext.load(context),
            manifest,
        )
        for protocol, predictions, context in zip(
            options.protocols, options.predictions, options.contexts, strict=True
        )
    ]
    write_csv(options.output, pd.concat(protocols, ignore_index=True), "%.8f")


def cross_corpora(options: argparse.Namespace) -> None:
    """Writes cross_corpus.csv."""
    import pandas as pd

    from sersnake.errors import SersnakeError
    from sersnake.io import read_csv, write_csv
    from sersnake.report.cross_corpus import measure_corpora
    from sersnake.report.run_context import RunContext

    runs = (options.predictions, options.folds, options.contexts)
    if {len(files) for files in runs} != {len(options.protocols)}:
        raise SersnakeError(
            "--predictions, --folds and --contexts: give one file for each protocol"
        )
    manifest = read_csv(options.manifest, ["utterance", "speaker", "corpus"])
    measured = [
        measure_corpora(
            protocol,
            read_csv(predictions, ["system", "fold", "utterance", "emotion", "predicted"]),
            read_csv(folds, ["fold", "utterance", "part"]),
            RunContext.load(context),
            manifest,
        )
        for protocol, predictions, folds, context in zip(options.protocols, *runs, strict=True)
    ]
    write_csv(options.output, pd.concat(measured, ignore_index=True), "%.8f")


def _read_run(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Predictions, manifest and folds of a run."""
    from sersnake.io import read_csv

    columns = ["system", "fold", "utterance", "emotion", "predicted"]
    predictions = read_csv(options.predictions, columns)
    manifest = read_csv(options.manifest, ["utterance", "speaker", "emotion", "corpus"])
    return predictions, manifest, read_csv(options.folds, ["fold", "utterance", "part"])
