"""Verbs of the readings: one chosen by inner validation, and all of them side by side."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_file, add_output, add_verb
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "list-readings",
        "Write what each reading changes, a row an option.",
        list_readings,
    )
    parser.add_argument("readings", metavar="JSON", help="what each changes, by its name")
    add_output(parser, "readings.csv (reading, option, value)")
    parser = add_verb(
        verbs,
        "choose",
        "Choose a reading for every fold by its inner folds. The test part of the fold chooses "
        "nothing.",
        choose,
    )
    _add_readings(parser)
    _add_files(parser, "--inner", "predictions.csv of each reading's inner folds", required=True)
    add_file(parser, "--folds", "folds.csv of the outer folds")
    _add_files(parser, "--outer", "predictions.csv of each reading's outer folds")
    parser.add_argument("--name", default="chosen", help="arm of the chosen predictions")
    add_output(parser, "choice.csv")
    parser.add_argument(
        "--output-predictions",
        type=Path,
        metavar="FILE",
        help="predictions of the chosen reading of every fold to write",
    )
    parser = add_verb(
        verbs,
        "specification",
        "Give the accuracy of every reading with 95 % intervals, sorted.",
        specification,
    )
    _add_readings(parser)
    _add_files(parser, "--metrics", "metrics.csv of each reading", required=True)
    add_file(parser, "--folds", "folds.csv, the same for all readings")
    add_output(parser, "specification.csv")


def _add_readings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("readings", nargs="+", metavar="READING", help="names of the readings")
    parser.add_argument(
        "--arm", default="independent_he", help="arm whose accuracy counts in every reading"
    )
    parser.add_argument(
        "--arms",
        nargs="+",
        metavar="ARM",
        help="what takes the arm's place in each reading, in the order of their names",
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


def list_readings(options: argparse.Namespace) -> None:
    """Writes readings.csv."""
    import json

    import pandas as pd

    from sersnake.io import write_csv

    rows = [
        (reading, option, value)
        for reading, changes in json.loads(options.readings).items()
        for option, value in _flat(changes)
    ]
    write_csv(options.output, pd.DataFrame(rows, columns=["reading", "option", "value"]))


def _flat(changes: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Keys within keys as ``mfcc: n_fft``, with their values as text."""
    for key, value in changes.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}: ")
        else:
            text = "+".join(map(str, value)) if isinstance(value, list) else value
            yield f"{prefix}{key}", str(text)


def choose(options: argparse.Namespace) -> None:
    """Writes choice.csv, and the predictions of the chosen readings where that is asked for."""
    from sersnake.evaluation.choice import choose_readings, chosen_predictions
    from sersnake.io import read_csv, write_csv

    if (options.outer is None) != (options.output_predictions is None):
        raise SersnakeError("--outer and --output-predictions: give both or none")
    columns = ["arm", "fold", "utterance", "emotion", "predicted"]
    inner = _of_readings(options, "inner", columns)
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    choice = choose_readings(inner, folds, options.arm)
    write_csv(options.output, choice, "%.8f")
    if options.outer:
        predictions = _of_readings(options, "outer", ["arm", "fold", "utterance", "predicted"])
        chosen = chosen_predictions(choice, predictions, options.arm, options.name)
        write_csv(options.output_predictions, chosen, "%.6f")


def specification(options: argparse.Namespace) -> None:
    """Writes specification.csv."""
    from sersnake.io import read_csv, write_csv
    from sersnake.report.specification import measure_readings

    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    metrics = _of_readings(options, "metrics", ["arm", "fold", "metric", "value"])
    write_csv(options.output, measure_readings(metrics, options.arm, folds))


def _of_readings(
    options: argparse.Namespace, name: str, columns: list[str]
) -> dict[str, pd.DataFrame]:
    """The files of a flag by the names of their readings."""
    from sersnake.io import read_csv

    paths = getattr(options, name)
    if len(paths) != len(options.readings):
        raise SersnakeError(f"--{name}: give one file for each reading")
    if len(set(options.readings)) < len(options.readings):
        raise SersnakeError("readings: a name stands twice; name each reading once")
    arms = options.arms or [options.arm] * len(options.readings)
    if len(arms) != len(options.readings):
        raise SersnakeError("--arms: give one for each reading")
    return {
        reading: _rename(read_csv(path, columns), arm, options.arm)
        for reading, path, arm in zip(options.readings, paths, arms, strict=True)
    }


def _rename(rows: pd.DataFrame, arm: str, name: str) -> pd.DataFrame:
    """An arm under the name that it has in all readings."""
    return rows if arm == name else rows[rows["arm"] == arm].assign(arm=name)
