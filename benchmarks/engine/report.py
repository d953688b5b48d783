"""The result of a part of the benchmark: a text, tables, and a block of a page."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd
import torch

from sersnake.errors import SersnakeError
from sersnake.features.extension import SIMD_VARIABLE, kernel
from sersnake.io import write_csv, write_text
from sersnake.io.progress import Progress
from sersnake.report.provenance import collect_provenance

INSTRUCTION_SETS = ("avx2", "avx512_f", "avx512_bf16", "amx_bf16", "neon", "sve", "sve_bf16")
Run = Callable[[], object]


@dataclass(frozen=True)
class Result:
    """The result of a part.

    Attributes:
        name: The part.
        lines: Its text, including tables.
        tables: By the name of their CSV file, without its ending.
    """

    name: str
    lines: list[str]
    tables: dict[str, pd.DataFrame]

    def publish(self, threads: str, out: Path, page: Path | None) -> None:
        """Prints the text and writes the tables and the page's block of this part.

        Args:
            threads: Threads that were used, in words.
            out: Folder of the files.
            page: Markdown file with ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.

        Raises:
            SersnakeError: The page has no such block.
        """
        text = "\n".join([*describe_machine(threads), "", *self.lines]) + "\n"
        print(f"\n{text}", flush=True)
        for name, table in self.tables.items():
            write_csv(out / f"{name}.csv", table, float_format="%.5g")
        if page:
            fill_block(page, self.name, text)


def describe_machine(threads: str) -> list[str]:
    """Processor, instruction sets, threads, versions and date."""
    actual = collect_provenance({}, None)
    machine, versions, commit = actual["machine"], actual["versions"], actual["commit"]
    can = torch.cpu.get_capabilities()
    sets = ", ".join(name for name in INSTRUCTION_SETS if can.get(name) is True)
    simd = os.environ.get(SIMD_VARIABLE) or kernel().supported()[0]
    changed = " with changes" if commit and commit["changed"] else ""
    return [
        f"{machine['processor']}, {machine['cores']} cores, {threads}",
        f"Instruction sets: {sets}; sersnake's extension: {simd}",
        f"Python {versions['python']}, PyTorch {versions['torch']}, NumPy {versions['numpy']}, "
        f"sersnake {versions['sersnake']}"
        + (f" ({commit['hash'][:8]}{changed})" if commit else ""),
        actual["written"][:10],
    ]


def fill_block(page: Path, name: str, text: str) -> None:
    """Puts a text, as a block of code, between a page's two comments of that name.

    Raises:
        SersnakeError: The page lacks them.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    block = "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())
    pattern = f"(?s){re.escape(begin)}.*{re.escape(end)}"
    filled, count = re.subn(
        pattern, lambda _: f"{begin}\n\n{block}\n{end}", page.read_text(encoding="utf-8")
    )
    if count != 1:
        raise SersnakeError(f"{page}: has no block {begin} … {end}; add the two comments")
    write_text(page, filled)


def render(table: pd.DataFrame, formats: Mapping[str, str]) -> list[str]:
    """The lines of a table; ``formats`` are for its columns of numbers, such as ``%.2f``."""
    formatters = {column: pattern.__mod__ for column, pattern in formats.items()}
    return table.to_string(index=False, formatters=formatters).splitlines()


def seconds_of(run: Run) -> float:
    """Wall time of one run."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def alternate(runs: Mapping[str, Run], rounds: int, progress: Progress) -> dict[str, float]:
    """Median seconds of every run over the rounds after a warm-up; the runs take turns."""
    turns: list[dict[str, float]] = []
    for _ in range(1 + rounds):
        turns.append({})
        for name, run in runs.items():
            turns[-1][name] = seconds_of(run)
            progress()
    return {name: median(turn[name] for turn in turns[1:]) for name in runs}
