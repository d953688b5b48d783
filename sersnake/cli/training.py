"""Verbs that train a network on one fold."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_file, add_fold, add_output, add_verb
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    from sersnake.checkpoints import Checkpoint
    from sersnake.fold_training import FoldTraining


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "train",
        "Train a network on a fold's training part. Counts how often each "
        "utterance is misclassified (Eq. 2).",
        train,
    )
    _add_training(parser)
    parser.add_argument(
        "--loss", choices=("cross_entropy", "focal"), default="cross_entropy", help="loss"
    )
    parser.add_argument("--gamma", type=float, default=2.0, help="of the focal loss")
    parser.add_argument(
        "--initial", type=Path, metavar="FILE", help="weights of an earlier phase to go on from"
    )
    parser.add_argument(
        "--output-counts",
        type=Path,
        metavar="FILE",
        help="counts (utterance, misclassified, epochs) to write, which mining needs",
    )
    parser = add_verb(
        verbs,
        "retrain",
        "Train a network on its hard examples alone with the hard-example loss (Eq. 3).",
        retrain,
    )
    _add_training(parser)
    add_file(parser, "--initial", "weights of the first phase")
    add_file(parser, "--hard-index", "hard index of the fold (verb mine)")


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", choices=("acln", "fcn", "fused"), help="network")
    add_fold(parser)
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
    """Writes weights, history, counts and embedding of a phase."""
    from sersnake.io import write_csv

    fold = _load(options, loss=options.loss, gamma=options.gamma)
    arrays, first_epoch = _initial(options.initial) if options.initial else (None, 0)
    if arrays:
        fold.trainer.restore(arrays)
    checkpoint = _checkpoint(options)
    report = _report(options, first_epoch)
    phase = fold.train(_schedule(options), first_epoch, report, checkpoint)
    _save(options, fold, phase.history, first_epoch + phase.epochs)
    if options.output_counts:
        write_csv(options.output_counts, fold.counts(phase))
    if checkpoint:
        checkpoint.remove()


def retrain(options: argparse.Namespace) -> None:
    """Writes weights, history and embedding of the hard-example phase."""
    from sersnake.io import read_csv

    fold = _load(options)
    arrays, first_epoch = _initial(options.initial)
    fold.trainer.restore(arrays)
    hard = read_csv(options.hard_index, ["utterance", "hard_index", "hard"])
    checkpoint = _checkpoint(options)
    report = _report(options, first_epoch)
    phase = fold.retrain(hard, _schedule(options), first_epoch, report, checkpoint)
    _save(options, fold, phase.history, first_epoch + phase.epochs)
    if checkpoint:
        checkpoint.remove()


def _load(options: argparse.Namespace, **loss: Any) -> FoldTraining:
    import torch

    from sersnake.fold_training import FoldTraining
    from sersnake.io import Features, read_csv

    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    return FoldTraining(
        options.network,
        manifest=read_csv(options.manifest, ["utterance", "emotion", "corpus"]),
        folds=read_csv(options.folds, ["fold", "utterance", "part"]),
        fold=options.fold,
        mfcc=Features.load(options.mfcc),
        functionals=Features.load(options.functionals),
        dropout=options.dropout,
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        **loss,
    )


def _schedule(options: argparse.Namespace) -> Any:
    from sersnake.training import Schedule

    return Schedule(
        options.epochs,
        options.batch_size,
        options.learning_rate,
        options.decay_epochs,
        options.steady_window,
        options.steady_tolerance,
    )


def _initial(path: Path) -> tuple[dict[str, Any], int]:
    from sersnake.io import read_tensors

    arrays, metadata = read_tensors(path)
    if "epochs" not in metadata:
        raise SersnakeError(f"{path}: holds no weights of a training phase")
    return arrays, metadata["epochs"]


def _report(options: argparse.Namespace, first_epoch: int) -> Any:
    from sersnake.progress import EpochProgress

    label = f"{options.network} fold {options.fold}"
    return EpochProgress(label, options.epochs, sys.stderr, first_epoch)


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
    fold: FoldTraining,
    history: list[dict[str, float]],
    epochs: int,
) -> None:
    import pandas as pd

    from sersnake.io import Features, write_csv, write_tensors

    columns = ["network", "arm", "fold", "phase", "epoch", "loss", "accuracy", "learning_rate"]
    phase = 2 if options.initial else 1
    names = {"network": options.network, "fold": options.fold, "phase": phase}
    rows = [{**names, "arm": arm, **row} for arm in options.arms for row in history]
    write_csv(options.output_history, pd.DataFrame(rows, columns=columns), "%.8g")
    write_tensors(options.output_weights, fold.trainer.state(), {"epochs": epochs})
    values = fold.trainer.embed()
    embedding = Features.stack(fold.utterances, [row[None] for row in values], options.network)
    embedding.save(options.output_embedding)
