"""Verbs of the final classifier and its scores."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import add_file, add_folds, add_output, add_verb
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError
from sersnake.settings.systems import CLASSIFIERS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sersnake.fusion.classifier import Classifier
    from sersnake.settings.classifiers import Elm, Fusion, Mlp, Svm
    from sersnake.settings.seeds import Ensemble

    Members = Sequence[NDArray[np.float32]]
    Weights = NDArray[np.float32] | None


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
        "Fit a classifier on each of some folds and predict their test sets. It is a linear SVM, "
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
    parser.add_argument("--system", required=True, default=argparse.SUPPRESS, help="system's name")
    add_folds(parser)
    parser.add_argument("--classifier", choices=CLASSIFIERS, default="svm", help="classifier")
    parser.add_argument(
        "--late",
        type=Path,
        metavar="FILE",
        help="packed features with a classifier of their own, whose scores have as much say as "
        "those of all members together",
    )
    add_settings(parser)
    add_output(parser, "predictions")


def classify(options: argparse.Namespace) -> None:
    """Writes system, fold, utterance, emotion, predicted and a score per class."""
    import pandas as pd

    from sersnake.io import read_csv, write_csv
    from sersnake.settings.classifiers import Elm, Fusion, Mlp, Svm
    from sersnake.settings.seeds import Ensemble

    models: dict[str, type[Svm | Elm | Mlp]] = {"svm": Svm, "elm": Elm, "mlp": Mlp}
    model = models[options.classifier]
    chosen = Chosen(*settings_of(options, model, Fusion, Ensemble))
    if chosen.fusion.functionals and not options.late:
        raise SersnakeError("functionals: name the packed functionals by --late")
    manifest = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    tables = [_classify_fold(options, chosen, fold, manifest, folds) for fold in options.fold]
    write_csv(options.output, pd.concat(tables), "%.6f")


def _classify_fold(
    options: argparse.Namespace,
    chosen: Chosen,
    fold: str,
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
) -> pd.DataFrame:
    """Predictions of a fold's test set."""
    from sersnake.corpora import emotion_order
    from sersnake.fusion.classifier import FITS, average_members, balance, predict_fold
    from sersnake.protocols import fold_parts
    from sersnake.training.embeddings import member_features, utterance_vectors

    utterances = manifest["utterance"]
    train, test = fold_parts(folds, fold, utterances)
    emotions, order = manifest["emotion"].to_numpy(str), emotion_order(manifest)
    members, widths = member_features(
        options.features, options.fold, fold, utterances.tolist(), chosen.ensemble.seeds
    )
    weights = balance(widths) if chosen.fusion.balanced else None
    scale = FITS[chosen.fusion.scaling]

    def fit(matrices: Members, weights: Weights) -> pd.DataFrame:
        classifiers = chosen.classifiers(options.system, fold, len(matrices))
        tables = [
            predict_fold(classifier, matrix, emotions, train, test, order, weights, scale)
            for classifier, matrix in zip(classifiers, matrices, strict=True)
        ]
        return average_members(tables)

    predictions = fit(members, weights)
    if options.late:
        vectors = utterance_vectors(options.late, fold, utterances.tolist())
        predictions = average_members([predictions, fit([vectors], None)])
    predictions.insert(0, "system", options.system)
    predictions.insert(1, "fold", fold)
    predictions.insert(2, "utterance", utterances.to_numpy(str)[test])
    return predictions


@dataclass(frozen=True)
class Chosen:
    """The classifier with its settings, how its features meet, and how many members there are."""

    model: Svm | Elm | Mlp
    fusion: Fusion
    ensemble: Ensemble

    def classifiers(self, system: str, fold: str, members: int) -> list[Classifier]:
        """One classifier per member."""
        from sersnake.fusion.classifier import (
            extreme_learning_machine,
            linear_svm,
            multilayer_perceptron,
        )
        from sersnake.io.seeds import derived_seed
        from sersnake.settings.classifiers import Elm, Svm

        if isinstance(self.model, Svm):
            return [linear_svm(self.model.cost) for _ in range(members)]
        place = (self.ensemble.seed, system, fold)
        further = [derived_seed(*place, member) for member in range(1, members)]
        seeds = [derived_seed(*place), *further]
        units = self.model.hidden_units
        if isinstance(self.model, Elm):
            return [extreme_learning_machine(units, self.model.ridge, seed) for seed in seeds]
        return [multilayer_perceptron(units, self.model.max_epochs, seed) for seed in seeds]


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
