"""Times `sersnake predict`: the first prediction, files per second, and time per stage.

Usage: ``python benchmarks/predict.py MODEL`` with the folder of a model of EMODB (`snakemake model
--configfile config/emodb.yaml`); needs SERSNAKE_CORPORA. Without a model it says so and ends.
Medians of some rounds, each a process of its own, as a user would call it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from sersnake.io.audio import read_audio
from sersnake.model import load_model

DEFAULT = Path("results/emodb/model")


def seconds_of(words: list[str], *, first_line: bool) -> float:
    """From the call to its end, or to the first row of its answer."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "sersnake", "predict", *words], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        if first_line:
            process.stdout.readline()  # the header
            assert process.stdout.readline()
            actual = time.perf_counter() - start
            process.stdout.read()
        else:
            process.stdout.read()
            process.wait()
            actual = time.perf_counter() - start
    assert process.returncode == 0
    return actual


def stages(model: Path, files: list[Path]) -> dict[str, float]:
    """Seconds of each stage for all files on one thread, the processes' start left out."""
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


def main() -> None:
    """Prints the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("model", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    corpora = os.environ.get("SERSNAKE_CORPORA")
    if not corpora or not (options.model / "model.json").is_file():
        print(f"predict: needs SERSNAKE_CORPORA and a model in {options.model}; left out")
        return
    folder = Path(corpora) / "emodb" / "wav"
    files = sorted(folder.glob("*.wav"))
    model = ["--model", str(options.model)]
    rounds = range(options.rounds)
    one = statistics.median(seconds_of([str(files[0]), *model], first_line=True) for _ in rounds)
    first = statistics.median(seconds_of([str(folder), *model], first_line=True) for _ in rounds)
    whole = statistics.median(seconds_of([str(folder), *model], first_line=False) for _ in rounds)
    print(f"one recording: answered after {one:.2f} s; first of a folder after {first:.2f} s")
    print(
        f"{len(files)} recordings: {whole:.2f} s in total, {len(files) / whole:.0f} files per "
        "second;"
    )
    print(f"after the start ({one:.2f} s): {len(files) / (whole - one):.0f} files per second")
    took = stages(options.model, files)
    total = sum(took.values())
    print(f"on one thread, {len(files)} recordings take {total:.2f} s:")
    for name, seconds in took.items():
        per_file = 1000 * seconds / len(files)
        print(f"  {name:32}{seconds:7.2f} s {per_file:7.2f} ms a file {seconds / total:7.1%}")


if __name__ == "__main__":
    main()
