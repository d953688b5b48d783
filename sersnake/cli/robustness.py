"""The verb of robustness."""

from __future__ import annotations

import argparse

from sersnake.cli.arguments import add_conditions, add_named_files, add_output, add_verb
from sersnake.cli.classifier_inputs import add_inputs, read_inputs


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "robustness",
        "Count a classifier's correct predictions on degraded test recordings.",
        robustness,
    )
    add_inputs(parser)
    add_conditions(parser, "--degraded", "degraded copies to test", required=True)
    add_named_files(
        parser,
        "--degraded-late",
        "degraded copies of the feature sets of --late, CONDITION.FEATURES=FILE",
        required=False,
    )
    add_output(parser, "robustness.csv")


def robustness(options: argparse.Namespace) -> None:
    """Writes system, condition, speaker, emotion, tested and correct."""
    import pandas as pd

    from sersnake.fusion.robustness import CELL, count_conditions
    from sersnake.io import write_csv
    from sersnake.settings.enrolment import Speakers

    inputs = read_inputs(options, Speakers)
    counts = pd.concat(
        count_conditions(
            inputs.fold(name),
            inputs.order,
            inputs.recipe(name),
            inputs.further.enrolment,
            inputs.conditions(options.degraded, name, options.degraded_late),
            inputs.ensemble.seed,
        )
        for name in options.fold
    )
    totals = counts.groupby(["condition", *CELL], sort=False).sum().reset_index()
    totals.insert(0, "system", options.system)
    write_csv(options.output, totals)
