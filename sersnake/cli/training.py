"""Verbs that train a network on folds."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_file, add_folds, add_output, add_verb
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.checkpoints import Checkpoint
    from sersnake.course import Phase
    from sersnake.fold_training import FoldTraining


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "train",
        "Train a network on the training part of each fold. Counts how often each "
        "utterance is misclassified (Eq. 2).",
        train,
    )
    _add_training(parser)
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
    _add_training(parser)
    add_file(parser, "--initial", "weights of the first phase on the same folds")
    add_file(parser, "--hard-index", "hard index of the folds (verb mine)")


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", choices=("acln", "fcn", "fused"), help="network")
    add_folds(parser)
    add_file(parser, "--mfcc", "packed MFCCs")
    add_file(parser, "--functionals", "packed functionals")
    parser.add_argument(
        "--arms", nargs="+", default=["independent_ce"], help="arms that the history belongs to"
    )
    parser.add_argument("--epochs", type=int, default=40, help="epochs, at the most")
    parser.add_argument("--batch-size", type=int, default=32, help="utterances a batch")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="Adam's learning rate")
    parser.add_argument(
        "--decay-epochs",
        type=int,
        default=0,
        help="last epochs, in which the learning rate falls to zero on a cosine",
    )
    parser.add_argument(
        "--steady-window",
        type=int,
        default=0,
        help="epochs over which the loss is averaged to see that it is steady; 0 trains them all",
    )
    parser.add_argument(
        "--steady-tolerance", type=float, default=0.0, help="relative fall that counts as steady"
    )
    parser.add_argument("--dropout", type=float, default=0.25, help="rate before the output layer")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, batches and dropout")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, …")
    parser.add_argument(
        "--autotune",
        action="store_true",
        help="let a graphics card time its convolutions; results then differ in the last digits",
    )
    parser.add_argument(
        "--precision", choices=("auto", "float32", "bfloat16"), default="auto", help="of matrices"
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="where a killed call leaves off and the next one goes on; removed at the end",
    )
    parser.add_argument(
        "--checkpoint-seconds", type=float, default=60.0, help="time between two checkpoints in s"
    )
    add_output(parser, "weights", "--output-weights")
    add_output(parser, "history", "--output-history")
    add_output(parser, "the network's features of every utterance", "--output-embedding")


def train(options: argparse.Namespace) -> None:
    """Writes weights, history, counts and embeddings of a phase."""
    from sersnake.io import write_csv
    from sersnake.progress import EpochProgress

    folds = _load(options, loss=options.loss, gamma=options.gamma)
    first_epochs = [0] * len(options.fold)
    if options.initial:
        first_epochs = _restore(folds, options)
    checkpoint = _checkpoint(options)
    to_train = dict(zip(options.fold, first_epochs, strict=True))
    report = EpochProgress(options.network, to_train, options.epochs, sys.stderr)
    phases = folds.train(_schedule(options), first_epochs, report, checkpoint)
    _save(options, folds, phases, first_epochs)
    if options.output_counts:
        write_csv(options.output_counts, folds.counts(phases))
    _finish(checkpoint)


def retrain(options: argparse.Namespace) -> None:
    """Writes weights, history and embeddings of the hard-example phase."""
    from sersnake.io import read_csv
    from sersnake.progress import EpochProgress

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
    phases = folds.retrain(hard, _schedule(options), first_epochs, report, checkpoint)
    _save(options, folds, phases, first_epochs)
    _finish(checkpoint)


def _load(options: argparse.Namespace, **loss: Any) -> FoldTraining:
    import torch

    from sersnake.fold_training import FoldTraining
    from sersnake.io import Features, read_csv

    torch.set_num_threads(options.threads)
    _repeatable(options.device, options.autotune)
    return FoldTraining(
        options.network,
        manifest=read_csv(options.manifest, ["utterance", "emotion", "corpus"]),
        folds=read_csv(options.folds, ["fold", "utterance", "part"]),
        names=options.fold,
        mfcc=Features.load(options.mfcc),
        functionals=Features.load(options.functionals),
        dropout=options.dropout,
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        **loss,
    )


def _repeatable(device: str, autotune: bool) -> None:
    """Same seed, same bytes; a graphics card may be allowed to choose its algorithms by speed."""
    import torch

    # Decayed moments of Adam become numbers so small that processors turn slow on them.
    torch.set_flush_denormal(True)
    # As use_deterministic_algorithms, which would load a compiler to tell it so.
    torch.set_deterministic_debug_mode("error" if device == "cpu" else "warn")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is only then repeatable
    torch.backends.cudnn.benchmark = autotune
    torch.backends.cudnn.allow_tf32 = False  # float32 means float32


def _schedule(options: argparse.Namespace) -> Any:
    from sersnake.schedule import Schedule

    return Schedule(
        options.epochs,
        options.batch_size,
        options.learning_rate,
        options.decay_epochs,
        options.steady_window,
        options.steady_tolerance,
    )


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
    folds.restore(arrays)
    return list(metadata["epochs"])


# What of a call decides neither the weights nor the history.
WITHOUT_EFFECT = {"run", "arms", "checkpoint", "checkpoint_seconds"}


def _checkpoint(options: argparse.Namespace) -> Checkpoint | None:
    from sersnake.checkpoints import Checkpoint, identity

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
    import pandas as pd

    from sersnake.embeddings import Embeddings
    from sersnake.io import write_csv, write_tensors

    columns = ["network", "arm", "fold", "phase", "epoch", "loss", "accuracy"]
    columns += ["learning_rate", "fall"]
    names = {"network": options.network, "phase": 2 if options.initial else 1}
    rows = [
        {**names, "fold": fold, "arm": arm, **row}
        for fold, phase in zip(options.fold, phases, strict=True)
        for arm in options.arms
        for row in phase.history
    ]
    write_csv(options.output_history, pd.DataFrame(rows, columns=columns), "%.8g")
    epochs = [first + phase.epochs for first, phase in zip(first_epochs, phases, strict=True)]
    metadata = {"folds": options.fold, "epochs": epochs}
    write_tensors(options.output_weights, folds.state(), metadata)
    embeddings = Embeddings(
        tuple(options.fold), tuple(folds.utterances), folds.embed(), options.network
    )
    embeddings.save(options.output_embedding)


def _finish(checkpoint: Checkpoint | None) -> None:
    from sersnake.memory import describe_peak_memory

    if checkpoint:
        checkpoint.remove()
    print(describe_peak_memory(), file=sys.stderr)
