"""Records of calls: who is alive, what each has locked, what a killed one has left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.experiment.calls.queue import read_submissions, slurm_jobs
from sersnake.experiment.calls.record import (
    LOCKS,
    RECORDS,
    is_alive,
    locks_left,
    processes_left,
    recorded_calls,
)

REPOSITORY = Path(__file__).parents[3]
# A call that has locked two files, started a job, and then waits to be told to end.
CALL = """
import subprocess, sys
from sersnake.experiment.calls.record import record_call
sys.argv = ["snakemake", "--cores", "2"]
record_call(".", "call.log", {"input": {"a.wav", "b.wav"}, "output": {"a.csv"}})
job = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(job.pid, flush=True)
sys.stdin.read()
job.kill()
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A call at work in the current folder, beside another workflow."""
    monkeypatch.chdir(tmp_path)
    LOCKS.mkdir(parents=True)
    (LOCKS / "0.input.lock").write_text("b.wav\na.wav\n")
    (LOCKS / "1.output.lock").write_text("a.csv\n")
    (LOCKS / "0.output.lock").write_text("foreign.csv\n")
    (LOCKS / "1.input.lock").write_text("a.wav\n")
    process = subprocess.Popen(
        [sys.executable, "-c", CALL],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "SERSNAKE_CORPORA": "/data/my corpora"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    job = int(process.stdout.readline())
    yield process
    process.kill()
    process.wait()
    with suppress(ProcessLookupError):
        os.kill(job, signal.SIGKILL)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_call_is_alive_until_it_is_killed(call: subprocess.Popen[str]) -> None:
    [(record, recorded)] = recorded_calls().items()
    assert recorded.process == call.pid
    assert recorded.command[1:] == ["-m", "snakemake", "--cores", "2"]
    assert is_alive(record, recorded)
    kill(call)
    assert is_alive(record, recorded) is False


def test_a_call_that_ends_takes_its_record_away(call: subprocess.Popen[str]) -> None:
    call.communicate("")
    assert call.returncode == 0
    assert recorded_calls() == {}
    assert not list(RECORDS.iterdir())


def test_a_call_on_another_machine_is_neither(call: subprocess.Popen[str]) -> None:
    [(record, recorded)] = recorded_calls().items()
    assert is_alive(record, replace(recorded, host="elsewhere")) is None


def test_locks_are_those_that_the_call_has_written(call: subprocess.Popen[str]) -> None:
    [recorded] = recorded_calls().values()
    assert {path.name for path in locks_left(recorded)} == {"0.input.lock", "1.output.lock"}
    # The same name, the same files, but written by a later call.
    lock = LOCKS / "1.output.lock"
    os.utime(lock, ns=(0, lock.stat().st_mtime_ns + 1))
    assert [path.name for path in locks_left(recorded)] == ["0.input.lock"]


def test_a_broken_record_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    RECORDS.mkdir(parents=True)
    (RECORDS / "x.json").write_text("{}")
    with pytest.raises(SersnakeError, match=r"x\.json.*--unlock"):
        recorded_calls()


# ---- The verb


def test_a_call_at_work_is_left_alone(
    call: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resume", "--yes"]) == 2
    assert f"process {call.pid} on" in capsys.readouterr().err
    assert call.poll() is None
    assert len(list(LOCKS.iterdir())) == 4


def test_a_dry_run_says_all_and_changes_nothing(
    call: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    kill(call)
    [record] = recorded_calls()
    assert main(["resume", "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "SERSNAKE_CORPORA='/data/my corpora' snakemake --cores 2" in printed
    assert "locks to remove: 2; locks of other calls, kept: 2" in printed
    assert record.exists()
    assert len(list(LOCKS.iterdir())) == 4
    if sys.platform == "linux":
        [job] = processes_left(record)
        assert f"to end on this machine: {job} " in printed


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a dead process started")
def test_jobs_on_this_machine_are_ended_after_a_yes(
    call: subprocess.Popen[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kill(call)
    [record] = recorded_calls()
    with (Path.cwd() / "empty").open("w+") as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        assert main(["resume"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert processes_left(record)

    assert main(["resume", "--yes", "--clear-only"]) == 0
    assert "&& SERSNAKE_CORPORA='/data/my corpora' snakemake --cores 2" in capsys.readouterr().out
    assert not processes_left(record)
    assert {path.name for path in LOCKS.iterdir()} == {"0.output.lock", "1.input.lock"}
    assert recorded_calls() == {}


def test_the_dead_of_another_machine_need_somebody_who_knows(
    call: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    [(record, recorded)] = recorded_calls().items()
    record.write_text(record.read_text().replace(f'"{recorded.host}"', '"elsewhere"'))
    assert main(["resume"]) == 2
    printed = capsys.readouterr().err
    assert "call `sersnake resume` on elsewhere, or add --yes" in printed
    assert main(["resume", "--yes", "--dry-run"]) == 0
    assert "on elsewhere" in capsys.readouterr().out


def test_locks_without_a_record_are_said_to_be_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    LOCKS.mkdir(parents=True)
    (LOCKS / "0.output.lock").write_text("foreign.csv\n")
    assert main(["resume", "--yes"]) == 2
    assert "snakemake --unlock" in capsys.readouterr().err
    assert (LOCKS / "0.output.lock").exists()


# ---- What a log says of submissions


def test_submissions_are_read_from_the_log_of_a_call(tmp_path: Path) -> None:
    log = tmp_path / "call.log"
    assert read_submissions(log).slurm_run == ""
    log.write_text(
        "SLURM run ID: mine_0d1b8d4e-7a5a-4a43-8f27-0d1ad1b0e5a5\n"
        "Job 3 has been submitted with SLURM jobid 12 (log: x).\n"
        "Submitted group job 5f with external jobid '7.pbs'.\n"
        "Submitted job 4 with external jobid '8.pbs'.\n"
    )
    printed = read_submissions(log)
    assert printed.slurm_run == "mine_0d1b8d4e-7a5a-4a43-8f27-0d1ad1b0e5a5"
    assert printed.elsewhere == ["7.pbs", "8.pbs"]


def test_where_there_is_no_slurm_its_jobs_are_asked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SersnakeError, match="squeue is missing here"):
        slurm_jobs("0d1b8d4e")
    assert slurm_jobs("") == {}
