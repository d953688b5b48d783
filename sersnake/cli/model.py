"""The verb that makes a model from networks trained on a whole corpus."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import (
    add_classifier,
    add_conditions,
    add_context,
    add_file,
    add_files,
    add_folder,
    add_named_files,
    add_verb,
    by_condition,
    json_object,
)
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sersnake.model.making import HeldOut, TrainingData

COLUMNS = ("system", "fold", "utterance", "emotion", "predicted")
UTTERANCES = ("utterance", "emotion", "speaker", "corpus", "language", "duration", "synthetic")
WHOLE_FOLD = "0"  # what the only fold of the protocol `whole` is called


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_make_model(verbs)
    parser = add_verb(
        verbs,
        "choose-model",
        "Copy the model of the variant with the highest unweighted accuracy (UA) over all folds.",
        choose_model,
    )
    parser.add_argument("models", type=Path, nargs="+", help="folders of models")
    add_files(
        parser, "--predictions", "predictions of each variant in the folds, in the same order"
    )
    add_folder(parser, "--output-dir", "folder to write")


def _add_make_model(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "make-model",
        "Make a model from networks trained on a whole corpus, or from a baseline. Its accuracy "
        "is estimated from the folds of a run of the same system.",
        make_model,
    )
    networks = "weights of the networks, member by member; none for a baseline"
    add_files(parser, "--weights", networks, required=False)
    embeddings = "their embeddings of every utterance, in the same order"
    add_files(parser, "--embeddings", embeddings, required=False)
    add_files(
        parser, "--held-out", "features of the same system in the run's folds, as for `classify`"
    )
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv of the run")
    add_file(parser, "--predictions", "predictions of the system in these folds")
    add_named_files(
        parser,
        "--features",
        "packed feature sets of the streams and of `fusion: features`, or of the baseline",
    )
    add_conditions(parser, "--copies", "degraded copies that a baseline is fitted on as well")
    add_context(parser)
    parser.add_argument(
        "--name", required=True, default=argparse.SUPPRESS, help="name of the model"
    )
    parser.add_argument(
        "--system", required=True, default=argparse.SUPPRESS, help="name of the system"
    )
    parser.add_argument(
        "--training",
        type=json_object,
        default="{}",
        metavar="JSON",
        help="training settings of the networks, stored in the model",
    )
    add_classifier(parser)
    parser.add_argument(
        "--estimate",
        type=Path,
        metavar="FILE",
        help="predictions of the variants that inner folds selected, for the accuracy on the "
        "model card (default: predictions of the system itself)",
    )
    parser.add_argument(
        "--candidate", default="", help="name of the variant, if inner folds selected among several"
    )
    parser.add_argument(
        "--robustness",
        type=Path,
        metavar="FILE",
        help="robustness.csv of the system in these folds, for the model card",
    )
    add_settings(parser)
    add_folder(parser, "--output-dir", "folder to write")


def make_model(options: argparse.Namespace) -> None:
    """Writes the folder of a model."""
    from sersnake.corpora import emotion_order
    from sersnake.evaluation.calibration import held_out_calibration, score_columns
    from sersnake.fusion.part import ClassifierRecipe
    from sersnake.io import read_csv
    from sersnake.model import making, save_model
    from sersnake.protocols.recordings import kept_apart
    from sersnake.settings.classifiers import CLASSIFIERS, Fusion
    from sersnake.settings.enrolment import Speakers
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.seeds import Ensemble
    from sersnake.settings.streams import Streams
    from sersnake.settings.systems import is_baseline
    from sersnake.training.embeddings import member_blocks

    of_classifier = CLASSIFIERS[options.classifier].settings
    recipe, streams, fusion, settings, ensemble, of = settings_of(
        options, Recipe, Streams, Fusion, of_classifier, Ensemble, Speakers
    )
    recipe.check_for_a_model()
    recipe.check_enrolment(of.enrolment)
    by_voice = recipe.normalisation == "enrolled"
    if not options.weights and not is_baseline(options.system):
        raise SersnakeError(f"--weights: name those of the networks of {options.system}")
    manifest = read_csv(options.manifest, list(UTTERANCES))
    names = manifest["utterance"].tolist()
    seeds = (ensemble.seed, options.system, WHOLE_FOLD)
    scores = score_columns(emotion_order(manifest))
    predictions = read_csv(options.predictions, [*COLUMNS, *scores])
    estimate = read_csv(options.estimate, list(COLUMNS)) if options.estimate else predictions
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    held_out = _held_out(options, manifest, folds, ensemble.seeds)
    groups = kept_apart(manifest, *held_out.folds[0])
    corpus = _corpus(options, manifest, groups, of.enrolment.by)
    model = making.make_model(
        corpus,
        making.read_networks(options.weights, options.embeddings),
        member_blocks(options.embeddings, [WHOLE_FOLD], WHOLE_FOLD, names, ensemble.seeds),
        recipe=ClassifierRecipe(options.classifier, settings, fusion, seeds, of.enrolment),
        held_out=held_out,
        calibration=held_out_calibration(predictions, corpus.order, options.classifier),
        streams=streams,
        crop=recipe.crop,
        about=_about(options, manifest, folds, estimate, ensemble.seed, by_voice),
        draw_seed=ensemble.seed if by_voice else None,
    )
    save_model(model, options.output_dir)
    print(f"{options.output_dir}: {options.system}, {len(manifest)} utterances", file=sys.stderr)


def choose_model(options: argparse.Namespace) -> None:
    """Copies a folder."""
    import shutil

    from sersnake.evaluation.model_selection import best_over_folds
    from sersnake.io import read_csv
    from sersnake.io.files import atomic_folder
    from sersnake.model.folder import DESCRIPTION

    if len(options.predictions) != len(options.models):
        raise SersnakeError("--predictions: give one file for each model")
    columns = ["emotion", "predicted"]
    best = best_over_folds([read_csv(path, columns) for path in options.predictions])
    with atomic_folder(options.output_dir, DESCRIPTION) as temporary:
        shutil.copytree(options.models[best], temporary, dirs_exist_ok=True)
    print(f"{options.output_dir}: {options.models[best]}", file=sys.stderr)


def _corpus(
    options: argparse.Namespace, manifest: pd.DataFrame, groups: NDArray[Any], by: str
) -> TrainingData:
    from sersnake.corpora import emotion_order
    from sersnake.fusion.origin import Origin
    from sersnake.io import Features
    from sersnake.model.making import TrainingData

    names = manifest["utterance"].tolist()
    packs = {name: Features.load(path).select(names) for name, path in options.features.items()}
    copies = {
        condition: [Features.load(path).select(names) for path in paths]
        for condition, paths in by_condition(options.copies).items()
    }
    columns = ("emotion", "speaker", by)
    emotions, speakers, voices = (manifest[name].to_numpy(str) for name in columns)
    origin = Origin(speakers, groups, voices)
    return TrainingData(emotions, origin, emotion_order(manifest), packs, copies)


def _held_out(
    options: argparse.Namespace, manifest: pd.DataFrame, folds: pd.DataFrame, members: int
) -> HeldOut:
    """The folds of the run with the features of the same system."""
    from sersnake.model.making import HeldOut
    from sersnake.protocols import fold_parts
    from sersnake.training.embeddings import member_blocks

    fold_names = list(dict.fromkeys(folds["fold"]))
    utterances = manifest["utterance"]
    return HeldOut(
        [fold_parts(folds, fold, utterances) for fold in fold_names],
        lambda number: member_blocks(
            options.held_out, fold_names, fold_names[number], utterances.tolist(), members
        ),
    )


def _about(
    options: argparse.Namespace,
    manifest: pd.DataFrame,
    folds: pd.DataFrame,
    predictions: pd.DataFrame,
    seed: int,
    by_voice: bool,
) -> dict[str, Any]:
    """What a user of the model has to know."""
    import sersnake
    from sersnake.corpora import emotion_order
    from sersnake.corpora.registry import license_of, speech_of
    from sersnake.features.encoder_facts import encoder_facts
    from sersnake.model.card_data import about_corpus, about_groups, measure
    from sersnake.report.environment import describe_environment
    from sersnake.report.run_context import RunContext

    # Networks beside those of the system may be scaled in other ways, and read other features.
    of_run = RunContext.load(options.context)
    read = [e for e in of_run.encoders if e["features"] in options.features and not e["variants"]]
    context = replace(of_run, transductive=False, networks_enrolled=by_voice, encoders=tuple(read))
    encoders = encoder_facts(options.features, context.corpus)
    licence, order = license_of(manifest), emotion_order(manifest)
    return {
        "name": options.name,
        "system": options.system,
        "system_name": context.labels.system(options.system),
        "corpus": about_corpus(manifest, context.corpus_name, licence, speech_of(manifest)),
        "setting": context.setting,
        **({"candidate": options.candidate} if options.candidate else {}),
        "measured": measure(predictions, manifest, order, seed),
        "groups": about_groups(predictions, folds, manifest, order, seed),
        **_about_robustness(options, seed),
        "training": options.training,
        "seed": seed,
        **({"encoders": encoders} if encoders else {}),
        "versions": {"sersnake": sersnake.__version__, **describe_environment()["versions"]},
    }


def _about_robustness(options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """The accuracy on degraded recordings, if it was measured."""
    from sersnake.io import read_csv
    from sersnake.model.card_data import about_robustness

    if not options.robustness:
        return {}
    columns = ["system", "condition", "speaker", "emotion", "tested", "correct"]
    return {"robustness": about_robustness(read_csv(options.robustness, columns), seed)}
