"""Verbs of the variants: model selection by inner folds, and all variants side by side."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_file, add_output, add_verb, json_object
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "list-variants",
        "Write the settings that each variant changes, one row per option.",
        list_variants,
    )
    parser.add_argument(
        "variants",
        type=json_object,
        metavar="JSON",
        help="changed settings of each variant, by its name",
    )
    add_output(parser, "variants.csv (variant, option, value)")
    parser = add_verb(
        verbs,
        "select-variants",
        "Select a variant for every fold by its inner folds, never by its test set.",
        choose,
    )
    _add_variants(parser)
    _add_files(parser, "--inner", "predictions.csv of each variant's inner folds", required=True)
    add_file(parser, "--folds", "folds.csv of the outer folds")
    _add_files(parser, "--outer", "predictions.csv of each variant's outer folds")
    add_output(parser, "model_selection.csv")
    parser.add_argument(
        "--output-predictions",
        type=Path,
        metavar="FILE",
        help="predictions of the selected variant of every fold to write",
    )
    parser = add_verb(
        verbs,
        "specification",
        "Compute the accuracy of every variant with 95 % intervals, sorted.",
        specification,
    )
    _add_variants(parser)
    _add_files(parser, "--metrics", "metrics.csv of each variant", required=True)
    add_file(parser, "--folds", "folds.csv, the same for all variants")
    add_output(parser, "specification.csv")


def _add_variants(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "variants",
        nargs="+",
        metavar="VARIANT[:SYSTEM]",
        help="names of the variants, each with the system that replaces --system in it",
    )
    parser.add_argument(
        "--system", default="independent_he", help="system to compare in every variant"
    )


def _add_files(
    parser: argparse.ArgumentParser, flag: str, what: str, required: bool = False
) -> None:
    parser.add_argument(
        flag,
        type=Path,
        nargs="+",
        required=required,
        metavar="FILE",
        default=argparse.SUPPRESS if required else None,
        help=f"{what}, in the order of their names",
    )


def list_variants(options: argparse.Namespace) -> None:
    """Writes variants.csv."""
    import pandas as pd

    from sersnake.io import write_csv

    for variant, changes in options.variants.items():
        if not isinstance(changes, Mapping):
            raise SersnakeError(f"variants: {variant}: {changes!r} is no JSON object of settings")
    rows = [
        (variant, option, value)
        for variant, changes in options.variants.items()
        for option, value in _flat(changes)
    ]
    write_csv(options.output, pd.DataFrame(rows, columns=["variant", "option", "value"]))


def _flat(changes: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Keys within keys as ``mfcc: n_fft``, with their values as text."""
    for key, value in changes.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}: ")
        else:
            text = "+".join(map(str, value)) if isinstance(value, list) else value
            yield f"{prefix}{key}", str(text)


def choose(options: argparse.Namespace) -> None:
    """Writes model_selection.csv, and the predictions of the selected variants if requested."""
    from sersnake.evaluation.model_selection import select_variants, selected_predictions
    from sersnake.io import read_csv, write_csv
    from sersnake.settings.systems import SELECTED

    if (options.outer is None) != (options.output_predictions is None):
        raise SersnakeError("--outer and --output-predictions: give both or none")
    columns = ["system", "fold", "utterance", "emotion", "predicted"]
    inner = _of_variants(options, "inner", columns)
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    selected = select_variants(inner, folds, options.system)
    write_csv(options.output, selected, "%.8f")
    if options.outer:
        predictions = _of_variants(options, "outer", ["system", "fold", "utterance", "predicted"])
        chosen = selected_predictions(selected, predictions, options.system, SELECTED)
        write_csv(options.output_predictions, chosen, "%.6f")


def specification(options: argparse.Namespace) -> None:
    """Writes specification.csv."""
    from sersnake.io import read_csv, write_csv
    from sersnake.report.specification import compare_variants

    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    metrics = _of_variants(options, "metrics", ["system", "fold", "metric", "value"])
    write_csv(options.output, compare_variants(metrics, options.system, folds))


def _of_variants(
    options: argparse.Namespace, name: str, columns: list[str]
) -> dict[str, pd.DataFrame]:
    """The files of a flag by the names of their variants."""
    from sersnake.io import read_csv

    paths = getattr(options, name)
    if len(paths) != len(options.variants):
        raise SersnakeError(f"--{name}: give one file for each variant")
    pairs = [text.partition(":")[::2] for text in options.variants]
    if len({variant for variant, _ in pairs}) < len(pairs):
        raise SersnakeError("variants: a name occurs twice; name each variant once")
    return {
        variant: _rename(read_csv(path, columns), system or options.system, options.system)
        for (variant, system), path in zip(pairs, paths, strict=True)
    }


def _rename(rows: pd.DataFrame, system: str, name: str) -> pd.DataFrame:
    """A system under its name in all variants."""
    return rows if system == name else rows[rows["system"] == system].assign(system=name)
