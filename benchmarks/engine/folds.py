"""FCN on ten folds of EMODB: ten calls against one, and one by one against stacked."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from engine.emodb import Emodb, as_the_verb, quick_preset, quick_schedule
from engine.report import Result, alternate, render
from engine.verb import call, flags
from sersnake.io import Features, write_csv
from sersnake.io.progress import Progress
from sersnake.settings.schedule import Schedule
from sersnake.training.fold_training import FoldTraining

EPOCHS = 20  # after which the weights are compared


def measure(rounds: int, threads: int, folds: int | None) -> Result:
    """Wall time of the verb, and of epochs without its start."""
    corpus = Emodb.read()
    names = corpus.fold_names[:folds]
    functionals = corpus.functionals()
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder), corpus, functionals)
        calls = time_calls(Path(folder), names, rounds, threads)
    schedule = quick_schedule("fcn")
    rows = [("calls of the verb, precision auto", schedule.epochs, *calls.values())]
    differences = []
    for precision in ("auto", "float32"):
        trainings = {
            "one by one": [corpus.training("fcn", [n], functionals, precision) for n in names],
            "stacked": [corpus.training("fcn", names, functionals, precision)],
        }
        rows.append((f"one epoch, in process, {precision}", 1, *time_epochs(trainings).values()))
        actual, largest = compare(trainings["one by one"], trainings["stacked"][0])
        differences.append(f"{precision}: {actual:.2g}, of weights up to {largest:.2g}")
    table = pd.DataFrame(rows, columns=["what", "epochs", "one_by_one_s", "together_s"])
    table["ratio"] = table["one_by_one_s"] / table["together_s"]
    formats = {"one_by_one_s": "%.3f", "together_s": "%.3f", "ratio": "%.2f"}
    lines = [
        f"FCN, EMODB, {len(names)} folds, quick preset ({schedule.epochs} epochs, batches of "
        f"{schedule.batch_size}): a call a fold one after",
        f"the other, or one call for all of them (median of {rounds}); and one epoch of every fold "
        "without",
        f"start-up (median of {EPOCHS - 1}).",
        "",
        *render(table, formats),
        "",
        "What one call saves on a CPU are the starts of the others, and what each operation costs",
        "to issue: the arithmetic of one fold already fills a core.",
        f"Largest difference of a weight after {EPOCHS} epochs:",
        *differences,
    ]
    return Result("fcn", lines, {"training_fcn": table})


def write_inputs(folder: Path, corpus: Emodb, functionals: Features) -> None:
    """The files that the verb reads."""
    write_csv(folder / "manifest.csv", corpus.manifest)
    write_csv(folder / "folds.csv", corpus.folds)
    corpus.mfcc(13).save(folder / "mfcc.safetensors")
    functionals.save(folder / "functionals.safetensors")


def time_calls(folder: Path, names: Sequence[str], rounds: int, threads: int) -> dict[str, float]:
    """Median seconds of a call a fold, and of one for all."""
    settings = {**quick_schedule("fcn").as_dict(), "dropout": quick_preset()["dropout"]}
    common = flags(folder, "fcn", threads, **settings)

    def train(*folds: str) -> None:
        call(["train", "fcn", "--fold", *folds, *common], threads)

    def one_by_one() -> None:
        for name in names:
            train(name)

    runs = {"one_by_one": one_by_one, "together": lambda: train(*names)}
    return alternate(runs, rounds, Progress("calls", 2 * (1 + rounds), sys.stderr))


def time_epochs(trainings: dict[str, list[FoldTraining]]) -> dict[str, float]:
    """Median seconds of an epoch of all folds; all are trained ``EPOCHS`` epochs."""
    schedule = quick_schedule("fcn")
    one_epoch = Schedule(1, schedule.batch_size, schedule.learning_rate)
    done = dict.fromkeys(trainings, 0)

    def epoch(way: str) -> None:
        for training in trainings[way]:
            first = [done[way]] * len(training.names)
            training.train(one_epoch, first, lambda fold, row: None)
        done[way] += 1

    runs = {way: lambda way=way: epoch(way) for way in trainings}
    with as_the_verb():
        return alternate(runs, EPOCHS - 1, Progress("epochs", 2 * EPOCHS, sys.stderr))


def compare(alone: Sequence[FoldTraining], stack: FoldTraining) -> tuple[float, float]:
    """Largest difference of a weight between the two ways, and the largest weight."""
    stacked = dict(stack.trainer.network.named_parameters())
    difference = largest = 0.0
    for member, training in enumerate(alone):
        for name, weight in training.trainer.network.named_parameters():
            actual = (weight[0] - stacked[name][member]).detach().abs().max()
            difference = max(difference, float(actual))
            largest = max(largest, float(np.abs(weight.detach().numpy()).max()))
    return difference, largest
