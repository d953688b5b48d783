"""Verbs of the final classifier and its scores."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.arms import CLASSIFIERS
from sersnake.cli.arguments import add_file, add_fold, add_output, add_verb

if TYPE_CHECKING:
    from sersnake.fusion import Classifier


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_classify(verbs)
    parser = add_verb(verbs, "collect", "Join CSV files of the same columns.", collect)
    parser.add_argument("tables", type=Path, nargs="+", help="CSV files to join, in order")
    parser.add_argument(
        "--arms", nargs="+", metavar="ARM", help="arms whose rows to keep, where not all"
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
        "Fit a classifier on a fold and predict its test part. It is a linear SVM, an extreme "
        "learning machine or a multilayer perceptron.",
        classify,
    )
    parser.add_argument(
        "features",
        type=Path,
        nargs="+",
        help="features, one row an utterance: packed, or the embeddings of folds (verb train)",
    )
    parser.add_argument("--arm", required=True, default=argparse.SUPPRESS, help="arm's name")
    add_fold(parser)
    parser.add_argument("--classifier", choices=CLASSIFIERS, default="svm", help="classifier")
    parser.add_argument("--cost", type=float, default=1.0, help="the SVM's C")
    parser.add_argument(
        "--hidden-units", type=int, default=512, help="width of the ELM's or MLP's hidden layer"
    )
    parser.add_argument(
        "--ridge", type=float, default=10.0, help="penalty on the ELM's output weights"
    )
    parser.add_argument(
        "--max-epochs", type=int, default=200, help="epochs of the MLP, at the most"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of ELM and MLP")
    add_output(parser, "predictions")


def classify(options: argparse.Namespace) -> None:
    """Writes arm, fold, utterance, emotion, predicted and a score a class."""
    import numpy as np

    from sersnake.corpora import emotion_order
    from sersnake.embeddings import utterance_vectors
    from sersnake.fusion import predict_fold
    from sersnake.io import read_csv, write_csv
    from sersnake.protocols import fold_parts

    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    utterances = manifest["utterance"]
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    train, test = fold_parts(folds, options.fold, utterances)
    names = utterances.tolist()
    vectors = [utterance_vectors(path, options.fold, names) for path in options.features]
    predictions = predict_fold(
        _classifier(options),
        np.concatenate(vectors, axis=1),
        manifest["emotion"].to_numpy(str),
        train,
        test,
        emotion_order(manifest),
    )
    predictions.insert(0, "arm", options.arm)
    predictions.insert(1, "fold", options.fold)
    predictions.insert(2, "utterance", utterances.to_numpy(str)[test])
    write_csv(options.output, predictions, "%.6f")


def _classifier(options: argparse.Namespace) -> Classifier:
    from sersnake.course import derived_seed
    from sersnake.fusion import extreme_learning_machine, linear_svm, multilayer_perceptron

    if options.classifier == "svm":
        return linear_svm(options.cost)
    seed = derived_seed(options.seed, options.arm, options.fold)
    if options.classifier == "elm":
        return extreme_learning_machine(options.hidden_units, options.ridge, seed)
    return multilayer_perceptron(options.hidden_units, options.max_epochs, seed)


def collect(options: argparse.Namespace) -> None:
    """Writes the rows of all files, or those of some arms, under one header."""
    from sersnake.io import join_csv
    from sersnake.io.rows import join_rows

    if options.arms:
        join_rows(options.tables, options.output, "arm", options.arms)
    else:
        join_csv(options.tables, options.output)


def score(options: argparse.Namespace) -> None:
    """Writes metrics.csv."""
    from sersnake.corpora import emotion_order
    from sersnake.io import read_csv, write_csv
    from sersnake.metrics import score as compute

    predictions = read_csv(options.predictions, ["arm", "fold", "utterance", "predicted"])
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    write_csv(options.output, compute(predictions, emotion_order(manifest)), "%.8f")
