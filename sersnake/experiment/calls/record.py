"""Calls of the workflow: what each has locked, and which of them were killed.

A call that starts jobs writes a record below ``.snakemake/sersnake`` and holds the operating
system's lock on it, which nothing but the end of its process frees. A call that ends removes its
record. A record that is left and that nobody holds is that of a killed call.
"""

from __future__ import annotations

import atexit
import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sersnake.errors import SersnakeError

RECORDS = Path(".snakemake/sersnake")
LOCKS = Path(".snakemake/locks")
CALL_VARIABLE = "SERSNAKE_CALL"


@dataclass(frozen=True)
class Call:
    """A call of the workflow that has started jobs.

    Attributes:
        command: The words of its command line, to call it again.
        variables: Its environment variables that concern the workflow.
        folder: Where it was called.
        host: Name of the machine.
        process: Its process ID there.
        started: When its first job was about to start, ISO 8601, local time.
        log: Snakemake's own log of it, relative to the working directory.
        locks: Snakemake's lock files that it has written, and when, in nanoseconds.
    """

    command: list[str]
    variables: dict[str, str]
    folder: str
    host: str
    process: int
    started: str
    log: str
    locks: dict[str, int]


def record_call(folder: str, log: str, locked: Mapping[str, set[str]]) -> None:
    """Records this process as a call of the workflow, until it ends.

    What it starts has the record's name in its environment.

    Args:
        folder: Where it was called.
        log: Snakemake's log of it.
        locked: Names of the files that it has locked, as ``input`` and as ``output``.
    """
    path = RECORDS / f"{platform.node()}-{os.getpid()}-{time.time_ns()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    call = Call(
        command=[sys.executable, "-m", "snakemake", *sys.argv[1:]],
        variables=_variables(),
        folder=folder,
        host=platform.node(),
        process=os.getpid(),
        started=time.strftime("%Y-%m-%d %H:%M:%S"),
        log=log,
        locks=_locks_with(locked),
    )
    # It gets its name once it is whole and locked, and stays open (locked) until the process ends.
    unfinished = path.with_suffix(".part")
    record = unfinished.open("w", encoding="utf-8")
    _hold(record.fileno())
    json.dump(asdict(call), record, indent=2)
    record.flush()
    unfinished.replace(path)
    os.environ[CALL_VARIABLE] = path.stem
    atexit.register(record.close)
    atexit.register(path.unlink, missing_ok=True)


def _variables() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name == "SNAKEMAKE_PROFILE" or (name.startswith("SERSNAKE_") and name != CALL_VARIABLE)
    }


def _locks_with(locked: Mapping[str, set[str]]) -> dict[str, int]:
    """The lock files that hold these names and no others, and when they were written."""
    return {
        path.name: path.stat().st_mtime_ns
        for kind, names in locked.items()
        for path in LOCKS.glob(f"*.{kind}.lock")
        if set(path.read_text().splitlines()) == names
    }


def recorded_calls() -> dict[Path, Call]:
    """The records in the current directory, the oldest first; it changes nothing.

    Raises:
        SersnakeError: A record cannot be read.
    """
    calls = {}
    for path in RECORDS.glob("*.json"):
        try:
            calls[path] = Call(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            continue  # its call has just ended
        except (TypeError, ValueError) as error:
            raise SersnakeError(
                f"{path}: not the record of a call ({error}); remove it, and then its locks by "
                "`snakemake --unlock`"
            ) from error
    return dict(sorted(calls.items(), key=lambda item: item[1].started))


def is_alive(record: Path, call: Call) -> bool | None:
    """Whether the process of a recorded call is at work, or None where this machine cannot tell."""
    if call.host != platform.node():
        return None
    try:
        with record.open("r+b") as file:
            _hold(file.fileno())
    except BlockingIOError:
        return True
    except FileNotFoundError:  # it has just ended
        return True
    except OSError:  # a file system without such locks
        return None
    return False


def _hold(descriptor: int) -> None:
    """Takes the lock that the operating system frees when the holder dies."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def locks_left(call: Call) -> list[Path]:
    """The lock files of a call that have not changed since it wrote them."""
    return [
        path
        for name, written in call.locks.items()
        if (path := LOCKS / name).is_file() and path.stat().st_mtime_ns == written
    ]


def processes_left(record: Path) -> dict[int, str]:
    """Jobs of a killed call that still run on this machine: process ID and command line.

    Only on Linux; empty elsewhere.
    """
    mark = f"{CALL_VARIABLE}={record.stem}".encode()
    commands = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                commands[int(folder.name)] = b" ".join(words).decode(errors="replace").strip()
        except OSError:  # it has ended, or is another user's
            continue
    return commands
