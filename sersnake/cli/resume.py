"""Verb that resumes a killed run."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sersnake.cli.arguments import add_verb
from sersnake.errors import SersnakeError
from sersnake.experiment.calls.queue import (
    Submitted,
    cancel_slurm_jobs,
    read_submissions,
    slurm_jobs,
)
from sersnake.experiment.calls.record import (
    LOCKS,
    Call,
    is_alive,
    locks_left,
    processes_left,
    recorded_calls,
)


def add_verbs(verbs: argparse._SubParsersAction) -> None:
    """Adds the verb of this stage."""
    parser = add_verb(
        verbs,
        "resume",
        "Resume a killed run of the workflow. Call it in the folder of that run: it names the "
        "dead call, cancels its jobs in SLURM's queue, ends its jobs on this machine, removes its "
        "locks and no others, and starts the same call again.",
        resume,
    )
    parser.add_argument("--dry-run", action="store_true", default=None, help="change nothing")
    parser.add_argument(
        "--yes",
        action="store_true",
        default=None,
        help="do not ask, and assume that the process is dead if this machine cannot tell",
    )
    parser.add_argument(
        "--clear-only",
        action="store_true",
        default=None,
        help="print the call instead of starting it again",
    )


@dataclass(frozen=True)
class Left:
    """What a killed call left behind."""

    record: Path
    call: Call
    submitted: Submitted
    queued: dict[str, str] = field(default_factory=dict)
    processes: dict[int, str] = field(default_factory=dict)


def resume(options: argparse.Namespace) -> None:
    """Lists what killed calls left behind, removes it, and starts the last of them again."""
    dead = _dead_calls(sure=bool(options.yes))
    if not dead:
        raise SersnakeError(f"nothing to resume in {Path.cwd()}: {_why_nothing()}")
    killed = [_look(record, call) for record, call in dead.items()]
    for left in killed:
        print(_describe(left), flush=True)
    if options.dry_run:
        print("Dry run: nothing was changed.")
        return
    if not options.yes and any(_is_at_work(left) for left in killed):
        _ask()
    for left in killed:
        _clear(left)
    _go_on(killed[-1].call, start=not options.clear_only)


def _dead_calls(sure: bool) -> dict[Path, Call]:
    return {
        record: call for record, call in recorded_calls().items() if _is_dead(record, call, sure)
    }


def _is_dead(record: Path, call: Call, sure: bool) -> bool:
    """Whether a call has died.

    Raises:
        SersnakeError: This machine cannot tell, and ``sure`` is false.
    """
    alive = is_alive(record, call)
    if alive is None and not sure:
        raise SersnakeError(
            f"the call of {call.started} is process {call.process} on {call.host}, and this "
            f"machine cannot tell whether it runs: call `sersnake resume` on {call.host}, or add "
            "--yes if you know that it is dead"
        )
    return not alive


def _why_nothing() -> str:
    """Why there is nothing to resume, and what else to do."""
    if alive := list(recorded_calls().values()):
        return f"process {alive[-1].process} on {alive[-1].host} is running"
    if any(LOCKS.glob("*.lock")):
        return (
            f"the locks in {LOCKS} belong to no recorded call; if no workflow runs here, remove "
            "them with `snakemake --unlock`"
        )
    return "no call was killed here; call snakemake as usual"


def _look(record: Path, call: Call) -> Left:
    submitted = read_submissions(Path(call.log))
    queued = slurm_jobs(submitted.slurm_run)
    return Left(record, call, submitted, queued, processes_left(record))


def _is_at_work(left: Left) -> bool:
    return bool(left.queued or left.processes or left.submitted.elsewhere)


def _describe(left: Left) -> str:
    """A killed call and what it left behind, in some lines."""
    call, locks = left.call, locks_left(left.call)
    foreign = len(list(LOCKS.glob("*.lock"))) - len(locks)
    stay = f"; locks of other calls, kept: {foreign}" if foreign else ""
    lines = [
        f"Killed: the call of {call.started} (process {call.process} on {call.host})",
        f"  {_words(call)}",
        f"  locks to remove: {len(locks)}{stay}",
    ]
    if left.queued:
        jobs = ", ".join(f"{job} ({state})" for job, state in left.queued.items())
        lines.append(f"  SLURM jobs to cancel, of run {left.submitted.slurm_run}: {jobs}")
    if left.submitted.elsewhere:
        jobs = ", ".join(left.submitted.elsewhere)
        lines.append(
            f"  submitted by your batch system's own commands: {jobs}; delete those that remain "
            "(qdel, bkill) before you continue"
        )
    lines += [f"  to end on this machine: {pid} {text}" for pid, text in _brief(left.processes)]
    return "\n".join(lines)


def _brief(processes: dict[int, str]) -> list[tuple[int, str]]:
    return [(pid, text if len(text) < 80 else f"{text[:77]}...") for pid, text in processes.items()]


def _words(call: Call) -> str:
    """The call as a person types it here, given the variables that are already set."""
    variables = [
        f"{name}={shlex.quote(value)}"
        for name, value in call.variables.items()
        if os.environ.get(name) != value
    ]
    return " ".join([*variables, shlex.join(["snakemake", *call.command[3:]])])


def _ask() -> None:
    """Waits for a yes.

    Raises:
        SersnakeError: Nobody can be asked, or the answer is not yes.
    """
    if not sys.stdin.isatty():
        raise SersnakeError("cannot ask before ending jobs without a terminal; add --yes")
    if input("End these jobs and continue? [y/N] ").strip().lower() not in ("y", "yes"):
        raise SersnakeError("nothing was changed, because you did not answer yes")


def _clear(left: Left) -> None:
    """Ends running jobs, and then removes locks and record."""
    cancel_slurm_jobs(left.submitted.slurm_run)
    _end(lambda: processes_left(left.record))
    for lock in locks_left(left.call):
        lock.unlink(missing_ok=True)
    left.record.unlink(missing_ok=True)


def _end(processes: Callable[[], dict[int, str]]) -> None:
    """Kills processes, which leave no half-written file, and waits until they are gone."""
    while numbers := processes():
        for number in numbers:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.1)


def _go_on(call: Call, start: bool) -> None:
    """Prints the call, and replaces this process by it."""
    if not start:
        print(f"To continue: cd {shlex.quote(call.folder)} && {_words(call)}")
        return
    print("Starting that call again.", flush=True)
    os.chdir(call.folder)
    os.execve(call.command[0], call.command, {**os.environ, **call.variables})
