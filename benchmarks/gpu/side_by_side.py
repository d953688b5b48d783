"""Folds that are trained at the same time on one GPU, each in a process of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np

from gpu.compare import Row, train
from gpu.packs import Packs
from sersnake.training.devices import repeatable

SECONDS = 300  # to wait, as a process that fails never reaches the gate
QUERY = "utilization.gpu,memory.used"


def side_by_side(folder: Path, network: str, card: str, folds: int, epochs: int) -> Row:
    """A row on folds that are trained at once: their total epochs per second, and the GPU's load.

    Args:
        folder: The packs, which each process reads.
        network: Name of the network.
        card: PyTorch's name of the GPU.
        folds: How many.
        epochs: Epochs of each, after one to warm up.
    """
    context = get_context("spawn")
    gate = context.Barrier(folds + 1)  # all begin at once, and the clock stops with the last
    calls = [(folder, network, card, number, epochs, gate) for number in range(folds)]
    processes = [context.Process(target=_train_fold, args=call, daemon=True) for call in calls]
    for process in processes:
        process.start()
    with card_load(card) as load:
        gate.wait(SECONDS)
        begin = time.perf_counter()
        gate.wait(SECONDS)
        seconds = time.perf_counter() - begin
    for process in processes:
        process.join()
    rate = folds * epochs / seconds
    return {"network": network, "folds": folds, "epochs_per_second": rate, **load}


def _train_fold(
    folder: Path, network: str, card: str, number: int, epochs: int, gate: Barrier
) -> None:
    repeatable(card, autotune=False)
    packs = Packs.load(folder)
    names = packs.fold_names
    training = packs.training(network, names[number % len(names)], card)
    train(training, 1)
    gate.wait()
    train(training, epochs)
    gate.wait()


@contextmanager
def card_load(card: str) -> Iterator[dict[str, Any]]:
    """Mean use in percent and peak memory in MiB while the block runs; None where unknown."""
    load: dict[str, Any] = {"use_percent": None, "memory_mib": None}
    if not card.startswith("cuda") or not which("nvidia-smi"):
        yield load
        return
    number = card.partition(":")[2] or "0"
    call = ["nvidia-smi", f"--id={number}", f"--query-gpu={QUERY}"]
    call += ["--format=csv,noheader,nounits", "--loop-ms=200"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as sampler:
        yield load
        sampler.terminate()
        lines = (sampler.stdout.read() if sampler.stdout else "").splitlines()
    samples = [line.split(",") for line in lines if line.count(",") == QUERY.count(",")]
    if samples:
        use, memory = np.array(samples, float).T
        load.update(use_percent=float(use.mean()), memory_mib=float(memory.max()))
