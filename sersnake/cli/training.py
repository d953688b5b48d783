"""Verbs that train a network on folds."""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import add_file, add_folds, add_verb
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError
from sersnake.settings.networks import NETWORKS

if TYPE_CHECKING:
    import pandas as pd

    from sersnake.settings.architecture import Architecture
    from sersnake.settings.base import Settings
    from sersnake.settings.losses import Objective
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.seeds import Seed
    from sersnake.training.checkpoints import Checkpoint
    from sersnake.training.fold_epochs import Phase
    from sersnake.training.fold_training import FoldTraining

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
# What a phase of training leaves behind its stem.
WEIGHTS, HISTORY, CURVE = ".weights.safetensors", ".history.csv", ".curve.csv"
COUNTS, EMBEDDING, CHECKPOINT = ".counts.csv", ".safetensors", ".checkpoint.safetensors"


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "train",
        "Train a network on the training set of each fold. Counts how often each "
        "utterance is misclassified (Eq. 2), unless it goes on from --initial.",
        train,
    )
    _add_training(parser)
    parser.add_argument(
        "--initial",
        type=Path,
        metavar="FILE",
        help="weights that an earlier phase on the same folds left, to go on from",
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
    parser.add_argument("network", choices=tuple(NETWORKS), help="network")
    add_folds(parser)
    add_file(parser, "--mfcc", "packed MFCCs")
    add_file(parser, "--functionals", "packed functionals")
    parser.add_argument(
        "--systems",
        nargs="+",
        default=["independent_ce"],
        help="systems that the history belongs to",
    )
    add_settings(parser)
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch")
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="STEM",
        default=argparse.SUPPRESS,
        help=f"files to write, without their endings: {WEIGHTS}, {HISTORY}, {CURVE} (accuracy on "
        f"the test set after every epoch; decides nothing), {EMBEDDING} (the network's embedding "
        f"of every utterance), and {COUNTS} (misclassifications, which mining needs). "
        f"{CHECKPOINT} is where a killed call goes on; it is gone at the end",
    )


def train(options: argparse.Namespace) -> None:
    """Writes weights, history, counts and embeddings of a phase."""
    from sersnake.io import write_csv
    from sersnake.io.progress import EpochProgress
    from sersnake.settings.architecture import Architecture
    from sersnake.settings.losses import Objective
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.schedule import Schedule
    from sersnake.settings.seeds import Seed

    groups = settings_of(options, Schedule, Recipe, Architecture, Objective, Seed)
    schedule, recipe, architecture, objective, seed = groups
    folds = _load(options, recipe, architecture, seed, objective)
    first_epochs = _restore(folds, options) if options.initial else [0] * len(options.fold)
    checkpoint = _checkpoint(options, groups)
    to_train = dict(zip(options.fold, first_epochs, strict=True))
    report = EpochProgress(options.network, to_train, schedule.epochs, sys.stderr)
    phases = folds.train(schedule, first_epochs, report, checkpoint, curve=True)
    _save(options, folds, phases, first_epochs)
    if not options.initial:
        write_csv(_path(options, COUNTS), folds.counts(phases))
    _finish(options, checkpoint)


def retrain(options: argparse.Namespace) -> None:
    """Writes weights, history and embeddings of the hard-example phase."""
    from sersnake.io import read_csv
    from sersnake.io.progress import EpochProgress
    from sersnake.settings.architecture import Architecture
    from sersnake.settings.losses import Objective, Retraining
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.seeds import Seed

    groups = settings_of(options, Retraining, Recipe, Architecture, Seed)
    schedule, recipe, architecture, seed = groups
    folds = _load(options, recipe, architecture, seed, Objective())
    first_epochs = _restore(folds, options)
    hard = read_csv(options.hard_index, ["fold", "utterance", "hard_index", "hard"])
    checkpoint = _checkpoint(options, groups)
    some_hard = set(hard.loc[hard["hard"] == 1, "fold"])
    epochs_by_fold = dict(zip(options.fold, first_epochs, strict=True))
    to_train = {fold: epochs for fold, epochs in epochs_by_fold.items() if fold in some_hard}
    share = float(hard["hard"].mean())
    report = EpochProgress(options.network, to_train, schedule.epochs, sys.stderr, share)
    phases = folds.retrain(
        hard,
        schedule,
        first_epochs,
        report,
        checkpoint,
        alpha_shares=schedule.alpha_shares,
        re_initialise=schedule.re_initialise,
        curve=True,
    )
    _save(options, folds, phases, first_epochs)
    _finish(options, checkpoint)


def _path(options: argparse.Namespace, ending: str) -> Path:
    """A file that a phase leaves."""
    return Path(f"{options.output}{ending}")


def _load(
    options: argparse.Namespace,
    recipe: Recipe,
    architecture: Architecture,
    seed: Seed,
    objective: Objective,
) -> FoldTraining:
    import torch

    from sersnake.io import Features, read_csv
    from sersnake.training.fold_training import FoldTraining

    torch.set_num_threads(options.threads)
    _keep_memory()
    _repeatable(recipe.device, recipe.autotune)
    return FoldTraining(
        options.network,
        manifest=read_csv(options.manifest, ["utterance", "emotion", "corpus"]),
        folds=read_csv(options.folds, ["fold", "utterance", "part"]),
        names=options.fold,
        mfcc=Features.load(options.mfcc),
        functionals=Features.load(options.functionals),
        seed=seed.seed,
        recipe=recipe,
        architecture=architecture,
        objective=objective,
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


def _checkpoint(options: argparse.Namespace, groups: Sequence[Settings]) -> Checkpoint:
    """Where a killed call goes on, if all that decides its weights and history is the same."""
    from sersnake.settings.recipe import Recipe
    from sersnake.training.checkpoints import Checkpoint, identity

    inputs = [options.manifest, options.folds, options.mfcc, options.functionals, options.initial]
    inputs.append(getattr(options, "hard_index", None))
    values: Mapping[str, Any] = {k: v for group in groups for k, v in group.as_dict().items()}
    seconds = next(group.checkpoint_seconds for group in groups if isinstance(group, Recipe))
    call = {**values, "verb": options.verb, "network": options.network, "fold": options.fold}
    call |= {"threads": options.threads, "checkpoint_seconds": None}
    name = identity(call, [path for path in inputs if path])
    return Checkpoint(_path(options, CHECKPOINT), name, seconds)


def _save(
    options: argparse.Namespace,
    folds: FoldTraining,
    phases: list[Phase],
    first_epochs: list[int],
) -> None:
    from sersnake.io import write_csv, write_tensors
    from sersnake.training.embeddings import Embeddings

    columns = ["loss", "accuracy", "learning_rate", "fall"]
    histories = _of_epochs(options, [phase.history for phase in phases], columns)
    write_csv(_path(options, HISTORY), histories, "%.8g")
    curves = _of_epochs(options, [phase.curve for phase in phases], ["wa", "ua"])
    write_csv(_path(options, CURVE), curves, "%.8g")
    epochs = [first + phase.epochs for first, phase in zip(first_epochs, phases, strict=True)]
    metadata = {"folds": options.fold, "epochs": epochs}
    state = folds.state()
    if options.initial:  # nothing goes on from here, and Adam's moments are two thirds of a file
        state = {name: array for name, array in state.items() if not name.startswith("adam.")}
    write_tensors(_path(options, WEIGHTS), state, metadata)
    embeddings = Embeddings(
        tuple(options.fold), tuple(folds.utterances), folds.embed(), options.network
    )
    embeddings.save(_path(options, EMBEDDING))


def _of_epochs(
    options: argparse.Namespace, epochs: list[list[dict[str, float]]], columns: list[str]
) -> pd.DataFrame:
    """A row per epoch, fold and system; ``epochs`` has the rows of each fold."""
    import pandas as pd

    names = {"network": options.network, "phase": 2 if options.initial else 1}
    rows = [
        {**names, "fold": fold, "system": system, **row}
        for fold, of_fold in zip(options.fold, epochs, strict=True)
        for system in options.systems
        for row in of_fold
    ]
    return pd.DataFrame(rows, columns=["network", "system", "fold", "phase", "epoch", *columns])


def _finish(options: argparse.Namespace, checkpoint: Checkpoint) -> None:
    """Removes what this call, or an earlier one that was killed, needs no longer."""
    from sersnake.io import remove_halves
    from sersnake.io.memory import describe_peak_memory

    for ending in (WEIGHTS, HISTORY, CURVE, COUNTS, EMBEDDING):
        remove_halves(_path(options, ending))
    checkpoint.remove()
    print(describe_peak_memory(), file=sys.stderr)
