"""The verb that measures a model on a labelled corpus."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sersnake.cli.arguments import add_threads, add_verb
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb."""
    parser = add_verb(
        verbs,
        "evaluate",
        "Measure the accuracy of a model on a labelled corpus, among the emotions that both share.",
        evaluate,
    )
    parser.add_argument("name", metavar="NAME", help="name of the corpus, such as emodb")
    parser.add_argument("root", metavar="ROOT", type=Path, help="folder of the corpus")
    parser.add_argument(
        "--model",
        default="emodb",
        help="folder of the model, or name of a built-in one (see the verb models)",
    )
    parser.add_argument(
        "--card",
        action="store_true",
        help="add the result to the model card, in the model's folder",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="CSV file to write the predictions to"
    )
    add_settings(parser)
    add_threads(parser, "number of recordings whose features are extracted at a time")


def evaluate(options: argparse.Namespace) -> None:
    """Prints the accuracies, and writes the requested files."""
    from sersnake.corpora.joined import members_of, read_members
    from sersnake.io import write_csv
    from sersnake.io.progress import Progress
    from sersnake.model import load_model, save_model
    from sersnake.model.built_in import find_model, is_built_in
    from sersnake.model.on_corpus import (
        about_answers,
        answer_corpus,
        shared_emotions,
        with_answers,
    )
    from sersnake.settings.corpus import CorpusSettings

    (settings,) = settings_of(options, CorpusSettings)
    if options.card and is_built_in(options.model):
        raise SersnakeError(
            f"--card: {options.model} is built in; copy its folder and name the copy with --model"
        )
    manifest = read_members(members_of(options.name, options.root, settings), options.name)
    model = load_model(options.model)
    asked = manifest["emotion"].isin(shared_emotions(model, manifest)).sum()
    progress = Progress("utterances", int(asked), sys.stderr)
    answers = answer_corpus(model, manifest, progress, options.threads)
    told = about_answers(model, manifest, answers, model.about["seed"])
    for line in sentences(told):
        print(line)
    if options.output:
        write_csv(options.output, answers)
    if options.card:
        folder = find_model(options.model)
        save_model(replace(model, about=with_answers(model.about, told)), folder)


def sentences(told: Mapping[str, Any]) -> Iterator[str]:
    """The accuracies as lines of text."""
    emotions, measured = told["emotions"], told["measured"]
    yield (
        f"{told['utterances']} of {told['of']} utterances of {told['corpus']}, among "
        f"{len(emotions)} emotions: {', '.join(emotions)}"
    )
    if told["of_training"]:
        yield (
            "the model was trained on a corpus of this name: accuracy on training data is no "
            "estimate"
        )
    for metric in ("WA", "UA"):
        row = measured[metric]
        bounds = (
            "" if row["low"] is None else f" ({100 * row['low']:.1f} to {100 * row['high']:.1f})"
        )
        yield f"{metric} {100 * row['pooled']:.1f} %{bounds}"
    recalls = (f"{name} {100 * value:.1f} %" for name, value in measured["recall"].items())
    yield f"recall of {', '.join(recalls)}"
