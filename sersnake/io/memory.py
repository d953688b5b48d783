"""How much memory this process has needed."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_memory() -> int:
    """The most bytes that this process has had in memory so far, mapped files included."""
    # Linux counts a parent's memory among getrusage's of a child, so the kernel's own peak of
    # this process comes first.
    if STATUS.is_file() and (match := re.search(r"VmHWM:\s*(\d+) kB", STATUS.read_text())):
        return 1024 * int(match[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def describe_peak_memory() -> str:
    """One line for the end of a log: ``peak memory 512 MiB``."""
    return f"peak memory {peak_memory() / 2**20:.0f} MiB"
