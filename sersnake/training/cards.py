"""A graphics card of its own for each of several training processes on one machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import torch
from filelock import FileLock, Timeout

VISIBLE = "CUDA_VISIBLE_DEVICES"
_held: list[FileLock] = []  # freed when the process ends, however it does


def take_card(device: str) -> str:
    """Leaves this process one card of several, which fewest other processes of the user have.

    Snakemake counts cards and tells no job which is its own. With as many processes as cards each
    has one for itself; more of them share the cards evenly. It has to be called before anything is
    computed on a card.

    Args:
        device: The recipe's; one that names its card, or no card, changes nothing.

    Returns:
        The card, as CUDA_VISIBLE_DEVICES names it; empty where there is no choice.
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
    """The lowest number that no other process holds."""
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
