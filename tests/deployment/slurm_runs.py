"""Runs of the workflow on a SLURM that is made for a test, and its queue."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployment.conftest import CONFIG
from tests.deployment.slurm_cluster import Cluster, missing_programs
from tests.workflow.conftest import Project

# Nothing keeps accounts on this cluster, so squeue has to tell what became of a job.
ASKING = {
    "--slurm-status-command": "squeue",
    "--slurm-init-seconds-before-status-checks": 2,
    "--seconds-between-status-checks": 1,
}
ON_GPUS = [
    *("--profile", "profiles/slurm-gpu"),
    *(word for option in ASKING.items() for word in option),
    *CONFIG,
]
NEEDS_SLURM = [
    pytest.mark.deployment,
    pytest.mark.skipif(
        bool(missing_programs()),
        reason=f"without {', '.join(missing_programs())}: apt-get install slurm-wlm "
        "slurm-wlm-torque munge",
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may start munged and slurmd"),
]


@dataclass(frozen=True)
class Job:
    """A line of the queue."""

    number: str
    state: str
    node: str
    group: str


def running_cluster(nodes: tuple[str, str]) -> Iterator[Cluster]:
    """A SLURM whose commands are on the PATH."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # munged wants its socket where everybody can reach it
        actual = Cluster(folder, nodes)
        try:
            actual.start()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PATH", str(actual.bin), prepend=os.pathsep)
                yield actual
        finally:
            actual.stop()


def queue(cluster: Cluster) -> list[Job]:
    rows = cluster.call("squeue", "--noheader", "--format", "%i|%T|%N|%k").splitlines()
    parts = [row.split("|") for row in rows]
    return [Job(*row[:3], row[3].split("_")[1]) for row in parts if row[3].startswith("rule_")]


def wait_for(actual: Callable[[], object], what: str, seconds: float = 400) -> None:
    """Polls until something is there."""
    end = time.monotonic() + seconds
    while not actual():
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.1)


def wait_for_running(cluster: Cluster, group: str, node: str = "") -> Job:
    """The first job of a group that runs, on that node where one is named."""
    running: list[Job] = []

    def look() -> bool:
        running[:] = [
            job
            for job in queue(cluster)
            if (job.state, job.group) == ("RUNNING", group) and node in ("", job.node)
        ]
        return bool(running)

    wait_for(look, f"running job of {group} on {node or 'any node'}")
    return running[0]


def wait_for_end(cluster: Cluster, job: Job) -> str:
    """State of a job after its end."""

    going = ("RUNNING", "COMPLETING")
    wait_for(lambda: state_of(cluster, job.number) not in going, f"end of job {job.number}")
    return state_of(cluster, job.number)


def state_of(cluster: Cluster, number: str) -> str:
    about = cluster.call("scontrol", "show", "job", number)
    return re.findall(r"JobState=(\w+)", about)[0]


class Run:
    """A snakemake that runs while a test does something to its cluster."""

    def __init__(self, project: Project, *arguments: object) -> None:
        self.printed = project.folder / "said.txt"
        with self.printed.open("ab") as printed:
            self.process = subprocess.Popen(
                project.command(*arguments, *ON_GPUS),
                cwd=project.folder,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def finish(self) -> None:
        assert self.process.wait(timeout=600) == 0, self.printed.read_text()[-5000:]


def resume(project: Project, *options: str) -> str:
    """What `sersnake resume` said, and the call that it has started again."""
    run = subprocess.run(
        [sys.executable, "-m", "sersnake", "resume", *options],
        cwd=project.folder,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return run.stdout + run.stderr


def trained(project: Project) -> dict[Path, int]:
    """When each file of features and networks was written."""
    results = project.folder / "results/demo"
    folders = [results / "features", results / "training"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in files}
