"""Times `sersnake predict`: one recording, a folder, each stage of it, and long recordings.

Usage: ``python benchmarks/predict.py [MODEL] [--out FOLDER] [--rounds N]`` with the folder of a
model; needs SERSNAKE_CORPORA. Without a model it says so and ends. The times are medians of several
rounds, each a process of its own, as a user would call it; a long recording is made of those of
EMODB in a row. Prints tables and writes them to ``predict.csv`` and ``predict_long.csv``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import soundfile
import torch

from sersnake.io import write_csv
from sersnake.io.audio import read_audio
from sersnake.model import load_model

DEFAULT = Path("results/emodb/model")
RATE, MINUTES = 16000, (4, 16, 60)
WINDOW = ("--window", "3", "--hop", "3")


VERB = [sys.executable, "-m", "sersnake", "predict"]
# A process counts the memory of the one that it was forked from, so a small one calls the verb.
WATCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def predict(*words: str | Path) -> tuple[float, float]:
    """Seconds from the call to the first row of its answer, and to its end."""
    start = time.perf_counter()
    with subprocess.Popen([*VERB, *map(str, words)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the header
        assert process.stdout.readline()
        first = time.perf_counter() - start
        process.stdout.read()
    assert process.returncode == 0
    return first, time.perf_counter() - start


def watched(*words: str | Path) -> dict[str, float]:
    """Seconds, those of the processor, and peak memory in MiB of a call."""
    command = [sys.executable, "-c", WATCH, *VERB, *map(str, words)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(
        zip(("seconds", "cpu_seconds", "memory_mib"), map(float, told.split()), strict=True)
    )


def stages(model: Path, files: list[Path]) -> dict[str, float]:
    """Seconds of each stage for all files on one thread, without the start of the process."""
    torch.set_num_threads(1)
    loaded = load_model(model)
    recogniser = loaded.ready()
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        took[name] = time.perf_counter() - start
        return result

    signals = timed("reading", lambda: [read_audio(path) for path in files])
    loaded.extraction.features(signals[0])  # reads openSMILE's configuration
    features = timed("features", lambda: [loaded.extraction.features(s) for s in signals])
    recogniser.judge(features[:32])
    timed(
        "networks, classifier, distance",
        lambda: [recogniser.judge(features[k : k + 32]) for k in range(0, len(files), 32)],
    )
    return took


def short(model: Path, files: list[Path], rounds: int) -> pd.DataFrame:
    """One recording and all of them, then the stages: columns what, files, seconds."""
    folder = files[0].parent
    one = [predict(files[0], "--model", model) for _ in range(rounds)]
    several = [predict(folder, "--model", model) for _ in range(rounds)]
    rows = [
        ("one recording", 1, median(first for first, _ in one)),
        ("first of a folder", 1, median(first for first, _ in several)),
        ("a folder", len(files), median(whole for _, whole in several)),
        *((name, len(files), seconds) for name, seconds in stages(model, files).items()),
    ]
    return pd.DataFrame(rows, columns=["what", "files", "seconds"])


def long(model: Path, files: list[Path]) -> Iterator[dict[str, float | str]]:
    """Recordings of some minutes, as a whole and in windows."""
    signal = np.concatenate([read_audio(path) for path in files])
    for minutes in MINUTES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "long.wav"
            soundfile.write(path, np.resize(signal, minutes * 60 * RATE), RATE)
            for name, words in (("the whole", ()), ("windows of 3 s", WINDOW)):
                yield {
                    "minutes": minutes,
                    "scored": name,
                    **watched(path, "--model", model, *words),
                }


def main() -> None:
    """Prints and writes the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("model", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    corpora = os.environ.get("SERSNAKE_CORPORA")
    if not corpora or not (options.model / "model.json").is_file():
        print(f"predict: needs SERSNAKE_CORPORA and a model in {options.model}; left out")
        return
    files = sorted((Path(corpora) / "emodb" / "wav").glob("*.wav"))
    tables = {
        "predict": short(options.model, files, options.rounds),
        "predict_long": pd.DataFrame(long(options.model, files)),
    }
    for name, table in tables.items():
        write_csv(options.out / f"{name}.csv", table, "%.4g")
        print(table.to_string(index=False, float_format="%.3f"))


if __name__ == "__main__":
    main()
