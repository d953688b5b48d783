"""The workflow on a real SLURM, undisturbed and with all that goes wrong on a cluster."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployment.conftest import CONFIG, TARGETS, decided, fresh_clone
from tests.deployment.slurm_cluster import NODES, Cluster, missing_programs
from tests.workflow.conftest import Project

pytest.importorskip("snakemake_executor_plugin_slurm", reason="`make test-deployment` installs it")
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
# A first request that is too small, by far, and a second one that is enough.
SCANTY = [
    "extract_shard:mem_mb=10*100**(attempt-1)",
    "pack_features:runtime=attempt**3",
]
pytestmark = [
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


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A SLURM whose commands are on the PATH."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # munged wants its socket where everybody can reach it
        actual = Cluster(folder)
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


def test_a_run_on_the_cluster_gives_the_bytes_of_a_local_one(
    cluster: Cluster, clone_on_cluster: Project, local: Project
) -> None:
    printed = clone_on_cluster.finish(*TARGETS, *ON_GPUS)
    assert decided(clone_on_cluster) == decided(local)
    jobs = int(re.findall(r"^(\d+) jobs$", printed, flags=re.MULTILINE)[0])
    submitted = re.findall(r"submitted with SLURM jobid (\d+)", printed)
    assert len(submitted) < jobs / 4
    on_gpu = [
        number
        for number in submitted
        if "gres:gpu:1" in cluster.call("scontrol", "show", "job", number)
    ]
    assert len(on_gpu) == 3  # ACLN of two folds, and FCN of both


def disturb_jobs(cluster: Cluster) -> dict[str, str]:
    """Cancels a job, and lets others need more memory and time than they asked for."""
    ended = {}
    job = wait_for_running(cluster, "corpus")
    cluster.call("scancel", job.number)
    ended["cancelled"] = wait_for_end(cluster, job)

    job = wait_for_running(cluster, "extraction")
    ended["over memory"] = wait_for_end(cluster, job)

    job = wait_for_running(cluster, "packing")
    wait_for(lambda: "sersnake pack" in cluster.commands_of(job.node), "call of pack")
    for pid in cluster.steps_of(job.node):
        os.kill(pid, signal.SIGSTOP)
    ended["over time"] = wait_for_end(cluster, job)
    return ended


def disturb_nodes(cluster: Cluster) -> dict[str, str]:
    """Sets a node down while it trains, and kills the daemon of the other with all it runs."""
    ended = {}
    job = wait_for_running(cluster, "training", NODES[1])
    cluster.call("scontrol", "update", f"NodeName={NODES[1]}", "State=DOWN", "Reason=test")
    ended["node down"] = wait_for_end(cluster, job)
    cluster.resume_node(NODES[1])

    job = wait_for_running(cluster, "training", NODES[0])
    cluster.kill_node(NODES[0])
    ended["node killed"] = wait_for_end(cluster, job)
    cluster.start_node(NODES[0])
    return ended


def test_all_that_goes_wrong_is_made_up_for(
    cluster: Cluster, tmp_path: Path, local: Project
) -> None:
    project = fresh_clone(tmp_path)
    with Run(project, *TARGETS, "--set-resources", *SCANTY) as run:
        ended = {**disturb_jobs(cluster), **disturb_nodes(cluster)}
        # Snakemake is killed, and the job that it has submitted goes on until somebody resumes.
        job = wait_for_running(cluster, "results")
        finished = trained(project)
        run.kill()
    assert job.number in {left.number for left in queue(cluster)}
    resume(project, "--yes")
    ended["orphaned"] = wait_for_end(cluster, job)

    assert ended == {
        "cancelled": "CANCELLED",
        "over memory": "FAILED",
        "over time": "TIMEOUT",
        "node down": "NODE_FAIL",
        "node killed": "NODE_FAIL",
        "orphaned": "CANCELLED",
    }
    logs = project.folder.glob(".snakemake/slurm_logs/**/*.log")
    assert "exceeded memory limit" in "".join(path.read_text() for path in logs)
    assert decided(project) == decided(local)
    assert trained(project) == finished  # what was done when Snakemake was killed stayed as it was
    hidden = {path.name for path in project.folder.glob("results/**/.*") if path.is_file()}
    assert hidden <= {".snakemake_timestamp"}


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


def test_jobs_of_a_killed_call_are_cancelled_and_no_others(
    cluster: Cluster, clone_on_cluster: Project
) -> None:
    project, target = clone_on_cluster, "results/demo/folds.csv"
    with Run(project, target) as run:
        job = wait_for_running(cluster, "corpus")
        run.kill()
    # Another workflow's, named and placed as Snakemake does it.
    words = ["--job-name", str(uuid.uuid4()), "--chdir", str(project.folder), "--mem", "10"]
    foreign = cluster.call("sbatch", "--parsable", *words, "--wrap", "sleep 3600")
    wait_for(lambda: state_of(cluster, foreign) == "RUNNING", "foreign job")

    planned = resume(project, "--dry-run")
    assert f"{job.number} (RUNNING)" in planned
    assert foreign not in re.findall(r"(\d+) \(", planned)
    assert state_of(cluster, job.number) == "RUNNING"

    resume(project, "--yes")
    assert wait_for_end(cluster, job) == "CANCELLED"
    assert state_of(cluster, foreign) == "RUNNING"
    cluster.call("scancel", foreign)
    assert (project.folder / target).is_file()


def test_a_batch_system_is_called_by_its_own_commands(
    cluster: Cluster, clone_on_cluster: Project, local: Project
) -> None:
    """By those of PBS, which Torque's package of SLURM understands."""
    target = "results/demo/folds.csv"
    printed = clone_on_cluster.finish(target, "--profile", "profiles/cluster-generic", *CONFIG)
    assert len(re.findall(r"Submitted group job \S+ with external jobid '\d+", printed)) == 1
    made = [(run.folder / target).read_bytes() for run in (clone_on_cluster, local)]
    assert made[0] == made[1]


def trained(project: Project) -> dict[Path, int]:
    """When each file of features and networks was written."""
    results = project.folder / "results/demo"
    folders = [results / "features", results / "training"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in files}


@pytest.fixture
def clone_on_cluster(tmp_path: Path) -> Project:
    return fresh_clone(tmp_path)
