"""Jobs that a call has submitted to a batch system, according to its log."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from sersnake.errors import SersnakeError

SLURM_RUN = re.compile(r"^SLURM run ID: (\S+)$", re.MULTILINE)
OTHER_SYSTEM = re.compile(r"^Submitted .* with external jobid '([^']+)'", re.MULTILINE)
SECONDS_TO_END = 120


@dataclass(frozen=True)
class Submitted:
    """The submissions in a log.

    Attributes:
        slurm_run: Name of all SLURM jobs of the call, empty where there are none.
        elsewhere: IDs of jobs submitted to another batch system.
    """

    slurm_run: str
    elsewhere: list[str]


def read_submissions(log: Path) -> Submitted:
    """What the call that wrote ``log`` has submitted; nothing if there is no such file."""
    text = log.read_text(errors="replace") if log.is_file() else ""
    run = SLURM_RUN.search(text)
    return Submitted(run[1] if run else "", OTHER_SYSTEM.findall(text))


def slurm_jobs(run: str) -> dict[str, str]:
    """Jobs of a run that are in SLURM's queue: ID and state.

    Raises:
        SersnakeError: There is no SLURM here, or it does not answer.
    """
    if not run:
        return {}
    listing = ["squeue", "--me", "--noheader", "--name", run, "--format", "%i %T"]
    return dict(line.split(maxsplit=1) for line in _call(listing, run).splitlines())


def cancel_slurm_jobs(run: str) -> None:
    """Cancels the jobs of a run, and waits until they are gone.

    Raises:
        SersnakeError: Some are left after two minutes, or SLURM does not answer.
    """
    end = time.monotonic() + SECONDS_TO_END
    while jobs := slurm_jobs(run):
        if time.monotonic() > end:
            raise SersnakeError(
                f"SLURM jobs {' '.join(jobs)} do not end; ask the cluster's administrators, and "
                "call again"
            )
        _call(["scancel", *jobs], run)
        time.sleep(1)


def _call(words: list[str], run: str) -> str:
    if not shutil.which(words[0]):
        raise SersnakeError(
            f"the call submitted jobs to SLURM (run {run}), but {words[0]} is missing here; call "
            "this where the cluster's commands are installed"
        )
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SersnakeError(f"{words[0]}: {done.stderr.strip()}; call again when SLURM answers")
    return done.stdout
