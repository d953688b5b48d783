"""The workflow on a real SLURM with all that goes wrong on a cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.conftest import TARGETS, decided, fresh_clone
from tests.deployment.slurm_cluster import Cluster
from tests.deployment.slurm_runs import (
    NEEDS_SLURM,
    Run,
    queue,
    resume,
    running_cluster,
    trained,
    wait_for,
    wait_for_end,
    wait_for_running,
)
from tests.workflow.conftest import Project

pytest.importorskip("snakemake_executor_plugin_slurm", reason="`make test-deployment` installs it")
pytestmark = NEEDS_SLURM
NODES = ("m1", "m2")
# A first request that is too small, by far, and a second one that is enough.
SCANTY = [
    "extract_shard:mem_mb=10*100**(attempt-1)",
    "pack_features:runtime=attempt**3",
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    yield from running_cluster(NODES)


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
