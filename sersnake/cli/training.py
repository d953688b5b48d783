"""Verbs that train a network on folds."""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_file, add_verb
from sersnake.cli.training_options import (
    add_counting,
    add_training,
    chosen_network,
    chosen_recipe,
    chosen_schedule,
)
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.training.checkpoints import Checkpoint
    from sersnake.training.course import Phase
    from sersnake.training.fold_training import FoldTraining

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "train",
        "Train a network on the training part of each fold. Counts how often each "
        "utterance is misclassified (Eq. 2).",
        train,
    )
    add_training(parser)
    add_counting(parser)
    parser.add_argument(
        "--loss", choices=("cross_entropy", "focal"), default="cross_entropy", help="loss"
    )
    parser.add_argument("--gamma", type=float, default=2.0, help="of the focal loss")
    parser.add_argument(
        "--initial",
        type=Path,
        metavar="FILE",
        help="weights that an earlier phase on the same folds left, to go on from",
    )
    parser.add_argument(
        "--output-counts",
        type=Path,
        metavar="FILE",
        help="counts (fold, utterance, misclassified, epochs) to write, which mining needs",
    )
    parser = add_verb(
        verbs,
        "retrain",
        "Train a network on its hard examples alone with the hard-example loss (Eq. 3).",
        retrain,
    )
    add_training(parser)
    add_file(parser, "--initial", "weights of the first phase on the same folds")
    add_file(parser, "--hard-index", "hard index of the folds (verb mine)")

    parser.add_argument(
        "--re-initialise",
        action="store_true",
        help="begin with fresh weights, those that the first phase began with, and not with those "
        "it left",
    )
    parser.add_argument(
        "--alpha-shares",
        choices=("train", "hard"),
        default="train",
        help="what alpha of Eq. 3 is a class' share of: the training part or its hard examples",
    )


def train(options: argparse.Namespace) -> None:
    """Writes weights, history, counts and embeddings of a phase."""
    from sersnake.io import write_csv
    from sersnake.io.progress import EpochProgress

    folds = _load(options, loss=options.loss, gamma=options.gamma)
    first_epochs = [0] * len(options.fold)
    if options.initial:
        first_epochs = _restore(folds, options)
    checkpoint = _checkpoint(options)
    to_train = dict(zip(options.fold, first_epochs, strict=True))
    report = EpochProgress(options.network, to_train, options.epochs, sys.stderr)
    phases = folds.train(
        chosen_schedule(options),
        first_epochs,
        report,
        checkpoint,
        curve=options.output_curve is not None,
    )
    _save(options, folds, phases, first_epochs)
    if options.output_counts:
        write_csv(options.output_counts, folds.counts(phases))
    _finish(options, checkpoint)


def retrain(options: argparse.Namespace) -> None:
    """Writes weights, history and embeddings of the hard-example phase."""
    from sersnake.io import read_csv
    from sersnake.io.progress import EpochProgress

    folds = _load(options)
    first_epochs = _restore(folds, options)
    hard = read_csv(options.hard_index, ["fold", "utterance", "hard_index", "hard"])
    checkpoint = _checkpoint(options)
    some_hard = set(hard.loc[hard["hard"] == 1, "fold"])
    to_train = {
        fold: epochs
        for fold, epochs in zip(options.fold, first_epochs, strict=True)
        if fold in some_hard
    }
    share = float(hard["hard"].mean())
    report = EpochProgress(options.network, to_train, options.epochs, sys.stderr, share)
    phases = folds.retrain(
        hard,
        chosen_schedule(options),
        first_epochs,
        report,
        checkpoint,
        alpha_shares=options.alpha_shares,
        re_initialise=options.re_initialise,
        curve=options.output_curve is not None,
    )
    _save(options, folds, phases, first_epochs)
    _finish(options, checkpoint)


def _load(options: argparse.Namespace, **loss: Any) -> FoldTraining:
    import torch

    from sersnake.io import Features, read_csv
    from sersnake.training.fold_training import FoldTraining

    torch.set_num_threads(options.threads)
    _keep_memory()
    _repeatable(options.device, options.autotune)
    return FoldTraining(
        options.network,
        manifest=read_csv(options.manifest, ["utterance", "emotion", "corpus"]),
        folds=read_csv(options.folds, ["fold", "utterance", "part"]),
        names=options.fold,
        mfcc=Features.load(options.mfcc),
        functionals=Features.load(options.functionals),
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        recipe=chosen_recipe(options),
        network_options=chosen_network(options),
        **loss,
    )


def _keep_memory() -> None:
    """Keeps what a step frees for the next one, which glibc would give back and ask for again."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_MMAP_THRESHOLD, 2**25)  # the largest that it takes


def _repeatable(device: str, autotune: bool) -> None:
    """Same seed, same bytes; a graphics card may be allowed to choose its algorithms by speed."""
    import torch

    # Decayed moments of Adam become numbers so small that processors turn slow on them.
    torch.set_flush_denormal(True)
    # As use_deterministic_algorithms, which would load a compiler to tell it so.
    torch.set_deterministic_debug_mode("error" if device == "cpu" else "warn")
    # It would fill all new memory too; nothing here is read before it is written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is only then repeatable
    torch.backends.cudnn.benchmark = autotune
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32


def _restore(folds: FoldTraining, options: argparse.Namespace) -> list[int]:
    """Goes on from the initial weights; returns how many epochs each fold was trained for."""
    from sersnake.io import read_tensors

    arrays, metadata = read_tensors(options.initial)
    if not isinstance(metadata, dict) or not {"folds", "epochs"} <= set(metadata):
        raise SersnakeError(f"{options.initial}: holds no weights of a training phase")
    if metadata["folds"] != options.fold:
        raise SersnakeError(
            f"{options.initial}: holds the folds {', '.join(metadata['folds'])}, not "
            f"{', '.join(options.fold)}; train the first phase on these"
        )
    if not any(name.startswith("adam.") for name in arrays):
        raise SersnakeError(
            f"{options.initial}: is the end of a training, without what Adam goes on from; name "
            "the weights of its first phase"
        )
    folds.restore(arrays)
    return list(metadata["epochs"])


# What of a call decides neither the weights nor the history.
WITHOUT_EFFECT = {"run", "arms", "checkpoint", "checkpoint_seconds"}


def _checkpoint(options: argparse.Namespace) -> Checkpoint | None:
    from sersnake.training.checkpoints import Checkpoint, identity

    if not options.checkpoint:
        return None
    chosen = {name: value for name, value in vars(options).items() if name not in WITHOUT_EFFECT}
    files = {name: path for name, path in chosen.items() if isinstance(path, Path)}
    inputs = [path for name, path in files.items() if not name.startswith("output_")]
    settings = {name: value for name, value in chosen.items() if name not in files}
    return Checkpoint(options.checkpoint, identity(settings, inputs), options.checkpoint_seconds)


def _save(
    options: argparse.Namespace,
    folds: FoldTraining,
    phases: list[Phase],
    first_epochs: list[int],
) -> None:
    from sersnake.io import write_csv, write_tensors
    from sersnake.training.embeddings import Embeddings

    columns = ["loss", "accuracy", "learning_rate", "fall"]
    histories = [phase.history for phase in phases]
    write_csv(options.output_history, _of_epochs(options, histories, columns), "%.8g")
    if options.output_curve:
        curves = [phase.curve for phase in phases]
        write_csv(options.output_curve, _of_epochs(options, curves, ["wa", "ua"]), "%.8g")
    epochs = [first + phase.epochs for first, phase in zip(first_epochs, phases, strict=True)]
    metadata = {"folds": options.fold, "epochs": epochs}
    state = folds.state()
    if options.initial:  # nothing goes on from here, and Adam's moments are two thirds of a file
        state = {name: array for name, array in state.items() if not name.startswith("adam.")}
    write_tensors(options.output_weights, state, metadata)
    embeddings = Embeddings(
        tuple(options.fold), tuple(folds.utterances), folds.embed(), options.network
    )
    embeddings.save(options.output_embedding)


def _of_epochs(
    options: argparse.Namespace, found: list[list[dict[str, float]]], columns: list[str]
) -> pd.DataFrame:
    """A row an epoch, fold and arm; ``found`` has a fold's rows one after the other."""
    import pandas as pd

    names = {"network": options.network, "phase": 2 if options.initial else 1}
    rows = [
        {**names, "fold": fold, "arm": arm, **row}
        for fold, of_fold in zip(options.fold, found, strict=True)
        for arm in options.arms
        for row in of_fold
    ]
    return pd.DataFrame(rows, columns=["network", "arm", "fold", "phase", "epoch", *columns])


def _finish(options: argparse.Namespace, checkpoint: Checkpoint | None) -> None:
    """Removes what this call, or an earlier one that was killed, needs no longer."""
    from sersnake.io import remove_halves
    from sersnake.io.memory import describe_peak_memory

    for name, path in vars(options).items():
        if name.startswith("output_") and path:
            remove_halves(path)
    if checkpoint:
        checkpoint.remove()
    print(describe_peak_memory(), file=sys.stderr)
