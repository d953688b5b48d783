"""The verb that makes a model of networks that were trained on a whole corpus."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import (
    add_context,
    add_file,
    add_files,
    add_folder,
    add_verb,
)
from sersnake.cli.settings import add_settings, settings_of

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.model.making import TrainingData

WHOLE_FOLD = "0"  # what the only fold of the protocol `whole` is called


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "make-model",
        "Make a model of networks that were trained on a whole corpus. What it is known to reach "
        "comes from the folds of a run of the same system.",
        make_model,
    )
    add_files(parser, "--weights", "weights of the networks, member by member")
    add_files(parser, "--embeddings", "their features of every utterance, in the same order")
    add_files(
        parser, "--held-out", "features of the same system in the run's folds, as `classify`'s"
    )
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv of the run")
    add_file(parser, "--predictions", "predictions of the system in these folds")
    add_file(parser, "--mfcc", "packed MFCCs")
    add_file(parser, "--functionals", "packed functionals")
    add_context(parser)
    parser.add_argument("--name", required=True, default=argparse.SUPPRESS, help="model's name")
    parser.add_argument("--system", required=True, default=argparse.SUPPRESS, help="system's name")
    parser.add_argument(
        "--training", default="{}", help="what the networks were trained by, as JSON, to be kept"
    )
    add_settings(parser)
    add_folder(parser, "--output-dir", "folder to write")


def make_model(options: argparse.Namespace) -> None:
    """Writes the folder of a model."""
    from sersnake.fusion.classifier import balance
    from sersnake.io import read_csv
    from sersnake.model import making, save_model
    from sersnake.settings.architecture import Architecture
    from sersnake.settings.classifiers import Fusion, Svm, refuse_for_a_model
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.seeds import Ensemble
    from sersnake.training.embeddings import member_features

    recipe, architecture, fusion, svm, ensemble = settings_of(
        options, Recipe, Architecture, Fusion, Svm, Ensemble
    )
    refuse_for_a_model(recipe, fusion)
    manifest = read_csv(options.manifest, ["utterance", "emotion", "speaker", "corpus", "duration"])
    corpus = _corpus(options, manifest)
    utterances = manifest["utterance"].tolist()
    members, widths = member_features(
        options.embeddings, [WHOLE_FOLD], WHOLE_FOLD, utterances, ensemble.seeds
    )
    weights = balance(widths) if fusion.balanced else None
    model = making.make_model(
        corpus,
        making.read_networks(options.weights, options.embeddings),
        members,
        weights=weights,
        cost=svm.cost,
        threshold=_threshold(options, manifest, weights, ensemble.seeds),
        options=architecture,
        crop=recipe.crop,
        about=_about(options, manifest, corpus, ensemble.seed),
    )
    save_model(model, options.output_dir)
    print(f"{options.output_dir}: {options.system}, {len(manifest)} utterances", file=sys.stderr)


def _corpus(options: argparse.Namespace, manifest: pd.DataFrame) -> TrainingData:
    from sersnake.corpora import emotion_order
    from sersnake.io import Features
    from sersnake.model.making import TrainingData

    names = manifest["utterance"].tolist()
    packs = [Features.load(path).select(names) for path in (options.mfcc, options.functionals)]
    return TrainingData(manifest["emotion"].to_numpy(str), emotion_order(manifest), *packs)


def _threshold(
    options: argparse.Namespace, manifest: pd.DataFrame, weights: Any, members: int
) -> float:
    from sersnake.io import read_csv
    from sersnake.model.making import held_out_threshold
    from sersnake.protocols import fold_parts
    from sersnake.training.embeddings import member_features

    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    fold_names = list(dict.fromkeys(folds["fold"]))
    names = manifest["utterance"]
    return held_out_threshold(
        manifest,
        [fold_parts(folds, fold, names) for fold in fold_names],
        lambda number: member_features(
            options.held_out, fold_names, fold_names[number], names.tolist(), members
        )[0],
        weights,
    )


def _about(
    options: argparse.Namespace, manifest: pd.DataFrame, corpus: TrainingData, seed: int
) -> dict[str, Any]:
    """What a reader of the model has to know."""
    import sersnake
    from sersnake.corpora import CORPORA
    from sersnake.io import read_csv
    from sersnake.model.card_data import about_corpus, measure
    from sersnake.report.environment import describe_environment
    from sersnake.report.run_context import RunContext
    from sersnake.report.tables.systems import SYSTEM_NAMES

    # Networks beside those of the system may be scaled by speaker, which no model's are.
    context = replace(RunContext.load(options.context), transductive=False)
    reader = CORPORA.get(context.corpus)
    predictions = read_csv(options.predictions, ["system", "fold", "utterance", "predicted"])
    return {
        "name": options.name,
        "system": options.system,
        "system_name": SYSTEM_NAMES[options.system],
        "corpus": about_corpus(manifest, context.corpus_name, reader.license if reader else ""),
        "setting": context.setting,
        "measured": measure(predictions, manifest, corpus.order, seed),
        "training": json.loads(options.training),
        "seed": seed,
        "versions": {"sersnake": sersnake.__version__, **describe_environment()["versions"]},
    }
