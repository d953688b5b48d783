"""The lines printed for each event of a run."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_sersnake.console import Console
from snakemake_logger_plugin_sersnake.errors import end_of, explain, how_it_ended, newest
from snakemake_logger_plugin_sersnake.jobs import Job, Jobs, duration, name_of
from snakemake_logger_plugin_sersnake.names import few
from snakemake_logger_plugin_sersnake.reasons import Reasons

Record = Any  # a log record with the attributes that Snakemake gives it
# Rules of more jobs are told by a line when all are done, and one twice a minute until then.
MANY = 20
SECONDS_BETWEEN_LINES = 30
# What goes without saying while all is well.
USUAL = re.compile(
    "Select jobs to execute|Building DAG of jobs|Using shell|Group jobs: inactive"
    "|(Conda environments|Singularity containers): ignored|Job rate limit reached"
    "|Activating conda environment|Assuming unrestricted shared filesystem|host: "
    "|Removing output files of failed job|(Removing|Would remove) temporary output "
    "|Shutting down, this might take some time"
    "|Exiting because a job execution failed|Elapsed time: |Group job .* lexicogr"
    "|Some jobs were triggered by provenance|Rules with provenance triggered jobs"
    r"|\d+ jobs have (missing|outdated) provenance|None$"
)
SILENT = {
    *(LogEvent.WORKFLOW_STARTED, LogEvent.JOB_STARTED, LogEvent.GROUP_INFO),
    *(LogEvent.PROGRESS, LogEvent.RESOURCES_INFO, LogEvent.RULEGRAPH),
}


class Report:
    """Turns the log records of a run into lines."""

    def __init__(self, console: Console, plain: Callable[[Record], str], dry_run: bool) -> None:
        """Takes where to print, how Snakemake formats a record, and whether nothing is run."""
        self.console, self.plain, self.dry_run = console, plain, dry_run
        self.jobs, self.reasons = Jobs(), Reasons()
        self.failed: dict[str, None] = {}  # a set that keeps its order
        self.command_error = ""
        self.printed = 0.0
        self.events = {
            LogEvent.RUN_INFO: self._plan,
            LogEvent.JOB_INFO: self._start,
            LogEvent.JOB_FINISHED: self._finish,
            LogEvent.JOB_ERROR: self._job_error,
            LogEvent.GROUP_ERROR: self._group_error,
            LogEvent.ERROR: self._error,
        }

    def take(self, record: Record) -> None:
        """Prints the lines of a record."""
        event = getattr(record, "event", None)
        if event in self.events:
            self.events[event](record)
        elif event not in SILENT:
            self._message(record)

    def finish(self) -> None:
        """Prints held-back lines, and removes the bar."""
        self.console.clear()
        self.console.print(self.command_error, error=True)
        self.command_error = ""

    def _message(self, record: Record) -> None:
        text = self.plain(record)
        if text.startswith("Reasons:"):
            self.console.print(self.reasons.text(text))
        elif text.startswith("Elapsed time: ") and self.jobs.began and not self.failed:
            self.console.print(f"Done in {duration(record.created - self.jobs.began)}.")
        elif not USUAL.match(text):
            self.console.print(text, error=record.levelno >= logging.ERROR)

    def _plan(self, record: Record) -> None:
        first = not self.jobs.planned
        self.jobs.planned = {name: n for name, n in record.stats.items() if name != "total"}
        if not self.dry_run:
            self.console.print(f"{self.jobs.total} job{'s' if self.jobs.total > 1 else ''}")
            self.printed = record.created
        elif first:  # Snakemake says it at the start and at the end
            self.console.print(self.plain(record))

    def _start(self, record: Record) -> None:
        job = Job(record.rule_name, name_of(record.wildcards), record.created)
        if self.dry_run:
            self.reasons.add(job.name, str(record.reason))
            return
        self.jobs.start(record.jobid, job)
        self._show(record.created)

    def _finish(self, record: Record) -> None:
        if record.job_id not in self.jobs.running:  # with --quiet rules no start is told
            return
        job, seconds = self.jobs.finish(record.job_id, record.created)
        self.failed.pop(job.name, None)  # the second try was better
        done, planned = len(self.jobs.done[job.rule]), self.jobs.planned.get(job.rule, 0)
        if planned <= MANY:
            self._line(record.created, seconds, job.rule, job.what)
        elif done == planned:
            self._line(record.created, sum(self.jobs.done[job.rule]), job.rule, f"{done} jobs")
        elif record.created - self.printed > SECONDS_BETWEEN_LINES:
            self._line(record.created, seconds, job.rule, f"{done} of {planned} jobs")
        self._show(record.created)

    def _line(self, now: float, seconds: float, rule: str, what: str) -> None:
        count = f"{self.jobs.finished:>{len(str(self.jobs.total))}}/{self.jobs.total}"
        width = max(map(len, self.jobs.planned), default=0)
        left = "" if self.console.is_terminal else self._left(now)
        line = f"{count} {duration(seconds):>8}  {rule:{width}}  {what}{left and f'  ({left})'}"
        self.console.print(line.rstrip())
        self.printed = now

    def _left(self, now: float) -> str:
        """The remaining time, from the third job on and until the last."""
        if self.jobs.finished < 3 or self.jobs.finished >= self.jobs.total:
            return ""
        return f"about {duration(max(10, round(self.jobs.seconds_left(now), -1)))} left"

    def _show(self, now: float) -> None:
        names = [job.name for job in self.jobs.running.values()]
        text = "  ".join(filter(None, [self._left(now), few(names)]))
        self.console.show(self.jobs.finished, self.jobs.total, text)

    def _job_error(self, record: Record) -> None:
        if record.indent:  # one of a group, which has been told
            return
        job = self.jobs.running.pop(record.jobid, Job(record.rule_name, "", record.created))
        log = newest(record.log)
        # Where there is no log, what was called says more than nothing.
        text = end_of(log) or f"    {record.shellcmd}"
        self._failure([job.name], how_it_ended(self.command_error) or record.rule_msg, log, text)
        self._show(record.created)

    def _group_error(self, record: Record) -> None:
        numbers = [info["jobid"] for info in record.job_error_info]
        names = [job.name for n in numbers if (job := self.jobs.running.pop(n, None))]
        log = newest([log for info in record.job_error_info for log in info["log"]])
        batch = newest(record.aux_logs)
        lines = [end_of(log), batch and f"  the end of {batch}:", end_of(batch)]
        self._failure(names or [f"group {record.groupid}"], "", log, "\n".join(filter(None, lines)))
        self._show(record.created)

    def _failure(self, jobs: list[str], why: str | None, log: str, text: str) -> None:
        self.command_error = ""
        self.failed |= dict.fromkeys(jobs)
        head = [f"FAILED  {few(jobs)}{f': {why}' if why else ''}", log and f"the end of {log}:"]
        self.console.print(f"{'; '.join(filter(None, head))}\n{text}".rstrip(), error=True)

    def _error(self, record: Record) -> None:
        text = self.plain(record)
        if how_it_ended(text):
            self.command_error = text  # the job's own message comes next
        elif self.failed and "At least one job did not complete successfully" in text:
            self.console.print(
                f"{self.jobs.finished} of {self.jobs.total} jobs are done, failed: "
                f"{few(list(self.failed))}. Correct the error, and call again to continue.",
                error=True,
            )
        else:
            self.console.print(explain(record.exception, text) or text.rstrip(), error=True)
