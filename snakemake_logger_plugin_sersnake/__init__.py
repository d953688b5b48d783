"""The console of a run: a line per finished job, the remaining time, errors.

Snakemake finds this package by its name, and `profiles/default` chooses it. With ``--verbose``
every message is printed as Snakemake formats it; its own log file has them all anyway.
"""

from __future__ import annotations

import logging
import sys

from snakemake_interface_logger_plugins.base import LogHandlerBase

from snakemake_logger_plugin_sersnake.console import Console
from snakemake_logger_plugin_sersnake.report import Report


class LogHandler(LogHandlerBase):
    """Snakemake's handler of log records; they come one by one, in a thread of their own."""

    def __post_init__(self) -> None:
        """Opens the console."""
        settings = self.common_settings
        stream = sys.stdout if settings.stdout else sys.stderr
        self.console = Console(stream, colour=not settings.nocolor)
        self.report = Report(self.console, plain=self.format, dry_run=settings.dryrun)

    def emit(self, record: logging.LogRecord) -> None:
        """Prints the lines of a record."""
        try:
            if self.common_settings.verbose:
                self.console.print(self.format(record))
            else:
                self.report.take(record)
        except BrokenPipeError:  # `snakemake -n | head` has seen enough
            self.setLevel(logging.CRITICAL + 1)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Removes the bar from the terminal."""
        self.report.finish()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """It takes the place of Snakemake's own console."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Snakemake keeps its own log file."""
        return False

    @property
    def has_filter(self) -> bool:
        """Snakemake's filter is used, and so `--quiet` and `--printshellcmds` mean the same."""
        return False

    @property
    def has_formatter(self) -> bool:
        """Snakemake formats what is printed as it is."""
        return False

    @property
    def needs_rulegraph(self) -> bool:
        """Not needed."""
        return False
