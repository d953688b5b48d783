"""The reasons of the jobs of a dry run, in a few lines."""

from __future__ import annotations

import re
from collections import defaultdict

from snakemake_logger_plugin_sersnake.names import cut, few

LINES = 12
# Why most jobs of a plan run: because others do.
FOLLOWS = "input files updated by another job"
USUAL = ("Missing output files", "Input files updated by another job")


class Reasons:
    """Gathers the reasons of all jobs."""

    def __init__(self) -> None:
        """Starts with none."""
        self.jobs: dict[str, list[str]] = defaultdict(list)

    def add(self, job: str, reasons: str) -> None:
        """Takes why a job runs, as Snakemake says it."""
        for reason in reasons.split("; "):
            if reason and not reason.startswith(USUAL):
                self.jobs[reason].append(job)

    def text(self, by_rule: str) -> str:
        """The reasons by rule, as Snakemake sums them up, and by job where that says more."""
        summed = re.findall(r"^ {4}(\w.*):\n {8}(.*)$", by_rule, flags=re.MULTILINE)
        lines = [
            f"    {reason}: {few(rules.split(', '))}"
            for reason, rules in summed
            if reason != FOLLOWS and not self._says_more(reason)
        ]
        lines += [f"    {cut(reason)}: {few(jobs)}" for reason, jobs in self.jobs.items()]
        more = len(lines) - LINES
        lines[LINES:] = [f"    and {more} more (--verbose)"] if more > 0 else []
        return "\n".join(["Reasons:", *lines])

    def _says_more(self, reason: str) -> bool:
        return any(known.lower().startswith(reason) for known in self.jobs)
