"""The verb of embeddings of degraded recordings."""

from __future__ import annotations

import argparse
from typing import Any

from sersnake.cli.arguments import (
    add_file,
    add_files,
    add_named_files,
    add_output,
    add_threads,
    add_verb,
)
from sersnake.cli.settings import add_settings, settings_of


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "embed-degraded",
        "Embed degraded recordings with the networks of trained folds.",
        embed_degraded,
    )
    parser.add_argument("network", help="stream of the network, or fused")
    add_files(parser, "--weights", "weights of the folds to embed in (verbs train, retrain)")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv (fold, utterance, part)")
    add_named_files(parser, "--features", "packed feature sets of its streams, to fit z-scores on")
    add_named_files(
        parser, "--degraded", "the same feature sets of degraded recordings (verb extract-degraded)"
    )
    add_settings(parser)
    add_threads(parser, "number of PyTorch threads")
    add_output(
        parser, "embedding of every utterance in every fold, in the format of the verb train,"
    )


def embed_degraded(options: argparse.Namespace) -> None:
    """Writes the embeddings of the degraded recordings, fold by fold."""
    import numpy as np
    import torch

    from sersnake.io import Features, read_csv
    from sersnake.settings.enrolment import KnownVoices
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.streams import Streams
    from sersnake.training.cards import take_card
    from sersnake.training.devices import repeatable
    from sersnake.training.embeddings import Embeddings
    from sersnake.training.fold_training import FoldTraining
    from sersnake.training.weights import Weights

    recipe, streams, known = settings_of(options, Recipe, Streams, KnownVoices)
    torch.set_num_threads(options.threads)
    take_card(recipe.device)
    repeatable(recipe.device, recipe.autotune)
    packs = [
        {name: Features.load(path) for name, path in files.items()}
        for files in (options.features, options.degraded)
    ]
    corpus: dict[str, Any] = {
        "manifest": read_csv(options.manifest, ["utterance", "emotion", "corpus"]),
        "folds": read_csv(options.folds, ["fold", "utterance", "part"]),
        "features": packs[0],
        "copies": packs[1:],
    }
    embedded = {}
    of_folds = (pair for path in options.weights for pair in Weights.load(path).by_fold())
    for fold, arrays in of_folds:
        # Its first weights are not kept.
        how = {"seed": 0, "recipe": recipe, "streams": streams, "known": known}
        training = FoldTraining(options.network, fold=fold, **corpus, **how)
        training.restore(arrays)
        (embedded[fold],) = training.embed_copies()
    values = np.stack(list(embedded.values()))
    utterances = tuple(training.utterances)
    Embeddings(tuple(embedded), utterances, values, options.network).save(options.output)
