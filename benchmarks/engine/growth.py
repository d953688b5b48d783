"""How time and memory of training grow with the corpus; its utterances are synthetic."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.report import Result, render
from engine.verb import call, flags
from sersnake.io import atomic_path, write_csv
from sersnake.io.progress import Progress
from sersnake.io.tensors import header_bytes
from sersnake.protocols import Protocol, make_folds

SIZES = (500, 5_000, 50_000)
BOUND_MIB = 4096
EMOTIONS = ("angry", "happy", "neutral", "sad")
# Mean and standard deviation of the logarithm of EMODB's lengths in frames, and their range.
LENGTHS_MEAN, LENGTHS_DEVIATION, LENGTHS_RANGE = 5.378, 0.340, (101, 747)
COEFFICIENTS, FUNCTIONALS = 13, 384
# After one epoch to warm up, as many are timed as have this many utterances, at most five.
TIMED_UTTERANCES, MOST_EPOCHS = 10_000, 5
BLOCK = 1 << 16  # rows drawn at a time
TIMED_VERB = (str(Path(__file__).with_name("timed_verb.py")),)


def measure(sizes: Sequence[int], threads: int) -> Result:
    """Trains both networks on corpora of every size, each in a process of its own."""
    progress = Progress("calls", 2 * len(sizes), sys.stderr)
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            train = write_corpus(Path(name), size)
            for network in ("acln", "fcn"):
                actual = time_call(Path(name), network, size, threads)
                rows.append({"network": network, "utterances": size, "train": train, **actual})
                progress()
    table = pd.DataFrame(rows).sort_values(["network", "utterances"])
    a_train = table["epoch_s"] / table["train"]
    table["of_smallest"] = a_train / a_train.groupby(table["network"]).transform("first")
    formats = {"epoch_s": "%.2f", "embedding_s": "%.2f", "call_s": "%.1f", "peak_mib": "%.0f"}
    most = int(table["peak_mib"].max())
    kept = "within" if most <= BOUND_MIB else "above"
    lines = [
        "Synthetic utterances: noise for features, lengths drawn as EMODB's; 80 % of them train, "
        "in batches",
        "of 32. Seconds of one epoch and the evaluation of the test set after it (median of a "
        "call's epochs",
        "after the first), of the final embedding of all utterances, and of the whole call of the "
        "verb train;",
        "its peak memory, mapped files included.",
        f"of_smallest: an epoch's seconds an utterance against those at {min(sizes)} utterances.",
        "",
        *render(table, formats | {"of_smallest": "%.2f"}),
        "",
        f"Peak memory is {kept} the bound of {BOUND_MIB} MiB: {most} MiB.",
    ]
    return Result("growth", lines, {"training_growth": table})


def write_corpus(folder: Path, size: int) -> int:
    """Writes manifest, folds and packed features; returns how many utterances train."""
    rng = np.random.default_rng(size)
    manifest = pd.DataFrame(
        {
            "utterance": [f"u{number:07d}" for number in range(size)],
            "emotion": rng.choice(EMOTIONS, size),
            "corpus": "synthetic",
        }
    )
    folds = make_folds(manifest, Protocol(repeats=1))
    write_csv(folder / "manifest.csv", manifest)
    write_csv(folder / "folds.csv", folds)
    names = manifest["utterance"].tolist()
    drawn = rng.lognormal(LENGTHS_MEAN, LENGTHS_DEVIATION, size)
    lengths = np.clip(drawn, *LENGTHS_RANGE).astype(np.int64)
    write_noise(folder / "mfcc.safetensors", names, lengths, COEFFICIENTS, rng)
    ones = np.ones(size, np.int64)
    write_noise(folder / "is09.safetensors", names, ones, FUNCTIONALS, rng)
    return int((folds["part"] == "train").sum())


def write_noise(
    path: Path,
    names: list[str],
    lengths: NDArray[np.int64],
    dimension: int,
    rng: np.random.Generator,
) -> None:
    """Writes packed features of Gaussian noise, with one block at a time in memory."""
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int64)
    rows = int(offsets[-1])
    arrays = {"offsets": ("I64", offsets.shape), "values": ("F32", (rows, dimension))}
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(header_bytes(arrays, {"utterances": names, "options": {}}))
        file.write(offsets.tobytes())
        for start in range(0, rows, BLOCK):
            block = rng.standard_normal((min(BLOCK, rows - start), dimension), np.float32)
            file.write(block.tobytes())


def time_call(folder: Path, network: str, size: int, threads: int) -> dict[str, float]:
    """Seconds and peak memory of a call."""
    epochs = 1 + min(MOST_EPOCHS, max(1, TIMED_UTTERANCES // size))
    seconds = folder / f"{network}.seconds.json"
    words = [str(seconds), "train", network, "--fold", "0"]
    begin = time.perf_counter()
    log = call([*words, *flags(folder, network, threads, epochs=epochs)], threads, TIMED_VERB)
    whole = time.perf_counter() - begin
    peak = re.search(r"peak memory (\d+) MiB", log)
    if not peak:
        raise SystemExit(f"the verb train said nothing of its memory:\n{log[-2000:]}")
    actual = json.loads(seconds.read_text(encoding="utf-8"))
    return {
        "epoch_s": median(actual["epochs"][1:]),
        "embedding_s": actual["embedding"],
        "call_s": whole,
        "peak_mib": int(peak[1]),
    }
