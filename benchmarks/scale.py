"""Time and memory of reading, splitting, auditing and planning a corpus of many utterances.

    python benchmarks/scale.py [utterances]

The corpus is made of links to a few noise recordings; a hundred speakers say two hundred sentences
in four emotions, and the manifest's properties of samples are random. Nothing is extracted or
trained. Prints wall time and peak memory of each step, the number of jobs in the plan and, where
the plugin of profiles/slurm is installed, of submissions. All systems, five folds, five seeds.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

ROOT = Path(__file__).parents[1]
SPEAKERS, SENTENCES, EMOTIONS = 100, 200, ("angry", "happy", "neutral", "sad")
LINKS = 25_000  # names per file, which every file system allows
PROTOCOL = ["--settings", "{protocol: speaker_disjoint, k: 5}"]


def make_corpus(folder: Path, utterances: int) -> pd.DataFrame:
    """Writes manifest.csv of a user's corpus and links its recordings."""
    numbers = np.arange(utterances)
    frame = pd.DataFrame(
        {
            "utterance": [f"u{number:07d}" for number in numbers],
            "speaker": [f"p{number % SPEAKERS:03d}" for number in numbers],
            "sentence": [f"s{number // SPEAKERS % SENTENCES:03d}" for number in numbers],
            "emotion": np.random.default_rng(0).choice(EMOTIONS, utterances),
        }
    )
    frame["path"] = "wav/" + frame["speaker"] + "/" + frame["utterance"] + ".wav"
    for speaker in frame["speaker"].unique():
        (folder / "wav" / speaker).mkdir(parents=True)
    source = None
    for number, path in enumerate(frame["path"]):
        if number % LINKS == 0:
            source = folder / f"noise{number}.wav"
            noise = np.random.default_rng(number).normal(0, 0.1, 16000)
            soundfile.write(source, noise, 16000)
        os.link(source, folder / path)
    frame.to_csv(folder / "manifest.csv", index=False)
    return frame


def write_manifest(frame: pd.DataFrame, folder: Path, path: Path) -> None:
    """Writes the manifest as the workflow would, as if all samples differed."""
    rng = np.random.default_rng(1)
    path.parent.mkdir(parents=True)
    frame.assign(
        path=str(folder) + "/" + frame["path"],
        **dict.fromkeys(("sex", "session", "language"), ""),
        corpus="large",
        duration=1.0,
        sample_rate=16000,
        channels=1,
        format="WAV PCM_16",
        sha256=[rng.bytes(32).hex() for _ in range(len(frame))],
        # The spread in ms, as that of speech of some seconds, and 256 bits.
        fingerprint=[
            f"{rng.integers(300, 1500):04x}{rng.bytes(32).hex()}" for _ in range(len(frame))
        ],
        synthetic="true",
        certificate="none",
    ).to_csv(path, index=False)


def measure(name: str, command: list[str], folder: Path) -> tuple[float, float]:
    """Runs a command; prints and returns its seconds and its peak memory in MiB."""
    environment = {**os.environ, "SERSNAKE_CORPORA": str(folder)}
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        printed = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds, memory = time.perf_counter() - started, usage.ru_maxrss / 1024
    if process.returncode != 0:
        raise SystemExit(f"{name} failed:\n{printed[-2000:]}")
    print(f"{name:34} {seconds:7.1f} s {memory:8.0f} MiB", flush=True)
    return seconds, memory


def count_jobs(plan: list[str], folder: Path) -> None:
    """Prints the number of jobs of a plan, and of submissions on a cluster."""
    environment = {**os.environ, "SERSNAKE_CORPORA": str(folder)}
    profile = ["--profile", "profiles/slurm"]
    has_plugin = importlib.util.find_spec("snakemake_executor_plugin_slurm") is not None
    command = [word for word in plan if word != "--quiet"] + profile * has_plugin
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        jobs = groups = 0
        for line in process.stdout:
            if total := re.match(r"total +(\d+)$", line):
                jobs = int(total[1])
            groups += "] Group job " in line
    print(f"{jobs} jobs" + (f" in {groups} submissions" if has_plugin else ""))


def main(utterances: int) -> None:
    """Makes the corpus in a temporary folder and measures each step on it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "large"
        frame = make_corpus(root, utterances)
        manifest, folds = folder / "results/manifest.csv", folder / "results/folds.csv"
        write_manifest(frame, root, manifest)
        config = folder / "large.yaml"
        config.write_text(
            "corpus: large\nreader: csv\nfolds: {protocol: speaker_disjoint, k: 5}\n"
            "systems: paper\nseeds: 5\n"
        )
        read = (
            "from pathlib import Path; from sersnake.corpora import read_corpus; "
            "from sersnake.settings.corpus import CorpusSettings; "
            f"read_corpus('large', Path({str(root)!r}), CorpusSettings(reader='csv'))"
        )
        verb = [sys.executable, "-m", "sersnake"]
        files = ["--manifest", str(manifest)]
        plan = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "--cores", "2"]
        steps = {
            "read": [sys.executable, "-c", read],
            "split (5 groups of speakers)": [
                *(*verb, "folds", *files, *PROTOCOL, "--output", str(folds))
            ],
            "audit": [*verb, "audit", *files, "--folds", str(folds), *PROTOCOL],
            "plan (snakemake --dry-run)": [*plan, "--configfile", str(config)],
        }
        print(f"{utterances} utterances")
        measured = [measure(step, command, folder) for step, command in steps.items()]
        total, most = sum(s for s, _ in measured), max(m for _, m in measured)
        count_jobs(steps["plan (snakemake --dry-run)"], folder)
        print(f"{'all':34} {total:7.1f} s {most:8.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
