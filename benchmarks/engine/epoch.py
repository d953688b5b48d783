"""Time of one ACLN epoch on one fold of EMODB: a plain PyTorch loop against the engine."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, TensorDataset

from engine.emodb import Emodb, as_the_verb, quick_preset, quick_schedule
from engine.plain import Example, PaddedACLN, collate, train_epoch
from engine.report import Result, Run, alternate, render
from sersnake.io import Features
from sersnake.io.progress import Progress
from sersnake.networks.acln import ALF_DIMENSION, CHANNELS, KERNEL
from sersnake.protocols import fold_parts
from sersnake.settings.schedule import Schedule
from sersnake.training.batches import sorted_batches
from sersnake.training.devices import pick_precision
from sersnake.training.fold_training import FoldTraining
from sersnake.training.scaling import ZScore

PRODUCT = 2048  # rows and columns of the matrices whose product is the upper bound
PRODUCTS = 20  # in a row
LOOPS = {
    "plain_padded": "plain PyTorch, padded to the corpus' longest",
    "plain_batches": "plain PyTorch, padded to the longest of each batch",
    "plain_sorted": "plain PyTorch, batches of like lengths",
    "sersnake_float32": "sersnake, float32",
    "sersnake_auto": "sersnake, precision auto",
}


def measure(rounds: int, utterances: int | None) -> Result:
    """Times an epoch of the first fold's training set, or of its first utterances."""
    corpus = Emodb.read()
    fold = corpus.fold_names[0]
    if utterances is not None:
        corpus = shortened(corpus, fold, utterances)
    loops, arithmetic = [], []
    for coefficients in (13, 40):
        features = corpus.mfcc(coefficients)
        seconds = time_loops(corpus, fold, features, coefficients, rounds)
        loops.append(loop_rows(coefficients, seconds))
        lengths = np.diff(features.offsets)[training_part(corpus, fold)]
        work = multiply_adds(lengths, coefficients, len(corpus.classes))
        arithmetic.append(arithmetic_row(coefficients, work, seconds))
    times, sums = pd.concat(loops), pd.DataFrame(arithmetic)
    lines = [
        f"One ACLN epoch, EMODB, fold {fold}: {len(lengths)} utterances, batches of 32; median of "
        f"{rounds} after a warm-up, in turns.",
        *describe(times, sums),
    ]
    return Result("epoch", lines, {"training_epoch": times, "training_arithmetic": sums})


def describe(times: pd.DataFrame, sums: pd.DataFrame) -> list[str]:
    """Both tables, and what their columns mean."""
    auto = str(pick_precision("auto", torch.device("cpu"), True)).removeprefix("torch.")
    shown = times.assign(loop=times["loop"].map(LOOPS))
    rates = {"gflops": "%.0f", "product_gflops": "%.0f", "share": "%.2f"}
    return [
        f"Precision auto is {auto} here.",
        "",
        *render(shown, {"seconds": "%.2f", "times_auto": "%.1f"}),
        "",
        "Multiply-adds of the layers on the unpadded frames: forwards, for the gradient of the "
        "weights and,",
        "but in the first layer, of the inputs. gflops: two for each of them, over the seconds of "
        "precision",
        f"auto. product_gflops: what a product of {auto} matrices of {PRODUCT} rows and columns "
        "reaches.",
        "",
        *render(sums, {"multiply_adds": "%.3g", **rates}),
    ]


def shortened(corpus: Emodb, fold: str, utterances: int) -> Emodb:
    """A corpus of only the first utterances of a fold's training set, all of which train."""
    chosen = corpus.manifest.iloc[training_part(corpus, fold)[:utterances]]
    folds = pd.DataFrame({"fold": fold, "utterance": chosen["utterance"], "part": "train"})
    return Emodb(chosen.reset_index(drop=True), folds)


def training_part(corpus: Emodb, fold: str) -> NDArray[np.int64]:
    """Positions of a fold's training set."""
    return fold_parts(corpus.folds, fold, corpus.manifest["utterance"])[0]


def time_loops(
    corpus: Emodb, fold: str, features: Features, coefficients: int, rounds: int
) -> dict[str, float]:
    """Median seconds of each loop's epoch, and of the matrix products."""
    runs = plain_runs(corpus, fold, features)
    for precision in ("float32", "auto"):
        training = corpus.training("acln", fold, features, precision)
        runs[f"sersnake_{precision}"] = partial(engine_epoch, training)
    runs["products"] = matrix_products()
    what = f"epochs of {coefficients} coefficients"
    return alternate(runs, rounds, Progress(what, (1 + rounds) * len(runs), sys.stderr))


def plain_runs(corpus: Emodb, fold: str, features: Features) -> dict[str, Run]:
    """The plain loop: padded to the corpus' or the batch's longest, or in batches by length."""
    train = training_part(corpus, fold)
    examples = scaled_examples(features, corpus.labels, train)
    # Whatever the fold, everything is padded to the longest utterance of the corpus.
    padded = TensorDataset(*(tensor[torch.from_numpy(train)] for tensor in collate(examples)))
    like_lengths = [train[each].tolist() for each in sorted_batches(_lengths(features, train), 32)]
    loaders = {
        "plain_padded": DataLoader(padded, batch_size=32, shuffle=True),
        "plain_batches": DataLoader(
            examples,  # type: ignore[arg-type]  # a list does
            batch_size=32,
            shuffle=True,
            collate_fn=collate,
        ),
        "plain_sorted": DataLoader(
            examples,  # type: ignore[arg-type]  # a list does
            batch_sampler=like_lengths,
            collate_fn=collate,
        ),
    }
    runs: dict[str, Run] = {}
    for name, loader in loaders.items():
        coefficients, dropout = features.values.shape[1], quick_preset()["dropout"]
        network = PaddedACLN(coefficients, len(corpus.classes), dropout=dropout)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        runs[name] = partial(train_epoch, network, optimizer, loader)
    return runs


def scaled_examples(
    features: Features, labels: NDArray[np.int64], train: NDArray[np.int64]
) -> list[Example]:
    """All utterances, scaled by the training set."""
    scale = ZScore.fit_utterances(features, train)
    frames = [torch.from_numpy(scale(features.rows(i))) for i in range(len(labels))]
    return [(rows, len(rows), int(label)) for rows, label in zip(frames, labels, strict=True)]


def _lengths(features: Features, train: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.diff(features.offsets)[train]


def engine_epoch(training: FoldTraining) -> None:
    """One epoch of the engine on one fold, as the verb ``train`` runs it."""
    schedule = Schedule(1, quick_schedule("acln").batch_size, 1e-3)
    with as_the_verb():
        training.train(schedule, 0, lambda row: None)


def matrix_products() -> Run:
    """``PRODUCTS`` products of large matrices in the precision that auto chooses."""
    dtype = pick_precision("auto", torch.device("cpu"), True)
    left, right = (torch.randn(PRODUCT, PRODUCT).to(dtype) for _ in range(2))

    def run() -> None:
        for _ in range(PRODUCTS):
            torch.mm(left, right)

    return run


def multiply_adds(lengths: NDArray[np.int64], coefficients: int, classes: int) -> int:
    """Of an epoch: forward pass, gradients of the weights, and of all inputs but the first's."""
    frames, rows, inputs, total = lengths, coefficients, 1, 0
    for outputs in CHANNELS:
        forward = int(frames.sum()) * rows * KERNEL**2 * inputs * outputs
        total += forward * (2 if inputs == 1 else 3)
        frames, rows, inputs = -(-frames // 2), -(-rows // 2), outputs
    hidden = ALF_DIMENSION
    recurrent = 4 * hidden * (inputs + hidden)
    attention = hidden * hidden + 2 * hidden
    of_steps = int(frames.sum()) * (recurrent + attention)
    return total + 3 * (of_steps + len(lengths) * hidden * classes)


def loop_rows(coefficients: int, seconds: dict[str, float]) -> pd.DataFrame:
    """One row per loop: seconds per epoch, and how many times faster the engine is."""
    rows = [
        {
            "coefficients": coefficients,
            "loop": loop,
            "seconds": seconds[loop],
            "times_auto": seconds[loop] / seconds["sersnake_auto"],
        }
        for loop in LOOPS
    ]
    return pd.DataFrame(rows)


def arithmetic_row(coefficients: int, work: int, seconds: dict[str, float]) -> dict[str, float]:
    """The engine's rate of arithmetic, and its share of that of a large matrix product."""
    reached = 2 * work / seconds["sersnake_auto"] / 1e9
    bound = 2 * PRODUCT**3 * PRODUCTS / seconds["products"] / 1e9
    return {
        "coefficients": coefficients,
        "multiply_adds": work,
        "gflops": reached,
        "product_gflops": bound,
        "share": reached / bound,
    }
