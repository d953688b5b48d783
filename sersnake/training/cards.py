"""One GPU per training process on a machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import torch
from filelock import FileLock, Timeout

VISIBLE = "CUDA_VISIBLE_DEVICES"
_held: list[FileLock] = []  # freed when the process ends, however it does


def take_card(device: str) -> str:
    """Restricts this process to the GPU that the fewest other processes of the user have taken.

    Snakemake counts GPUs but assigns none to a job. With as many processes as GPUs each process has
    its own; more processes share them evenly. Call it before anything is computed on a GPU.

    Args:
        device: The recipe's device; with a named GPU or the CPU the call has no effect.

    Returns:
        The GPU as named by CUDA_VISIBLE_DEVICES; empty if there is no choice.
    """
    cards = _visible() if device in ("auto", "cuda") else []
    if len(cards) < 2:
        return ""
    os.environ[VISIBLE] = cards[_first_free() % len(cards)]
    return os.environ[VISIBLE]


def _visible() -> list[str]:
    if VISIBLE in os.environ:
        return [name for name in os.environ[VISIBLE].split(",") if name not in ("", "-1")]
    return [str(number) for number in range(torch.cuda.device_count())]


def _first_free() -> int:
    """The lowest number that no other process has locked."""
    folder = Path(tempfile.gettempdir()) / f"sersnake-cards-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    number = 0
    while True:
        lock = FileLock(folder / f"{number}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            number += 1
        else:
            _held.append(lock)
            return number
