"""Verbs that train a network on folds."""

from __future__ import annotations

import argparse
import ctypes
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sersnake.cli.arguments import (
    add_file,
    add_folds,
    add_named_files,
    add_threads,
    add_verb,
    by_condition,
    under_condition,
)
from sersnake.cli.settings import add_settings, settings_of
from sersnake.errors import SersnakeError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sersnake.settings.base import Settings
    from sersnake.training.checkpoints import Checkpoint
    from sersnake.training.fold_training import FoldTraining
    from sersnake.training.phase import Phase

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
# What a phase of training leaves behind its stem.
WEIGHTS, HISTORY, CURVE = ".weights.safetensors", ".history.csv", ".curve.csv"
COUNTS, EMBEDDING, CHECKPOINT = ".counts.csv", ".safetensors", ".checkpoint.safetensors"


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verbs of this stage."""
    parser = add_verb(
        verbs,
        "train",
        "Train a network on the training set of each fold. Counts how often each utterance is "
        "misclassified (Eq. 2), unless it continues from --initial.",
        train,
    )
    _add_training(parser)
    parser.add_argument(
        "--initial",
        type=Path,
        metavar="FILE",
        help="weights of an earlier phase on the same folds, to continue from",
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
    parser.add_argument(
        "network", help="stream whose network to train, or fused for one network of all streams"
    )
    add_folds(parser)
    add_named_files(parser, "--features", "packed feature sets of its streams")
    add_named_files(
        parser,
        "--copies",
        "the same feature sets of degraded copies (verb extract-degraded), "
        "CONDITION.FEATURES=FILE; each epoch reads a training utterance as it is or as one of its "
        "copies, at random",
        required=False,
    )
    parser.add_argument(
        "--systems",
        nargs="+",
        default=["independent_ce"],
        help="systems that the history belongs to",
    )
    add_settings(parser)
    add_threads(parser, "number of PyTorch threads")
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="STEM",
        default=argparse.SUPPRESS,
        help=f"files to write, without their endings: {WEIGHTS}, {HISTORY}, {CURVE} (accuracy on "
        f"the test set after every epoch; never used for selection), {EMBEDDING} (the network's "
        f"embedding of every utterance), and {COUNTS} (misclassifications, for mining). A killed "
        f"call continues from {CHECKPOINT}, which is removed at the end",
    )


def train(options: argparse.Namespace) -> None:
    """Writes weights, history, counts and embeddings of a phase."""
    from sersnake.io.progress import EpochProgress
    from sersnake.settings.enrolment import KnownVoices
    from sersnake.settings.losses import Objective
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.schedule import Schedule
    from sersnake.settings.seeds import Seed
    from sersnake.settings.streams import Streams

    groups = settings_of(options, Schedule, Recipe, Streams, Objective, Seed, KnownVoices)
    schedule, recipe, streams, objective, seed, known = groups
    initial = _initial(options) if options.initial else None
    first_epochs = initial.epochs if initial else dict.fromkeys(options.fold, 0)
    progress = EpochProgress(options.network, first_epochs, schedule.epochs, sys.stderr)

    def train_fold(training: FoldTraining, checkpoint: Checkpoint) -> Phase:
        return training.train(
            schedule,
            first_epochs[training.fold],
            lambda row: progress(training.fold, row),
            checkpoint,
            curve=True,
        )

    more = {"recipe": recipe, "streams": streams, "objective": objective, "known": known}
    _train_folds(options, groups, train_fold, initial, seed=seed.seed, **more)


def retrain(options: argparse.Namespace) -> None:
    """Writes weights, history and embeddings of the hard-example phase."""
    from sersnake.io import read_csv
    from sersnake.io.progress import EpochProgress
    from sersnake.settings.enrolment import KnownVoices
    from sersnake.settings.losses import Retraining
    from sersnake.settings.recipe import Recipe
    from sersnake.settings.seeds import Seed
    from sersnake.settings.streams import Streams

    groups = settings_of(options, Retraining, Recipe, Streams, Seed, KnownVoices)
    schedule, recipe, streams, seed, known = groups
    initial = _initial(options)
    hard = read_csv(options.hard_index, ["fold", "utterance", "hard_index", "hard"])
    some_hard = set(hard.loc[hard["hard"] == 1, "fold"])
    to_train = {fold: epochs for fold, epochs in initial.epochs.items() if fold in some_hard}
    share = float(hard["hard"].mean())
    progress = EpochProgress(options.network, to_train, schedule.epochs, sys.stderr, share)

    def retrain_fold(training: FoldTraining, checkpoint: Checkpoint) -> Phase:
        return training.retrain(
            hard,
            schedule,
            initial.epochs[training.fold],
            lambda row: progress(training.fold, row),
            checkpoint,
            alpha_shares=schedule.alpha_shares,
            re_initialise=schedule.re_initialise,
            curve=True,
        )

    more = {"recipe": recipe, "streams": streams, "known": known}
    _train_folds(options, groups, retrain_fold, initial, seed=seed.seed, **more)


def _path(options: argparse.Namespace, ending: str) -> Path:
    """A file that a phase writes."""
    return Path(f"{options.output}{ending}")


def _train_folds(
    options: argparse.Namespace,
    groups: Sequence[Settings],
    train_fold: Callable[[FoldTraining, Checkpoint], Phase],
    initial: Initial | None,
    **settings: Any,
) -> None:
    """Trains the folds one after the other and writes their results together."""
    import torch

    from sersnake.io import Features, read_csv
    from sersnake.training.cards import take_card
    from sersnake.training.checkpoints import Checkpoint
    from sersnake.training.devices import repeatable
    from sersnake.training.fold_training import FoldTraining

    if len(set(options.fold)) < len(options.fold):
        raise SersnakeError(f"fold: {', '.join(options.fold)} names a fold twice")
    torch.set_num_threads(options.threads)
    _keep_memory()
    if card := take_card(settings["recipe"].device):
        print(f"card {card} of this machine", file=sys.stderr)
    repeatable(settings["recipe"].device, settings["recipe"].autotune)
    settings["manifest"] = read_csv(options.manifest, ["utterance", "emotion", "corpus"])
    settings["folds"] = read_csv(options.folds, ["fold", "utterance", "part"])
    files = [options.features]
    files += [under_condition(options.copies, name) for name in by_condition(options.copies)]
    packs = [{name: Features.load(path) for name, path in each.items()} for each in files]
    settings["features"], settings["copies"] = packs[0], packs[1:]
    identity = _identity(options, groups)
    seconds = settings["recipe"].checkpoint_seconds
    checkpoints = [
        Checkpoint(_path(options, f".{number}{CHECKPOINT}"), f"{identity} {fold}", seconds)
        for number, fold in enumerate(options.fold)
    ]
    trained = []
    for fold, checkpoint in zip(options.fold, checkpoints, strict=True):
        training = FoldTraining(options.network, fold=fold, **settings)
        if initial:
            training.restore(initial.of_fold(fold))
        phase = train_fold(training, checkpoint)
        if len(options.fold) > 1:  # a call that is killed in a later fold finds this one complete
            checkpoint.write(training.trainer, phase)
        trained.append(_trained(training, phase))
    _save(options, trained, initial)
    _finish(options, checkpoints)


@dataclass(frozen=True)
class Trained:
    """The results of a fold's training."""

    utterances: list[str]
    phase: Phase
    counts: pd.DataFrame
    state: dict[str, NDArray[Any]]
    embedding: NDArray[np.float32]


def _trained(training: FoldTraining, phase: Phase) -> Trained:
    counts, state = training.counts(phase), training.state()
    state = {name: array.copy() for name, array in state.items()}
    return Trained(training.utterances, phase, counts, state, training.embed())


def _keep_memory() -> None:
    """Keeps the memory that a step frees for the next one, which glibc would return."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_MMAP_THRESHOLD, 2**25)  # the largest that it takes


@dataclass(frozen=True)
class Initial:
    """The results of an earlier phase on the same folds.

    Attributes:
        epochs: Epochs that each fold was trained for.
        arrays: Weights and Adam's state, a row per fold.
    """

    epochs: dict[str, int]
    arrays: dict[str, NDArray[Any]]

    def of_fold(self, fold: str) -> dict[str, NDArray[Any]]:
        """The arrays of a fold."""
        row = list(self.epochs).index(fold)
        return {name: array[row] for name, array in self.arrays.items()}


def _initial(options: argparse.Namespace) -> Initial:
    """Reads the initial weights.

    Raises:
        SersnakeError: They are of other folds, or training cannot continue from them.
    """
    from sersnake.training.weights import ADAM, Weights

    weights = Weights.load(options.initial)
    if weights.folds != options.fold:
        raise SersnakeError(
            f"{options.initial}: contains the folds {', '.join(weights.folds)}, not "
            f"{', '.join(options.fold)}; train the first phase on these"
        )
    if not any(name.startswith(ADAM) for name in weights.arrays):
        raise SersnakeError(
            f"{options.initial}: contains final weights without Adam's state; name the weights of "
            "the first phase"
        )
    return Initial(dict(zip(options.fold, weights.epochs, strict=True)), weights.arrays)


def _identity(options: argparse.Namespace, groups: Sequence[Settings]) -> str:
    """The identity of a checkpoint: all inputs that determine weights and history."""
    from sersnake.training.checkpoints import identity

    packs = [*options.features.values(), *options.copies.values()]
    inputs = [options.manifest, options.folds, *packs, options.initial]
    inputs.append(getattr(options, "hard_index", None))
    values: Mapping[str, Any] = {k: v for group in groups for k, v in group.as_dict().items()}
    call = {**values, "verb": options.verb, "network": options.network, "fold": options.fold}
    call |= {"threads": options.threads, "checkpoint_seconds": None}
    return identity(call, [path for path in inputs if path])


def _save(options: argparse.Namespace, trained: list[Trained], initial: Initial | None) -> None:
    import numpy as np
    import pandas as pd

    from sersnake.io import write_csv, write_tensors
    from sersnake.training.embeddings import Embeddings
    from sersnake.training.weights import ADAM

    columns = ["loss", "accuracy", "learning_rate", "fall"]
    histories = _of_epochs(options, [fold.phase.history for fold in trained], columns)
    write_csv(_path(options, HISTORY), histories, "%.8g")
    curves = _of_epochs(options, [fold.phase.curve for fold in trained], ["wa", "ua"])
    write_csv(_path(options, CURVE), curves, "%.8g")
    firsts = initial.epochs.values() if initial else [0] * len(trained)
    epochs = [first + fold.phase.epochs for first, fold in zip(firsts, trained, strict=True)]
    names: Iterable[str] = trained[0].state
    if initial:  # nothing goes on from here, and Adam's moments are two thirds of a file
        names = [name for name in names if not name.startswith(ADAM)]
    else:
        write_csv(_path(options, COUNTS), pd.concat([fold.counts for fold in trained]))
    arrays = {name: np.stack([fold.state[name] for fold in trained]) for name in names}
    write_tensors(_path(options, WEIGHTS), arrays, {"folds": options.fold, "epochs": epochs})
    values = np.stack([fold.embedding for fold in trained])
    utterances = tuple(trained[0].utterances)
    embeddings = Embeddings(tuple(options.fold), utterances, values, options.network)
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


def _finish(options: argparse.Namespace, checkpoints: list[Checkpoint]) -> None:
    """Removes files that this call, or an earlier killed one, no longer needs."""
    from sersnake.io import remove_halves
    from sersnake.io.memory import describe_peak_memory

    for ending in (WEIGHTS, HISTORY, CURVE, COUNTS, EMBEDDING):
        remove_halves(_path(options, ending))
    for checkpoint in checkpoints:
        checkpoint.remove()
    print(describe_peak_memory(), file=sys.stderr)
