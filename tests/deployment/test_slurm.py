"""The workflow on a real SLURM, undisturbed, and after Snakemake was killed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.conftest import CONFIG, TARGETS, decided, fresh_clone
from tests.deployment.slurm_cluster import Cluster
from tests.deployment.slurm_runs import (
    NEEDS_SLURM,
    ON_GPUS,
    Run,
    resume,
    running_cluster,
    state_of,
    wait_for,
    wait_for_end,
    wait_for_running,
)
from tests.workflow.conftest import Project

pytest.importorskip("snakemake_executor_plugin_slurm", reason="`make test-deployment` installs it")
pytestmark = NEEDS_SLURM


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    yield from running_cluster(("n1", "n2"))


def test_a_run_on_the_cluster_gives_the_bytes_of_a_local_one(
    cluster: Cluster, clone_on_cluster: Project, local: Project
) -> None:
    printed = clone_on_cluster.finish(*TARGETS, *ON_GPUS)
    assert decided(clone_on_cluster) == decided(local)
    jobs = int(re.findall(r"^(\d+) jobs$", printed, flags=re.MULTILINE)[0])
    submitted = re.findall(r"submitted with SLURM jobid (\d+)", printed)
    assert len(submitted) < jobs / 3
    on_gpu = [
        number
        for number in submitted
        if "gres:gpu:1" in cluster.call("scontrol", "show", "job", number)
    ]
    assert len(on_gpu) == 3  # ACLN of two folds, and FCN of both


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


@pytest.fixture
def clone_on_cluster(tmp_path: Path) -> Project:
    return fresh_clone(tmp_path)
