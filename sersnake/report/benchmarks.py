"""What each job of a run took, from Snakemake's benchmarks."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

FOLDER = "benchmarks"
UNMEASURED = {"-", "NA", "nan"}  # of a job that ended before Snakemake looked at it


class Benchmark(NamedTuple):
    """One job.

    Attributes:
        rule: Its rule.
        job: Name of the file.
        end: Seconds since 1970. A benchmark is written when its job ends, so this is the file's
            time; copies of a folder must preserve it.
        seconds: Duration.
        cpu_seconds: 0 if Snakemake could not measure it.
        memory_mib: Largest memory; likewise.
    """

    rule: str
    job: str
    end: float
    seconds: float
    cpu_seconds: float
    memory_mib: float


def read_benchmarks(folder: Path) -> list[Benchmark]:
    """The timed jobs of a run and of all below it, sorted by file.

    Args:
        folder: Result folder.
    """
    return [_read(path) for path in sorted(folder.rglob(f"{FOLDER}/*/*.tsv"))]


def _read(path: Path) -> Benchmark:
    with path.open(encoding="utf-8", newline="") as lines:
        row: dict[str, str] = next(csv.DictReader(lines, delimiter="\t"), {})
    measured = (_number(row.get(name)) for name in ("s", "cpu_time", "max_rss"))
    return Benchmark(path.parent.name, path.stem, path.stat().st_mtime, *measured)


def _number(cell: str | None) -> float:
    return 0.0 if cell is None or cell in UNMEASURED else float(cell)
