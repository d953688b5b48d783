"""Times MFCC extraction against the usual libraries, with one thread each, in one run.

Usage: ``python benchmarks/mfcc.py [--out FOLDER] [--rounds N]``. Peers that are not installed are
left out (``pip install python_speech_features librosa kaldi-native-fbank torchaudio``). Prints a
table and writes ``mfcc.csv`` and ``mfcc.svg``. With SERSNAKE_CORPORA set, extraction of all EMODB
recordings from int16 arrays is timed too.

Every library gets the same array, 30 s of float32 samples at 16 kHz, in frames 12 ms apart, and
computes MFCCs by its own definition; ``like`` is sersnake with that definition. In every round
each in turn runs for at least 20 ms, so that a slow moment affects all; medians are given.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import scipy.fft
import soundfile
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sersnake import MfccOptions, mfcc
from sersnake.features.cepstra import extract
from sersnake.features.extension import SIMD_VARIABLE, kernel
from sersnake.io import atomic_path, write_csv

RATE, HOP_MS = 16000, 12.0
Signal = NDArray[np.float32]
Run = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """A size of the problem; the window fills n_fft or is padded to it."""

    n_fft: int
    window_ms: float
    n_mels: int
    n_mfcc: int

    @property
    def sizes(self) -> dict[str, Any]:
        """The sizes as fields of MfccOptions."""
        return {**vars(self), "hop_ms": HOP_MS}

    def samples(self, milliseconds: float) -> int:
        """A time in samples."""
        return int(milliseconds * RATE / 1000 + 0.5)


CASES = [
    Case(n_fft, window_ms, n_mels, n_mfcc)
    for n_fft, window_ms in ((256, 16.0), (512, 24.0), (1024, 48.0))
    for n_mels, n_mfcc in ((26, 13), (40, 40))
]


def scipy_rfft(signal: Signal, case: Case) -> Run:
    """Only the transform of the same frames, already cut out: a lower bound for NumPy code."""
    window, hop = case.samples(case.window_ms), case.samples(HOP_MS)
    frames = np.lib.stride_tricks.sliding_window_view(signal, window)[::hop].copy()
    return lambda: scipy.fft.rfft(frames, case.n_fft, workers=1)


def python_speech_features(signal: Signal, case: Case) -> Run:
    """python_speech_features.mfcc."""
    import python_speech_features as psf

    return lambda: psf.mfcc(
        signal, RATE, winlen=case.window_ms / 1000, winstep=HOP_MS / 1000, numcep=case.n_mfcc,
        nfilt=case.n_mels, nfft=case.n_fft, winfunc=np.hamming,
    )  # fmt: skip


def librosa(signal: Signal, case: Case) -> Run:
    """librosa.feature.mfcc."""
    import librosa

    return lambda: librosa.feature.mfcc(
        y=signal, sr=RATE, n_mfcc=case.n_mfcc, n_mels=case.n_mels, n_fft=case.n_fft,
        hop_length=case.samples(HOP_MS), win_length=case.samples(case.window_ms),
    )  # fmt: skip


def kaldi(signal: Signal, case: Case) -> Run:
    """kaldi-native-fbank, which takes a list of samples and gives frame by frame."""
    import kaldi_native_fbank as knf

    given = knf.MfccOptions()
    given.frame_opts.dither = 0
    given.frame_opts.frame_length_ms = case.window_ms
    given.frame_opts.frame_shift_ms = HOP_MS
    given.mel_opts.num_bins = case.n_mels
    given.num_ceps = case.n_mfcc
    samples = signal * 32768

    def run() -> list[Any]:
        extractor = knf.OnlineMfcc(given)
        extractor.accept_waveform(RATE, samples.tolist())
        extractor.input_finished()
        return [extractor.get_frame(i) for i in range(extractor.num_frames_ready)]

    return run


def torchaudio(signal: Signal, case: Case) -> Run:
    """torchaudio.compliance.kaldi.mfcc."""
    import torch
    from torchaudio.compliance import kaldi

    torch.set_num_threads(1)
    samples = torch.from_numpy(signal)[None]
    return lambda: kaldi.mfcc(
        samples, frame_length=case.window_ms, frame_shift=HOP_MS, num_mel_bins=case.n_mels,
        num_ceps=case.n_mfcc,
    )  # fmt: skip


PEERS: dict[str, Callable[[Signal, Case], Run]] = {
    "scipy rfft alone": scipy_rfft,
    "python_speech_features": python_speech_features,
    "librosa": librosa,
    "kaldi": kaldi,
    "torchaudio": torchaudio,
}


def ours(signal: Signal, options: MfccOptions) -> Run:
    """Sersnake on one thread."""
    return partial(mfcc, signal, RATE, options=options)


def make_runs(signal: Signal, case: Case) -> dict[str, Run]:
    """One run per installed peer, and sersnake by its own and by each peer's definition."""
    runs = {"sersnake": ours(signal, MfccOptions().replace(**case.sizes))}
    for name, make in PEERS.items():
        try:
            runs[name] = make(signal, case)
        except (ImportError, OSError) as error:
            print(f"left out: {name} ({str(error).splitlines()[0]})")
            continue
        if name != "scipy rfft alone":
            runs[f"like {name}"] = ours(signal, MfccOptions.like(name, 16000).replace(**case.sizes))
    return runs


def seconds_of(run: Run, repeats: int) -> float:
    """Mean time of some runs in a row."""
    begin = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - begin) / repeats


def alternate(runs: dict[str, Run], rounds: int) -> dict[str, float]:
    """Median seconds of every run; all take turns of at least 20 ms."""
    first = {name: min(seconds_of(run, 1) for _ in range(2)) for name, run in runs.items()}
    repeats = {name: 1 + int(0.02 / seconds) for name, seconds in first.items()}
    turns = [{n: seconds_of(run, repeats[n]) for n, run in runs.items()} for _ in range(rounds)]
    return {name: median(turn[name] for turn in turns) for name in runs}


def time_case(signal: Signal, case: Case, rounds: int) -> pd.DataFrame:
    """One row per library: microseconds per frame and speed-up of sersnake."""
    seconds = alternate(make_runs(signal, case), rounds)
    frames = len(signal) / case.samples(HOP_MS)
    rows = []
    for name in [name for name in seconds if not name.startswith("like ")]:
        like = seconds.get(f"like {name}", seconds["sersnake"])
        rows.append(
            {
                **vars(case),
                "library": name,
                "us_per_frame": seconds[name] / frames * 1e6,
                "times_sersnake": seconds[name] / seconds["sersnake"],
                "times_like": seconds[name] / like,
            }
        )
    return pd.DataFrame(rows)


def time_emodb(folder: Path, rounds: int) -> None:
    """Prints the time for all recordings with one and two threads, without decoding."""
    files = sorted(folder.glob("*.wav"))
    signals = [soundfile.read(path, dtype="int16")[0] for path in files]
    options = MfccOptions(n_fft=512)
    runs: dict[str, Run] = {str(n): partial(extract, signals, options, threads=n) for n in (1, 2)}
    seconds = alternate(runs, rounds)
    print(
        f"EMODB, {len(files)} recordings: {seconds['1'] * 1e3:.1f} ms on one thread, "
        f"{seconds['2'] * 1e3:.1f} ms on two ({seconds['1'] / seconds['2']:.2f} times faster)"
    )


def draw(table: pd.DataFrame, path: Path, title: str) -> None:
    """A bar chart of one case."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
    colours = ["#c1440e" if name == "sersnake" else "#7d8a97" for name in table["library"]]
    bars = axes.barh(table["library"], table["us_per_frame"], color=colours)
    labels = [f"{t:.2f} µs" if t < 10 else f"{t:.0f} µs" for t in table["us_per_frame"]]
    axes.bar_label(bars, labels, padding=3)
    axes.set(xscale="log", xlabel="µs a frame, one thread (log scale)", title=title)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks"))
    parser.add_argument("--rounds", type=int, default=11)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    instructions = os.environ.get(SIMD_VARIABLE) or kernel().supported()[0]
    print(f"instruction set: {instructions}; CPU cores: {os.cpu_count()}")
    generator = np.random.default_rng(0)
    signal = (0.1 * generator.standard_normal(30 * RATE)).astype(np.float32)
    with threadpool_limits(1):
        table = pd.concat([time_case(signal, case, arguments.rounds) for case in CASES])
    print(table.to_string(index=False, float_format="%.2f"))
    write_csv(arguments.out / "mfcc.csv", table.assign(simd=instructions), float_format="%.4g")
    headline = table.query("n_fft == 512 and n_mels == 26")
    title = f"MFCC, 512 points, 26 mel, 13 coefficients ({instructions})"
    draw(headline, arguments.out / "mfcc.svg", title)
    if corpora := os.environ.get("SERSNAKE_CORPORA"):
        time_emodb(Path(corpora) / "emodb" / "wav", arguments.rounds)


if __name__ == "__main__":
    main()
