"""The console of a run: which lines come of which of Snakemake's log records."""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_sersnake.console import Console
from snakemake_logger_plugin_sersnake.errors import end_of, how_it_ended
from snakemake_logger_plugin_sersnake.jobs import Job, Jobs, duration, name_of
from snakemake_logger_plugin_sersnake.report import MANY, Report


class Events:
    """Snakemake, as far as a console hears of it."""

    def __init__(self, dry_run: bool = False) -> None:
        self.stream = io.StringIO()
        self.report = Report(Console(self.stream), logging.Formatter().format, dry_run)
        self.now = 1000.0

    def say(self, event: LogEvent | None, text: str = "", **attributes: Any) -> None:
        level = logging.ERROR if "ERROR" in str(event).upper() else logging.INFO
        record = logging.LogRecord("snakemake", level, "", 0, text, None, None)
        record.created = self.now
        for name, value in {"event": event, **attributes}.items():
            setattr(record, name, value)
        self.report.take(record)

    def plan(self, **jobs: int) -> None:
        self.say(LogEvent.RUN_INFO, "Job stats", stats={**jobs, "total": sum(jobs.values())})

    def start(self, number: int, rule: str, reason: str = "", **wildcards: str) -> None:
        about = {"jobid": number, "rule_name": rule, "wildcards": wildcards, "reason": reason}
        self.say(LogEvent.JOB_INFO, **about)

    def finish(self, number: int, after: float) -> None:
        self.now += after
        self.say(LogEvent.JOB_FINISHED, job_id=number)

    def fail(self, number: int, rule: str, log: list[Path], **about: Any) -> None:
        words = {"log": list(map(str, log)), "indent": False, "shellcmd": "the call"}
        words |= {"rule_msg": None, **about}
        self.say(LogEvent.JOB_ERROR, jobid=number, rule_name=rule, **words)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def test_a_finished_job_is_its_count_seconds_rule_and_wildcards() -> None:
    events = Events()
    events.plan(train=2, all=1)
    events.start(3, "train", run="results/demo/protocols/x", network="acln", group="0")
    events.finish(3, after=63)
    events.start(1, "all")
    events.finish(1, after=0.04)
    assert events.lines[0] == "3 jobs"
    assert events.lines[1] == "1/3     63 s  train  protocols/x, acln, 0"
    assert events.lines[2] == "2/3    0.0 s  all"


def test_a_rule_of_many_jobs_is_one_line() -> None:
    events = Events()
    events.plan(extract=MANY + 1, all=1)
    for number in range(MANY + 1):
        events.start(number, "extract", utterance=f"u{number}")
        events.finish(number, after=1)
    assert len(events.lines) == 2
    assert events.lines[1] == "21/22     21 s  extract  21 jobs  (about 10 s left)"


def test_a_long_rule_of_many_jobs_is_told_in_between() -> None:
    events = Events()
    events.plan(extract=100)
    for number in range(50):
        events.start(number, "extract", utterance=f"u{number}")
        events.finish(number, after=2)
    assert 2 < len(events.lines) < 10
    assert "of 100 jobs" in events.lines[-1]
    assert "left)" in events.lines[-1]


def test_time_left_is_that_of_like_jobs_side_by_side() -> None:
    jobs = Jobs(planned={"train": 6, "draw": 2})
    for number in (0, 1):
        jobs.start(number, Job("train", "", 100.0))
    for number in (0, 1):
        jobs.finish(number, 160.0)
    # Four trainings and two jobs of which nothing is known, a minute each, two at a time.
    assert jobs.seconds_left(160.0) == pytest.approx(180)
    jobs.start(2, Job("draw", "", 160.0))
    jobs.finish(2, 161.0)
    assert jobs.seconds_left(161.0) == pytest.approx((4 * 60 + 1) / (121 / 61))


def test_durations_are_said_in_a_fitting_unit() -> None:
    printed = [duration(seconds) for seconds in (0.04, 9.94, 63, 400, 8000)]
    assert printed == ["0.0 s", "9.9 s", "63 s", "7 min", "2 h 13 min"]


def test_the_folder_of_a_run_is_named_where_there_are_several() -> None:
    assert name_of({"run": "results/demo", "kind": "mfcc"}) == "mfcc"
    assert name_of({"kind": "mfcc", "run": "results/demo/variants/a"}) == "variants/a, mfcc"


# ---- Errors


def test_a_failed_job_says_the_end_of_its_log_and_how_it_ended(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)) + "error: mend this\n")
    events = Events()
    events.plan(train=1)
    events.start(7, "train", network="acln")
    events.say(LogEvent.ERROR, "CalledProcessError: returned non-zero exit status 2", exception="R")
    events.fail(7, "train", [log])
    assert events.lines[1] == f"FAILED  train acln: exit status 2; the end of {log}:"
    assert events.lines[-1] == "    error: mend this"
    assert "    line 0" not in events.lines
    assert len(events.lines) < 20


def test_a_failed_job_without_a_log_says_what_it_called(tmp_path: Path) -> None:
    events = Events()
    events.fail(7, "train", [tmp_path / "missing.log"])
    assert events.lines == ["FAILED  train", "    the call"]


def test_of_a_failed_group_the_job_that_ran_last_is_shown_with_the_batch_system(
    tmp_path: Path,
) -> None:
    logs = [tmp_path / name for name in ("first.log", "second.log", "slurm.log")]
    for age, log in enumerate(logs):
        log.write_text(f"said in {log.stem}\n")
        os.utime(log, (1000 + age, 1000 + age))
    events = Events()
    for number in (1, 2):
        events.start(number, f"rule{number}")
    info = [{"jobid": n, "log": [str(logs[n - 1])]} for n in (1, 2)]
    events.say(
        LogEvent.GROUP_ERROR, groupid="g", job_error_info=info, aux_logs=[None, str(logs[2])]
    )
    for number in (1, 2):
        events.fail(number, f"rule{number}", [logs[number - 1]], indent=True)
    assert events.lines == [
        f"FAILED  rule1; rule2; the end of {logs[1]}:",
        "    said in second",
        f"  the end of {logs[2]}:",
        "    said in slurm",
    ]


def test_the_bar_names_no_job_that_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    events = Events()
    events.report.console.is_terminal = True
    events.plan(train=2)
    events.start(0, "train", group="a")
    events.start(1, "train", group="b")
    assert "train a; train b" in events.report.console.bar
    events.fail(0, "train", [tmp_path / "missing.log"])
    assert events.report.console.bar.endswith(" 0/2 train b")


def test_a_second_try_makes_up_for_the_first(tmp_path: Path) -> None:
    events = Events()
    events.plan(train=2)
    for number, group in enumerate("ab"):
        events.start(number, "train", group=group)
        message = "SLURM status is: 'TIMEOUT'"
        events.fail(number, "train", [tmp_path / "missing.log"], rule_msg=message)
    assert events.lines[1:3] == ["FAILED  train a: SLURM status is: 'TIMEOUT'", "    the call"]
    events.start(0, "train", group="a")
    events.finish(0, after=1)
    final = "WorkflowError:\nAt least one job did not complete successfully."
    events.say(LogEvent.ERROR, final, exception="WorkflowError")
    assert "1 of 2 jobs are done, failed: train b." in events.lines[-1]
    events.start(1, "train", group="b")
    events.finish(1, after=1)
    events.say(None, "Elapsed time: 0:00:02")
    assert events.lines[-1] == "Done in 2.0 s."


def test_an_error_that_no_job_explains_is_said_in_full() -> None:
    events = Events()
    text = "CalledProcessError: died with <Signals.SIGKILL: 9>"
    events.say(LogEvent.ERROR, text, exception="CalledProcessError")
    assert events.lines == []
    events.report.finish()
    assert events.lines == [text]
    assert "lack of memory" in how_it_ended(text)


def test_other_errors_and_warnings_are_said_as_they_are() -> None:
    events = Events()
    events.say(LogEvent.ERROR, "WorkflowError:\nfolds: no such key", exception="WorkflowError")
    events.say(None, "Something of a plugin")
    events.say(None, "Select jobs to execute...")
    assert events.lines == ["WorkflowError:", "folds: no such key", "Something of a plugin"]


def test_a_line_that_was_written_over_is_read_as_it_was_left(tmp_path: Path) -> None:
    log = tmp_path / "bar.log"
    log.write_bytes(b"10 %\r50 %\r100 %\nd\xf6ne\r\n\n")
    assert end_of(str(log)) == "    100 %\n    d�ne"


# ---- Plans


def test_a_plan_says_why_but_not_that_jobs_follow_from_others() -> None:
    events = Events(dry_run=True)
    events.plan(train=30, all=1)
    for number in range(30):
        reason = "Updated input files: a.csv; Input files updated by another job: b.csv"
        events.start(number, "train", reason, group=str(number))
    events.start(30, "all", "Input files updated by another job: c.csv")
    events.say(
        None,
        "Reasons:\n    (check individual jobs above for details)\n"
        "    input files updated by another job:\n        all, train\n"
        "    updated input files:\n        train",
    )
    events.plan(train=30, all=1)
    assert events.lines == [
        "Job stats",
        "Reasons:",
        "    Updated input files: a.csv: train 0; train 1; train 2 and 27 more",
    ]
