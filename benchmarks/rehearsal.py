"""Time and memory from recordings to tables, for a synthetic corpus and a tenth of it.

Usage: ``python benchmarks/rehearsal.py [--like iemocap | msp] [--utterances N] [--out FOLDER]``.

``iemocap`` is a corpus of 10,039 turns in IEMOCAP's layout, with about as many of each label as
published; a run keeps the usual four classes and leaves one of five sessions out. ``msp`` is a
user's own corpus of 25,000 utterances, the size of a part of MSP-Podcast, with one split. The
recordings are noise in syllables, as long as IEMOCAP's turns (log-normal, mean 4.5 s), and say
nothing about accuracy. Each phase trains one epoch, for the four default systems. Prints and writes
(``rehearsal_<like>.csv``) CPU seconds and memory of each rule at both sizes, and the exponent by
which the seconds grow: 1 is linear.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from numpy.typing import NDArray

from sersnake.corpora.iemocap import COUNTS, EMOTIONS
from sersnake.io import write_csv
from sersnake.report.timeline import read_timeline, sum_up

ROOT = Path(__file__).parents[1]
RATE, SPEAKERS, LABELS = 16000, 40, ("angry", "happy", "neutral", "sad")
MEAN_S, SPREAD, SHORTEST_S, LONGEST_S = 4.5, 0.62, 0.6, 30.0
SYLLABLE_S = 0.2
TURNS = 10_039  # of IEMOCAP; those of no published class are xxx here
SESSIONS, DIALOGUES = 5, 30  # each improvised or scripted, by a woman and a man
SHORT = """
corpora_dir: {corpora}
training:
  phase_1: {{epochs: 1, decay_epochs: 1}}
  retraining: {{epochs: 1, decay_epochs: 1}}
  phase_2: {{epochs: 1, decay_epochs: 1}}
  networks: {{fcn: {{phase_1: {{epochs: 1, decay_epochs: 1}}}}}}
"""


@dataclass(frozen=True)
class Likeness:
    """A real corpus that a synthetic one resembles.

    Attributes:
        utterances: How many the corpus has.
        write: Takes the folder of corpora, lengths in s and a generator; writes the corpus.
        config: Config of the run, in addition to :data:`SHORT`.
    """

    utterances: int
    write: Callable[[Path, NDArray[np.float64], np.random.Generator], None]
    config: str


def main() -> None:
    """Runs both sizes."""
    options = parse()
    like = LIKE[options.like]
    count = options.utterances or like.utterances
    rules = []
    for size in (count // 10, count):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            hours = make_corpus(Path(folder) / "corpora", like, size)
            print(f"{size} utterances, {hours:.1f} h of noise, made in {seconds(begin)}")
            begin = time.perf_counter()
            run_workflow(Path(folder), like, options.cores)
            print(f"{size} utterances, features to tables: {seconds(begin)}", flush=True)
            rules.append(sum_up(read_timeline(Path(folder) / "results" / "run")))
    table = compare(*rules)
    write_csv(options.out / f"rehearsal_{options.like}.csv", table, float_format="%.4g")
    print(table.to_string(index=False, float_format="%.2f"))


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--like", choices=LIKE, default="iemocap")
    parser.add_argument("--utterances", type=int, help="default: as many as the corpus has")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"))
    return parser.parse_args()


def seconds(begin: float) -> str:
    """The seconds since a time, as text."""
    return f"{time.perf_counter() - begin:.0f} s"


def make_corpus(corpora: Path, like: Likeness, count: int) -> float:
    """Writes a corpus, and returns its hours."""
    draw = np.random.default_rng(0)
    logarithms = draw.normal(np.log(MEAN_S) - SPREAD**2 / 2, SPREAD, count)
    lengths = np.clip(np.exp(logarithms), SHORTEST_S, LONGEST_S)
    like.write(corpora, lengths, draw)
    return float(lengths.sum()) / 3600


def write_own(corpora: Path, lengths: NDArray[np.float64], draw: np.random.Generator) -> None:
    """A user's own corpus: a table and a folder per speaker."""
    rows = []
    for number, length in enumerate(lengths):
        speaker = f"p{number % SPEAKERS:02d}"
        name = f"{speaker}/u{number:06d}.wav"
        write_noise(corpora / "noise" / name, length, draw)
        rows.append((name, speaker, LABELS[draw.integers(len(LABELS))]))
    columns = ["path", "speaker", "emotion"]
    pd.DataFrame(rows, columns=columns).to_csv(corpora / "noise" / "manifest.csv", index=False)


def write_iemocap(corpora: Path, lengths: NDArray[np.float64], draw: np.random.Generator) -> None:
    """Dialogues of five sessions in IEMOCAP's layout."""
    known = {label: COUNTS["both"].get(emotion, 0) for label, emotion in EMOTIONS.items()}
    counts = {**known, "xxx": TURNS - sum(known.values())}
    labels = draw.choice([*counts], len(lengths), p=np.array([*counts.values()]) / TURNS)
    turns = zip(turn_names(len(lengths)), labels, lengths, strict=True)
    for (dialogue, turn), label, length in turns:
        session = corpora / "iemocap" / f"Session{dialogue[4]}"
        write_noise(session / "sentences" / "wav" / dialogue / f"{turn}.wav", length, draw)
        summary = session / "dialog" / "EmoEvaluation" / f"{dialogue}.txt"
        summary.parent.mkdir(parents=True, exist_ok=True)
        with summary.open("a", encoding="latin-1") as file:
            file.write(f"[6.2901 - 8.2357]\t{turn}\t{label}\t[2.5000, 2.5000, 3.0000]\n\n")


def turn_names(count: int) -> Iterator[tuple[str, str]]:
    """Dialogue and name of ``count`` turns, spread over all dialogues."""
    for number in range(count):
        place, dialogue = divmod(number, SESSIONS * DIALOGUES)
        session, scenario = dialogue % SESSIONS + 1, dialogue // SESSIONS
        letter = "FM"[place % 2]
        kind = f"impro{scenario + 1:02d}" if scenario % 2 else f"script{scenario + 1:02d}_1"
        name = f"Ses0{session}F_{kind}"
        yield name, f"{name}_{letter}{place:03d}"


def write_noise(path: Path, length: float, draw: np.random.Generator) -> None:
    """Noise whose level changes from syllable to syllable."""
    samples = int(length * RATE)
    times = np.arange(0, length + SYLLABLE_S, SYLLABLE_S)
    level = np.interp(np.arange(samples) / RATE, times, draw.uniform(0.005, 0.2, len(times)))
    noise = draw.standard_normal(samples, np.float32) * np.float32(level)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise, RATE)


def run_workflow(folder: Path, like: Likeness, cores: int) -> None:
    """The default systems, to their tables."""
    config = folder / "noise.yaml"
    config.write_text("name: run\n" + SHORT.format(corpora=folder / "corpora") + like.config)
    call = ["-m", "snakemake", "--snakefile", "Snakefile", "--directory", folder, "--nolock"]
    call += ["--cores", cores, "--configfile", config, "--", "results/run/tables/table3.csv"]
    words = [sys.executable, *map(str, call)]
    done = subprocess.run(words, cwd=ROOT, env=os.environ, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])


def compare(small: pd.DataFrame, large: pd.DataFrame) -> pd.DataFrame:
    """A row per rule of the larger run, and its exponent, unless it took less than a second."""
    columns = ["rule", "jobs", "cpu_seconds", "memory_mib"]
    rows = large[columns].merge(small[columns], "left", "rule", suffixes=("", "_of_a_tenth"))
    growth = np.log10(rows["cpu_seconds"] / rows["cpu_seconds_of_a_tenth"])
    rows["exponent"] = growth.where(rows["cpu_seconds_of_a_tenth"] >= 1)
    return rows


LIKE = {
    "iemocap": Likeness(
        TURNS,
        write_iemocap,
        "corpus: iemocap\ncorpus_options: {style: both}\nallow_partial: true\n"
        "labels: {merge: {excited: happy}}\nfolds: {protocol: leave_one_session_out}\n",
    ),
    "msp": Likeness(
        25_000,
        write_own,
        "corpus: noise\nreader: csv\n"
        "folds: {protocol: random_split, repeats: 1, test_share: 0.2}\n",
    ),
}

if __name__ == "__main__":
    main()
