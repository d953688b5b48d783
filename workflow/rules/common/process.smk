"""The life of a call: whose folder it is, what a killed one left, how fast its jobs start."""

import fcntl
import shutil
import subprocess
import time

# What Snakemake calls its jobs on SLURM: an identifier of the run, behind a prefix or alone.
RUN_NAME = re.compile(r"(^|_)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def take_over_killed_run():
    """Removes the locks of a run that was killed, so that calling again goes on.

    The operating system frees this file's lock when the process that holds it dies. Whoever
    gets it knows that no other run is at work in this folder.
    """
    state = Path(".snakemake")
    state.mkdir(exist_ok=True)
    owner = (state / "sersnake.lock").open("w")
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    for stale in (state / "locks").glob("*"):
        stale.unlink()
    return owner


def cancel_orphans():
    """Takes what a killed run has left in SLURM's queue out of it, and waits until it is gone.

    Such jobs go on without the run, and would write the same files as those that this run submits.
    They are named by their run and have this working directory, which is ours alone while we hold
    its lock.
    """
    if OWNER is None or workflow.local_exec or not shutil.which("squeue"):
        return
    for _ in range(60):
        listing = ["squeue", "--me", "--noheader", "--format", "%i %j %Z"]
        listed = subprocess.run(listing, capture_output=True, text=True).stdout
        rows = [line.split(" ", 2) for line in listed.splitlines()]
        orphans = [
            job for job, name, folder in rows if RUN_NAME.search(name) and folder == os.getcwd()
        ]
        if not orphans:
            return
        subprocess.run(["scancel", *orphans])
        time.sleep(1)
    raise WorkflowError(f"jobs of a killed run do not end: scancel {' '.join(orphans)}")


def lift_rate_limit():
    """Lets jobs on this machine start whenever a core is free.

    Where Snakemake limits how many start in a second, it looks at all jobs again a second after
    it has looked, and every job that ends begins one more of these rounds: after a hundred jobs they
    took a fifth of a core.
    """
    if workflow.local_exec and getattr(workflow, "scheduler", None):
        workflow.scheduler.job_rate_limiter = None
