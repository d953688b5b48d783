"""Verbs of the final classifier and its scores."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import (
    add_classifier,
    add_file,
    add_folds,
    add_named_files,
    add_output,
    add_verb,
)
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.fusion.part import ClassifierRecipe
    from sersnake.settings.seeds import Ensemble


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_classify(verbs)
    parser = add_verb(verbs, "collect", "Join CSV files of the same columns.", collect)
    parser.add_argument("tables", type=Path, nargs="+", help="CSV files to join, in order")
    parser.add_argument(
        "--systems", nargs="+", metavar="SYSTEM", help="systems whose rows to keep, where not all"
    )
    add_output(parser, "CSV file")
    parser = add_verb(
        verbs, "score", "Compute WA, UA and the recall of each class, per fold and pooled.", score
    )
    parser.add_argument("predictions", type=Path, help="predictions.csv")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_output(parser, "metrics.csv")


def _add_classify(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "classify",
        "Fit a classifier on each of some folds and predict their test sets.",
        classify,
    )
    parser.add_argument(
        "features",
        type=Path,
        nargs="+",
        help="features, one row an utterance: packed, or the embeddings of folds (verb train); "
        "those of a fold are joined",
    )
    parser.add_argument("--system", required=True, default=argparse.SUPPRESS, help="system's name")
    add_folds(parser)
    add_classifier(parser)
    add_named_files(
        parser,
        "--late",
        "packed feature sets with a classifier each, whose scores are averaged with those of all "
        "members together",
        required=False,
    )
    add_settings(parser)
    add_output(parser, "predictions")


def classify(options: argparse.Namespace) -> None:
    """Writes system, fold, utterance, emotion, predicted and a score per class."""
    import pandas as pd

    from sersnake.fusion.part import ClassifierRecipe
    from sersnake.io import read_csv, write_csv
    from sersnake.settings.classifiers import CLASSIFIERS, Fusion
    from sersnake.settings.enrolment import Speakers
    from sersnake.settings.seeds import Ensemble

    model = CLASSIFIERS[options.classifier].settings
    settings, fusion, ensemble, of = settings_of(options, model, Fusion, Ensemble, Speakers)
    if missing := [name for name in fusion.features if name not in options.late]:
        raise SersnakeError(f"features: name the packed {missing[0]} by --late {missing[0]}=FILE")
    if further := [name for name in options.late if name not in fusion.features]:
        raise SersnakeError(f"--late: {further[0]} is none of the setting features; name it there")
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    tables = []
    for fold in options.fold:
        seeds = (ensemble.seed, options.system, fold)
        recipe = ClassifierRecipe(options.classifier, settings, fusion, seeds, of.enrolment)
        tables.append(_classify_fold(options, recipe, ensemble, fold, manifest, folds))
    write_csv(options.output, pd.concat(tables), "%.6f")


def _classify_fold(
    options: argparse.Namespace,
    recipe: ClassifierRecipe,
    ensemble: Ensemble,
    fold: str,
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
) -> pd.DataFrame:
    """Predictions of what is scored of a fold's test set."""
    import numpy as np
    import pandas as pd

    from sersnake.corpora import emotion_order
    from sersnake.fusion.enrolment import enrol
    from sersnake.fusion.final import FinalClassifier, late_block
    from sersnake.fusion.origin import Origin
    from sersnake.fusion.scaling import rows_of
    from sersnake.protocols import fold_parts
    from sersnake.protocols.recordings import kept_apart
    from sersnake.training.embeddings import member_blocks, utterance_vectors

    utterances, emotions = (manifest[name].to_numpy(str) for name in ("utterance", "emotion"))
    names, order = utterances.tolist(), emotion_order(manifest)
    train, test = fold_parts(folds, fold, manifest["utterance"])
    blocks = member_blocks(options.features, options.fold, fold, names, ensemble.seeds)
    for name in recipe.fusion.features:
        blocks[late_block(name)] = utterance_vectors(options.late[name], fold, names)[None]
    speakers = manifest.get("speaker", pd.Series("", manifest.index)).to_numpy(str)
    origin = Origin(speakers, kept_apart(manifest, train, test))
    trial = enrol(blocks, emotions, speakers, (train, test), recipe.enrolment, ensemble.seed)
    classifier = FinalClassifier.fit(
        rows_of(blocks, train),
        emotions[train],
        order,
        recipe._replace(enrolment=trial.settings),
        origin.of(train),
    )
    test = trial.scored
    scores = classifier.scores(rows_of(blocks, test), trial.enrolled)
    labels = {
        "system": options.system,
        "fold": fold,
        "utterance": utterances[test],
        "emotion": emotions[test],
        "predicted": np.array(order)[scores.argmax(axis=1)],
    }
    return pd.DataFrame(labels).join(pd.DataFrame(scores, columns=[f"score_{n}" for n in order]))


def collect(options: argparse.Namespace) -> None:
    """Writes the rows of all files, or those of some systems, under one header."""
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

    predictions = read_csv(options.predictions, ["system", "fold", "utterance", "predicted"])
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    write_csv(options.output, compute(predictions, emotion_order(manifest)), "%.8f")
