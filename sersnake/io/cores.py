"""How many cores this process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Number of cores that this process may use, if the system tells; else of the machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
