"""Verbs of the final classifier and its scores."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_folds, add_output, add_verb
from sersnake.settings.arms import CLASSIFIERS, SCALINGS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sersnake.fusion.classifier import Classifier

    Members = Sequence[NDArray[np.float32]]
    Weights = NDArray[np.float32] | None


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
        "Fit a classifier on each of some folds and predict their test parts. It is a linear SVM, "
        "an extreme learning machine or a multilayer perceptron.",
        classify,
    )
    parser.add_argument(
        "features",
        type=Path,
        nargs="+",
        help="features, one row an utterance: packed, or the embeddings of folds (verb train); "
        "those of a fold are joined",
    )
    parser.add_argument("--arm", required=True, default=argparse.SUPPRESS, help="arm's name")
    add_folds(parser)
    _add_members(parser)
    _add_classifier(parser)
    add_output(parser, "predictions")


def _add_classifier(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--classifier", choices=CLASSIFIERS, default="svm", help="classifier")
    parser.add_argument(
        "--scaling",
        choices=SCALINGS,
        default="z_scores",
        help="of the features, by the training part: z-scores, or what their ranks are worth on a "
        "normal distribution",
    )
    add_cost(parser)
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


def _add_members(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--members",
        type=int,
        default=1,
        help="members of an ensemble: each takes as many of the features, in their order, and the "
        "scores are averaged",
    )
    parser.add_argument(
        "--balanced",
        action="store_true",
        help="give each of a member's files the same share of the variance, however many features "
        "it has",
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="FILE",
        help="packed features with a classifier of their own, whose scores have as much say as "
        "those of all members together",
    )


def add_cost(parser: argparse.ArgumentParser) -> None:
    """Adds the setting of the SVM."""
    parser.add_argument("--cost", type=float, default=1.0, metavar="C", help="the SVM's C")


def classify(options: argparse.Namespace) -> None:
    """Writes arm, fold, utterance, emotion, predicted and a score a class."""
    import pandas as pd

    from sersnake.io import read_csv, write_csv

    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    tables = [_classify_fold(options, fold, manifest, folds) for fold in options.fold]
    write_csv(options.output, pd.concat(tables), "%.6f")


def _classify_fold(
    options: argparse.Namespace, fold: str, manifest: pd.DataFrame, folds: pd.DataFrame
) -> pd.DataFrame:
    """Predictions of a fold's test part."""
    from sersnake.corpora import emotion_order
    from sersnake.fusion.classifier import FITS, average_members, balance, predict_fold
    from sersnake.protocols import fold_parts
    from sersnake.training.embeddings import member_features, utterance_vectors

    utterances = manifest["utterance"]
    train, test = fold_parts(folds, fold, utterances)
    emotions, order = manifest["emotion"].to_numpy(str), emotion_order(manifest)
    members, widths = member_features(
        options.features, options.fold, fold, utterances.tolist(), options.members
    )
    weights = balance(widths) if options.balanced else None

    def fit(stands_on: Members, weights: Weights) -> pd.DataFrame:
        pairs = zip(_classifiers(options, fold, len(stands_on)), stands_on, strict=True)
        tables = [
            predict_fold(
                classifier, features, emotions, train, test, order, weights, FITS[options.scaling]
            )
            for classifier, features in pairs
        ]
        return average_members(tables)

    predictions = fit(members, weights)
    if options.beside:
        vectors = utterance_vectors(options.beside, fold, utterances.tolist())
        predictions = average_members([predictions, fit([vectors], None)])
    predictions.insert(0, "arm", options.arm)
    predictions.insert(1, "fold", fold)
    predictions.insert(2, "utterance", utterances.to_numpy(str)[test])
    return predictions


def _classifiers(options: argparse.Namespace, fold: str, members: int) -> list[Classifier]:
    """One classifier a member."""
    from sersnake.fusion.classifier import (
        extreme_learning_machine,
        linear_svm,
        multilayer_perceptron,
    )
    from sersnake.training.course import derived_seed

    if options.classifier == "svm":
        return [linear_svm(options.cost) for _ in range(members)]
    place = (options.seed, options.arm, fold)
    others = [derived_seed(*place, member) for member in range(1, members)]
    seeds = [derived_seed(*place), *others]
    if options.classifier == "elm":
        return [extreme_learning_machine(options.hidden_units, options.ridge, s) for s in seeds]
    return [multilayer_perceptron(options.hidden_units, options.max_epochs, s) for s in seeds]


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
    from sersnake.evaluation.metrics import score as compute
    from sersnake.io import read_csv, write_csv

    predictions = read_csv(options.predictions, ["arm", "fold", "utterance", "predicted"])
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    write_csv(options.output, compute(predictions, emotion_order(manifest)), "%.8f")
