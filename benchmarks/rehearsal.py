"""A synthetic corpus from recordings to tables, at a size and at a tenth of it: time and memory.

Usage: ``python benchmarks/rehearsal.py [--utterances 10039] [--cores 2] [--out FOLDER]``.

The recordings are noise in syllables, as long as IEMOCAP's turns are (log-normal, mean 4.5 s), and
say nothing about accuracy. One split into training and test set, an epoch of each phase, the four
default systems. Prints and writes (``rehearsal.csv``) CPU seconds and memory of each rule at both
sizes, and the exponent by which the seconds grow: 1 is linear.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from numpy.typing import NDArray

from sersnake.io import write_csv
from sersnake.report.timeline import read_timeline, sum_up

ROOT = Path(__file__).parents[1]
RATE, EMOTIONS, SPEAKERS = 16000, ("angry", "happy", "neutral", "sad"), 40
MEAN_S, SPREAD, SHORTEST_S, LONGEST_S = 4.5, 0.62, 0.6, 30.0
SYLLABLE_S = 0.2
CONFIG = """
corpus: noise
reader: csv
corpora_dir: {corpora}
folds: {{protocol: random_split, repeats: 1, test_share: 0.2}}
training:
  phase_1: {{epochs: 1, decay_epochs: 1}}
  retraining: {{epochs: 1, decay_epochs: 1}}
  phase_2: {{epochs: 1, decay_epochs: 1}}
  networks: {{fcn: {{phase_1: {{epochs: 1, decay_epochs: 1}}}}}}
"""


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--utterances", type=int, default=10_039, help="as IEMOCAP has turns")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"))
    return parser.parse_args()


def main() -> None:
    """Runs both sizes."""
    options = parse()
    sizes = [options.utterances // 10, options.utterances]
    rules = []
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            hours = make_corpus(Path(folder) / "corpora" / "noise", count)
            print(f"{count} utterances, {hours:.1f} h of noise, made in {seconds(begin)}")
            begin = time.perf_counter()
            run_workflow(Path(folder), options.cores)
            print(f"{count} utterances, features to tables: {seconds(begin)}", flush=True)
            rules.append(sum_up(read_timeline(Path(folder) / "results" / "noise")))
    table = compare(*rules, sizes)
    write_csv(options.out / "rehearsal.csv", table, float_format="%.4g")
    print(table.to_string(index=False, float_format="%.2f"))


def seconds(begin: float) -> str:
    """Since then, in words."""
    return f"{time.perf_counter() - begin:.0f} s"


def make_corpus(folder: Path, count: int) -> float:
    """Writes a user's corpus, and tells its hours."""
    draw = np.random.default_rng(0)
    rows, total = [], 0.0
    for number in range(count):
        logarithm = draw.normal(np.log(MEAN_S) - SPREAD**2 / 2, SPREAD)
        length = float(np.clip(np.exp(logarithm), SHORTEST_S, LONGEST_S))
        speaker, emotion = f"p{number % SPEAKERS:02d}", EMOTIONS[draw.integers(len(EMOTIONS))]
        path = folder / speaker / f"u{number:06d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, babble(draw, length), RATE)
        rows.append((f"{speaker}/{path.name}", speaker, emotion))
        total += length
    columns = ["path", "speaker", "emotion"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "manifest.csv", index=False)
    return total / 3600


def babble(draw: np.random.Generator, length: float) -> NDArray[np.float32]:
    """Noise whose level changes from syllable to syllable."""
    samples = int(length * RATE)
    times = np.arange(0, length + SYLLABLE_S, SYLLABLE_S)
    level = np.interp(np.arange(samples) / RATE, times, draw.uniform(0.005, 0.2, len(times)))
    noise: NDArray[np.float32] = draw.standard_normal(samples, np.float32) * np.float32(level)
    return noise


def run_workflow(folder: Path, cores: int) -> None:
    """The default systems, to their tables."""
    config = folder / "noise.yaml"
    config.write_text(CONFIG.format(corpora=folder / "corpora"))
    call = ["-m", "snakemake", "--snakefile", "Snakefile", "--directory", folder, "--nolock"]
    call += ["--cores", cores, "--configfile", config, "--", "results/noise/tables/table3.csv"]
    words = [sys.executable, *map(str, call)]
    done = subprocess.run(words, cwd=ROOT, env=os.environ, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])


def compare(small: pd.DataFrame, large: pd.DataFrame, sizes: list[int]) -> pd.DataFrame:
    """A row a rule of the larger run, and how it grew; nothing of rules below a second."""
    columns = ["rule", "jobs", "cpu_seconds", "memory_mib"]
    rows = large[columns].merge(small[columns], "left", "rule", suffixes=("", "_of_a_tenth"))
    growth = np.log(rows["cpu_seconds"] / rows["cpu_seconds_of_a_tenth"])
    rows["exponent"] = growth / np.log(sizes[1] / sizes[0])
    rows.loc[rows["cpu_seconds_of_a_tenth"] < 1, "exponent"] = np.nan
    return rows


if __name__ == "__main__":
    main()
