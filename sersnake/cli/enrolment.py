"""The verb of the enrolment curve."""

from __future__ import annotations

import argparse

from sersnake.cli.arguments import add_output, add_verb
from sersnake.cli.classifier_inputs import add_inputs, read_inputs


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "enrol-curve",
        "Count a classifier's correct predictions at each number of enrolled utterances.",
        enrol_curve,
    )
    add_inputs(parser)
    add_output(parser, "enrolment_curve.csv")


def enrol_curve(options: argparse.Namespace) -> None:
    """Writes system, condition, enrolled, speaker, emotion, scored, correct and tested."""
    import pandas as pd

    from sersnake.fusion.enrolment_curve import CELL, POINT, count_fold
    from sersnake.io import write_csv
    from sersnake.settings.enrolment import EnrolmentCurve

    inputs = read_inputs(options, EnrolmentCurve)
    numbers = dict.fromkeys((0, *inputs.further.curve))
    counts = pd.concat(
        count_fold(
            inputs.fold(name), inputs.order, inputs.recipe(name), numbers, inputs.ensemble.seed
        )
        for name in options.fold
    )
    totals = counts.groupby([*POINT, *CELL], sort=False).sum().reset_index()
    totals.insert(0, "system", options.system)
    write_csv(options.output, totals)
