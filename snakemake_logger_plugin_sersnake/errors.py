"""What an error says, and what to do."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path

LINES = 15
TARGETS_FIRST = (
    "every word after --configfile is taken for a config file; write targets first, as in "
    "snakemake TARGET --configfile FILE"
)
EXIT = re.compile(r"(returned non-zero exit status \d+|died with <Signals\.\w+: \d+>)")


def end_of(path: str, lines: int = LINES) -> str:
    """The last lines of a log, indented; empty where there is nothing to read."""
    try:
        # Of a line that a program has written over and over again, what it said at last.
        with Path(path).open(encoding="utf-8", errors="replace", newline="\n") as file:
            last = deque((line.rstrip().rpartition("\r")[2] for line in file), maxlen=lines)
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in last if line)


def newest(logs: Iterable[str | None]) -> str:
    """The log that was written last: that of the job of a group that has failed."""
    written = [Path(log) for log in logs if log and Path(log).is_file()]
    filled = [path for path in written if path.stat().st_size]
    return str(max(filled, key=lambda path: path.stat().st_mtime)) if filled else ""


def how_it_ended(message: str) -> str:
    """The exit status in the message of a failed command, or nothing."""
    ended = EXIT.search(message)
    if ended is None:
        return ""
    if "SIGKILL" in ended[1]:
        return "killed from outside (SIGKILL), for example for lack of memory"
    return ended[1].replace("returned non-zero ", "").replace("died with ", "")


def explain(exception: str, message: str) -> str:
    """A sentence with more information than Snakemake's error, or an empty text."""
    if exception == "LockException":
        return _who_has_the_lock()
    if exception in ("FileNotFoundError", "IsADirectoryError") and "load_configfile" in message:
        name = message.rstrip().rpartition(": ")[2]
        return f"{name} is not a config file: {TARGETS_FIRST}"
    if exception == "WorkflowError" and "Config file" in message and " YAML" in message:
        return f"{message.rstrip()}\nPerhaps it is not a config file: {TARGETS_FIRST}"
    return ""


def _who_has_the_lock() -> str:
    from sersnake.experiment.calls.record import is_alive, recorded_calls

    for record, call in reversed(recorded_calls().items()):
        caller = f"the call of {call.started} (process {call.process} on {call.host})"
        if is_alive(record, call):
            return f"Locked: {caller} is running on the same files; wait until it ends"
        return (
            f"Locked: {caller} was killed; `sersnake resume` removes its locks, ends its "
            "remaining jobs and starts it again (--dry-run only lists them)"
        )
    return ""
