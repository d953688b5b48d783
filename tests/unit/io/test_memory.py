"""The peak of memory is this process's own, and stays after memory is given back."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sersnake.io import memory

needs_the_kernel = pytest.mark.skipif(
    not memory.STATUS.is_file(), reason="the kernel tells no process of its own peak"
)


def measure(code: str) -> list[int]:
    """Numbers that a fresh process prints."""
    start = "from sersnake.io.memory import peak_memory\n"
    command = [sys.executable, "-c", start + code]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [int(word) for word in output.split()]


@needs_the_kernel
def test_the_peak_grows_with_what_was_needed_and_stays() -> None:
    before, after = measure(
        "before = peak_memory()\n"
        "block = bytearray(64 << 20)\n"
        "del block\n"
        "print(before, peak_memory())\n"
    )
    assert 60 << 20 < after - before < 80 << 20


@needs_the_kernel
def test_a_parents_memory_is_not_counted() -> None:
    held = np.ones(32 << 20)  # 256 MiB
    (child,) = measure("print(peak_memory())")
    assert child < held.nbytes < memory.peak_memory()


def test_without_the_kernels_word_the_peak_is_getrusages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "STATUS", tmp_path / "status")
    held = np.ones(8 << 20)
    assert held.nbytes < memory.peak_memory() < 1 << 40


def test_the_line_says_mebibytes() -> None:
    match = re.fullmatch(r"peak memory (\d+) MiB", memory.describe_peak_memory())
    assert match
    assert int(match[1]) == pytest.approx(memory.peak_memory() / 2**20, rel=0.05)
