"""Verbs of the final classifier and its scores."""

from __future__ import annotations

import argparse
from pathlib import Path

from sersnake.cli.arguments import add_file, add_fold, add_output, add_verb


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs, "classify", "Fit the linear SVM on a fold and predict its test part.", classify
    )
    parser.add_argument(
        "features",
        type=Path,
        nargs="+",
        help="features, one row an utterance: packed, or the embeddings of folds (verb train)",
    )
    parser.add_argument("--arm", required=True, default=argparse.SUPPRESS, help="arm's name")
    add_fold(parser)
    parser.add_argument("--cost", type=float, default=1.0, help="the SVM's C")
    add_output(parser, "predictions")
    parser = add_verb(verbs, "collect", "Join CSV files of the same columns.", collect)
    parser.add_argument("tables", type=Path, nargs="+", help="CSV files to join, in order")
    add_output(parser, "CSV file")
    parser = add_verb(
        verbs, "score", "Compute WA, UA and the recall of each class, per fold and pooled.", score
    )
    parser.add_argument("predictions", type=Path, help="predictions.csv")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_output(parser, "metrics.csv")


def classify(options: argparse.Namespace) -> None:
    """Writes arm, fold, utterance, emotion, predicted and a score a class."""
    import numpy as np

    from sersnake.corpora import emotion_order
    from sersnake.embeddings import utterance_vectors
    from sersnake.fusion import svm_predictions
    from sersnake.io import read_csv, write_csv
    from sersnake.protocols import fold_parts

    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    utterances = manifest["utterance"]
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    train, test = fold_parts(folds, options.fold, utterances)
    names = utterances.tolist()
    vectors = [utterance_vectors(path, options.fold, names) for path in options.features]
    predictions = svm_predictions(
        np.concatenate(vectors, axis=1),
        manifest["emotion"].to_numpy(str),
        train,
        test,
        emotion_order(manifest),
        options.cost,
    )
    predictions.insert(0, "arm", options.arm)
    predictions.insert(1, "fold", options.fold)
    predictions.insert(2, "utterance", utterances.to_numpy(str)[test])
    write_csv(options.output, predictions, "%.6f")


def collect(options: argparse.Namespace) -> None:
    """Writes the rows of all files under one header."""
    from sersnake.io import join_csv

    join_csv(options.tables, options.output)


def score(options: argparse.Namespace) -> None:
    """Writes metrics.csv."""
    from sersnake.corpora import emotion_order
    from sersnake.io import read_csv, write_csv
    from sersnake.metrics import score as compute

    predictions = read_csv(options.predictions, ["arm", "fold", "utterance", "predicted"])
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    write_csv(options.output, compute(predictions, emotion_order(manifest)), "%.8f")
