"""Verbs of the hard-example atlas."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sersnake.cli.arguments import (
    add_context,
    add_file,
    add_folder,
    add_named_files,
    add_output,
    add_verb,
)
from sersnake.cli.settings import add_settings, settings_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sersnake.report.atlas.writing import Atlas
    from sersnake.settings.enrolment import KnownVoices
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.streams import Streams
    from sersnake.training.fold_training import FoldTraining

UTTERANCES = ["utterance", "path", "emotion", "speaker", "sex", "sentence", "duration"]
AGREEMENT = ["network", "utterances", "rho", "low", "high"]
MINED = ["network", "fold", "utterance", "misclassified", "epochs", "hard_index", "hard"]


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    _add_attend(verbs)
    parser = add_verb(
        verbs,
        "agreement",
        "Measure whether utterances that are hard for the networks were hard for EMODB's "
        "listeners.",
        agreement,
    )
    parser.add_argument("recognition", type=Path, help="EMODB's erkennung.txt")
    parser.add_argument("hard_index", type=Path, help="hard_index.csv")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    parser.add_argument("--seed", type=int, default=0, help="seed of the bootstrap")
    add_output(parser, "CSV file (network, utterances, rho, low, high)")
    _add_atlas(verbs)


def _add_attend(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs,
        "attend",
        "Record the attention weights of a stream over each utterance, in the first fold that "
        "tests the utterance.",
        attend,
    )
    parser.add_argument("weights", type=Path, nargs="+", help="weights of its network in all folds")
    parser.add_argument("--stream", default="acln", help="stream with an attention")
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_file(parser, "--folds", "folds.csv")
    add_named_files(parser, "--features", "packed feature set of the stream")
    add_settings(parser)
    add_output(parser, "packed attention")


def _add_atlas(verbs: argparse._SubParsersAction) -> None:
    parser = add_verb(
        verbs, "atlas", "Write the atlas, a page of all utterances that opens from disk.", atlas
    )
    add_file(parser, "--manifest", "manifest.csv of the corpus")
    add_context(parser)
    add_file(parser, "--predictions", "predictions.csv")
    add_file(parser, "--frames", "packed frames to draw")
    for flag, what in (
        ("--hard-index", "hard_index.csv"),
        ("--attention", "packed attention (verb attend)"),
        ("--recognition", "EMODB's erkennung.txt"),
        ("--agreement", "output of the verb agreement"),
    ):
        parser.add_argument(flag, type=Path, metavar="FILE", help=what)
    add_settings(parser)
    add_folder(parser, "--output-dir", "folder to write")


def attend(options: argparse.Namespace) -> None:
    """Writes the attention weights of all utterances."""
    import torch

    from sersnake.io import read_csv
    from sersnake.report.atlas.attention import attend as look
    from sersnake.report.atlas.attention import choose_seats, pack_attention
    from sersnake.settings.enrolment import KnownVoices
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.streams import Streams
    from sersnake.training.weights import Weights

    torch.set_num_threads(1)
    recipe, streams, known = settings_of(options, Recipe, Streams, KnownVoices)
    folds = read_csv(options.folds, ["fold", "utterance", "part"])
    seats = choose_seats(folds)
    rows: dict[str, NDArray[np.float32]] = {}
    for path in options.weights:
        for fold, network in Weights.load(path).by_fold():
            training = _training(options, folds, fold, recipe, streams, known)
            rows |= look(training, network, seats)
            utterances = training.utterances
    pack_attention(utterances, rows, seats).save(options.output)


def _training(
    options: argparse.Namespace,
    folds: pd.DataFrame,
    fold: str,
    recipe: Recipe,
    streams: Streams,
    known: KnownVoices,
) -> FoldTraining:
    from sersnake.io import Features, read_csv
    from sersnake.training.fold_training import FoldTraining

    return FoldTraining(
        options.stream,
        manifest=read_csv(options.manifest, ["utterance", "emotion", "corpus"]),
        folds=folds,
        fold=fold,
        features={name: Features.load(path) for name, path in options.features.items()},
        seed=0,
        recipe=recipe.replace(device="cpu", precision="float32"),
        streams=streams,
        known=known,
    )


def agreement(options: argparse.Namespace) -> None:
    """Writes Spearman's rho of every network and prints it."""
    from sersnake.corpora.emodb_listeners import read_recognition
    from sersnake.io import read_csv, write_csv
    from sersnake.report.atlas.agreement import measure_agreement

    manifest = read_csv(options.manifest, ["utterance", "speaker"])
    table = measure_agreement(
        read_csv(options.hard_index, MINED),
        read_recognition(options.recognition),
        manifest.set_index("utterance")["speaker"],
        seed=options.seed,
    )
    write_csv(options.output, table, "%.6f")
    for row in table.itertuples():
        print(
            f"{row.network}: rho {row.rho:.3f} ({row.low:.3f} to {row.high:.3f}), "
            f"{row.utterances} utterances",
            file=sys.stderr,
        )


def atlas(options: argparse.Namespace) -> None:
    """Writes the folder of the atlas."""
    from sersnake.io.progress import Progress
    from sersnake.report.atlas import write_atlas
    from sersnake.settings.atlas import AtlasPage

    (page,) = settings_of(options, AtlasPage)
    content = _collect(options, page.system)
    write_atlas(
        content,
        options.output_dir,
        embed_audio=page.embed_audio,
        progress=Progress("utterances", len(content.manifest), sys.stderr),
    )


def _collect(options: argparse.Namespace, system: str) -> Atlas:
    import pandas as pd

    from sersnake.corpora.emodb_listeners import read_recognition
    from sersnake.io import Features, read_csv
    from sersnake.report.atlas.writing import Atlas
    from sersnake.report.run_context import RunContext
    from sersnake.settings.networks import FUSED

    context = RunContext.load(options.context)
    manifest = read_csv(options.manifest, UTTERANCES)
    predictions = read_csv(options.predictions, ["system", "fold", "utterance", "predicted"])
    systems = list(dict.fromkeys(predictions["system"]))
    mined = pd.DataFrame(columns=MINED)
    return Atlas(
        manifest=manifest,
        emotions=context.emotions,
        hard_index=read_csv(options.hard_index, MINED) if options.hard_index else mined,
        predictions=predictions,
        frames=Features.load(options.frames),
        attention=Features.load(options.attention) if options.attention else None,
        recognised=read_recognition(options.recognition) if options.recognition else None,
        agreement=read_csv(options.agreement, AGREEMENT) if options.agreement else None,
        networks={name: context.labels.network(name) for name in (*context.streams, FUSED)},
        titles={name: context.labels.system(name) for name in systems},
        system=system if system in systems else systems[-1],
        about={"title": f"Hard-example atlas of {context.corpus_name}", "note": context.setting},
    )
