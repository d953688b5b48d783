"""Verbs of the final classifier and its scores."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_output, add_verb
from sersnake.cli.classifier_inputs import Inputs, add_inputs, read_inputs

if TYPE_CHECKING:
    import pandas as pd


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_classify(verbs)
    parser = add_verb(verbs, "collect", "Join CSV files with the same columns.", collect)
    parser.add_argument("tables", type=Path, nargs="+", help="CSV files to join, in order")
    parser.add_argument(
        "--systems", nargs="+", metavar="SYSTEM", help="systems whose rows to keep (default: all)"
    )
    add_output(parser, "CSV file")
    parser = add_verb(
        verbs,
        "score",
        "Compute weighted accuracy (WA), unweighted accuracy (UA) and the recall "
        "of each class, per fold and pooled.",
        score,
    )
    parser.add_argument("predictions", type=Path, help="predictions.csv")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_output(parser, "metrics.csv")


def _add_classify(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "classify",
        "Fit a classifier per fold and predict the test sets.",
        classify,
    )
    add_inputs(parser)
    add_output(parser, "predictions")


def classify(options: argparse.Namespace) -> None:
    """Writes system, fold, utterance, emotion, predicted and a score per class."""
    import pandas as pd

    from sersnake.io import write_csv
    from sersnake.settings.enrolment import Speakers

    inputs = read_inputs(options, Speakers)
    tables = [_classify_fold(options.system, inputs, fold) for fold in options.fold]
    write_csv(options.output, pd.concat(tables), "%.6f")


def _classify_fold(system: str, inputs: Inputs, name: str) -> pd.DataFrame:
    """Predictions for the scored utterances of a fold's test set."""
    import numpy as np
    import pandas as pd

    from sersnake.fusion.enrolment import enrol
    from sersnake.fusion.scaling import rows_of

    enrolment = inputs.further.enrolment
    fold, recipe = inputs.fold(name, enrolment.by), inputs.recipe(name)
    trial = enrol(fold, enrolment, inputs.ensemble.seed)
    classifier = fold.fit(inputs.order, recipe._replace(enrolment=trial.settings))
    test = trial.scored
    scores = classifier.scores(rows_of(fold.blocks, test), trial.enrolled)
    labels = {
        "system": system,
        "fold": name,
        "utterance": inputs.manifest["utterance"].to_numpy(str)[test],
        "emotion": fold.emotions[test],
        "predicted": np.array(inputs.order)[scores.argmax(axis=1)],
    }
    columns = [f"score_{emotion}" for emotion in inputs.order]
    return pd.DataFrame(labels).join(pd.DataFrame(scores, columns=columns))


def collect(options: argparse.Namespace) -> None:
    """Writes the rows of all files, or of some systems, under one header."""
    from sersnake.io import join_csv
    from sersnake.io.rows import join_rows

    if options.systems:
        join_rows(options.tables, options.output, "system", options.systems)
    else:
        join_csv(options.tables, options.output)


def score(options: argparse.Namespace) -> None:
    """Writes metrics.csv."""
    from sersnake.corpora import emotion_order
    from sersnake.evaluation.metrics import score as compute
    from sersnake.io import read_csv, write_csv

    columns = ["system", "fold", "utterance", "emotion", "predicted"]
    predictions = read_csv(options.predictions, columns)
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    write_csv(options.output, compute(predictions, emotion_order(manifest)), "%.8f")
