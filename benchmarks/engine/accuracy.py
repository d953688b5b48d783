"""UA of the engine against the plain loop's on the same batches of the same folds of EMODB."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from inspect import getfile
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from engine.emodb import SEED, Emodb, as_the_verb, quick_preset, quick_schedule
from engine.epoch import scaled_examples
from engine.plain import Example, collate, embed, train_epoch
from engine.report import Result, render
from sersnake.evaluation.metrics import score
from sersnake.evaluation.resampled_t import corrected_resampled_t
from sersnake.fusion.classifier import linear_svm, predict_fold
from sersnake.io import Features, read_csv, write_csv
from sersnake.io.progress import EpochProgress, Progress
from sersnake.io.seeds import derived_seed
from sersnake.networks.plain import PlainACLN
from sersnake.protocols import fold_parts
from sersnake.settings.schedule import Schedule
from sersnake.training.batches import draw_batches, sorted_batches
from sersnake.training.checkpoints import identity
from sersnake.training.evaluation import EVALUATION_BATCH

TABLE = "training_accuracy"
COLUMNS = ["fold", "sersnake", "plain", "difference", "train", "test", "code"]


def measure(out: Path, jobs: int, threads: int, folds: int | None, epochs: int | None) -> Result:
    """Trains and scores what an earlier call has not: a killed run goes on.

    Folds of other code or settings are made again.

    Args:
        out: Folder of the table, which grows fold by fold.
        jobs: Processes side by side.
        threads: Threads of each.
        folds: Number of folds, or all.
        epochs: Instead of the quick preset's.
    """
    names = Emodb.read().fold_names[:folds]
    schedule = shortened(quick_schedule("acln"), epochs)
    path = out / f"{TABLE}.csv"
    source = [*sorted(Path(__file__).parent.glob("*.py")), Path(getfile(PlainACLN))]
    code = f"sha256:{identity({**schedule.as_dict(), 'threads': threads}, source)[:12]}"
    table = finished(path, code)
    missing = [name for name in names if name not in set(table["fold"])]
    for row in train_folds(missing, schedule, jobs, threads):
        table = pd.concat([table, pd.DataFrame([{**row, "code": code}])])[COLUMNS]
        table = table.sort_values("fold", key=lambda column: column.map(names.index))
        write_csv(path, table, "%.5f")
    return Result("accuracy", describe(table, schedule.epochs), {TABLE: table})


def shortened(schedule: Schedule, epochs: int | None) -> Schedule:
    """The schedule on a cosine over fewer epochs, or as it is."""
    if epochs is None:
        return schedule
    return Schedule(epochs, schedule.batch_size, schedule.learning_rate, epochs)


def finished(path: Path, code: str) -> pd.DataFrame:
    """The folds of an earlier call whose code and settings were the same."""
    if not path.is_file():
        return pd.DataFrame(columns=COLUMNS)
    table = read_csv(path, COLUMNS)
    return table[table["code"] == code]


def train_folds(
    names: list[str], schedule: Schedule, jobs: int, threads: int
) -> Iterator[dict[str, object]]:
    """One row a fold, as they are finished."""
    progress = Progress("folds", len(names), sys.stderr)
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        running = [pool.submit(train_fold, name, schedule, threads) for name in names]
        for future in as_completed(running):
            yield future.result()
            progress()


def train_fold(fold: str, schedule: Schedule, threads: int) -> dict[str, object]:
    """UA in points of both ways on one fold."""
    torch.set_num_threads(threads)
    with threadpool_limits(threads):
        corpus = Emodb.read()
        train, test = fold_parts(corpus.folds, fold, corpus.manifest["utterance"])
        features = corpus.mfcc(13)
        actual = {
            "sersnake": engine_features(corpus, fold, features, schedule),
            "plain": plain_features(corpus, fold, features, schedule),
        }
        scores = {name: ua(corpus, values, train, test) for name, values in actual.items()}
    return {
        "fold": fold,
        **scores,
        "difference": scores["sersnake"] - scores["plain"],
        "train": len(train),
        "test": len(test),
    }


def engine_features(
    corpus: Emodb, fold: str, features: Features, schedule: Schedule
) -> NDArray[np.float32]:
    """ALF of every utterance after the engine's first phase, ``float32 (N, 128)``."""
    training = corpus.training("acln", [fold], features)
    report = EpochProgress("sersnake", {fold: 0}, schedule.epochs, sys.stderr)
    with as_the_verb():
        training.train(schedule, [0], report)
        actual: NDArray[np.float32] = training.embed()[0]
    return actual


def plain_features(
    corpus: Emodb, fold: str, features: Features, schedule: Schedule
) -> NDArray[np.float32]:
    """The same of the plain loop, on the batches that the engine draws."""
    train, _ = fold_parts(corpus.folds, fold, corpus.manifest["utterance"])
    examples = scaled_examples(features, corpus.labels, train)
    seed = derived_seed(SEED, "acln", fold)
    torch.manual_seed(seed)
    network = PlainACLN(len(corpus.classes), dropout=quick_preset()["dropout"])
    optimizer = torch.optim.Adam(network.parameters())
    report = EpochProgress("plain", {fold: 0}, schedule.epochs, sys.stderr)
    for epoch in range(1, schedule.epochs + 1):
        rate = schedule.rate(epoch - 1 - (schedule.epochs - schedule.decay_epochs))
        optimizer.param_groups[0]["lr"] = rate
        rng = np.random.default_rng(derived_seed(seed, epoch))
        batches = drawn(examples, draw_batches(train, schedule.batch_size, rng))
        loss, accuracy = train_epoch(network, optimizer, batches)
        report(fold, {"epoch": epoch, "loss": loss, "accuracy": accuracy, "learning_rate": rate})
    lengths = np.diff(features.offsets)
    return embed(network, examples, sorted_batches(lengths, EVALUATION_BATCH))


def drawn(examples: list[Example], batches: list[NDArray[np.int64]]) -> Iterator[tuple]:
    """The batches, each padded to its longest utterance."""
    for positions in batches:
        yield collate([examples[i] for i in positions])


def ua(
    corpus: Emodb,
    features: NDArray[np.float32],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> float:
    """UA of a linear SVM on the test set, in points."""
    emotions = corpus.manifest["emotion"].to_numpy(str)
    table = predict_fold(linear_svm(), features, emotions, train, test, corpus.classes)
    names = corpus.manifest["utterance"].to_numpy(str)[test]
    scores = score(table.assign(system="alf", fold="0", utterance=names), corpus.classes)
    return 100 * float(scores.query("metric == 'UA' and fold == '0'")["value"].iloc[0])


def describe(table: pd.DataFrame, epochs: int) -> list[str]:
    """The table, the mean difference and its intervals."""
    shown = table.drop(columns="code")
    formats = dict.fromkeys(("sersnake", "plain"), "%.2f") | {"difference": "%+.2f"}
    lines = [
        "UA in points of a linear SVM on ALF, EMODB, 13 coefficients, after phase 1 of the quick "
        "preset",
        f"({epochs} epochs): sersnake with precision auto, and the plain float32 loop on the same "
        "batches,",
        "padded to the longest of each and masked, with initial weights of its own.",
        "",
        *render(shown, formats),
        "",
        f"Mean: sersnake {table['sersnake'].mean():.2f}, plain {table['plain'].mean():.2f}, "
        f"difference {table['difference'].mean():+.2f} points.",
    ]
    if len(table) < 2:
        return [*lines, "One fold has no interval."]
    plain, corrected = intervals(table)
    return [
        *lines,
        f"95 % interval of the difference (t over folds): {plain[0]:+.2f} to {plain[1]:+.2f}. The "
        "folds overlap,",
        "so it is optimistic. Corrected for that (Nadeau and Bengio 2003): "
        f"{corrected[0]:+.2f} to {corrected[1]:+.2f}.",
    ]


def intervals(table: pd.DataFrame) -> list[tuple[float, float]]:
    """Of the mean difference: as if the folds were independent, and corrected for overlap."""
    overlap = float((table["test"] / table["train"]).mean())
    both = (corrected_resampled_t(table["difference"], ratio) for ratio in (0, overlap))
    return [(estimate.low, estimate.high) for estimate in both]
