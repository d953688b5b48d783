"""Jobs of a run: their names, how long they took, how long the rest takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    """A job that has started.

    Attributes:
        rule: Its rule.
        what: Values of its wildcards.
        started: When, in seconds.
    """

    rule: str
    what: str
    started: float

    @property
    def name(self) -> str:
        """Rule and wildcards in one line."""
        return f"{self.rule} {self.what}".rstrip()


def name_of(wildcards: Mapping[str, str]) -> str:
    """The values of the wildcards; of the folder of a run, what comes after ``results/NAME``."""
    folder = wildcards.get("run", "").split("/", 2)[2:]
    return ", ".join([*folder, *(value for name, value in wildcards.items() if name != "run")])


@dataclass
class Jobs:
    """What is planned, at work and done.

    Attributes:
        planned: Number of jobs of each rule.
        running: Jobs that have started, by their number.
        done: Duration of each finished job in seconds, by its rule.
        began: When the first job has started, in seconds.
    """

    planned: dict[str, int] = field(default_factory=dict)
    running: dict[int, Job] = field(default_factory=dict)
    done: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    began: float = 0.0

    def start(self, number: int, job: Job) -> None:
        """Takes a job that starts."""
        self.began = self.began or job.started
        self.running[number] = job

    def finish(self, number: int, now: float) -> tuple[Job, float]:
        """Takes a job that has finished; returns it and its duration in seconds."""
        job = self.running.pop(number)
        self.done[job.rule].append(now - job.started)
        return job, now - job.started

    @property
    def total(self) -> int:
        """Number of jobs that are planned."""
        return sum(self.planned.values())

    @property
    def finished(self) -> int:
        """Number of jobs that are done."""
        return sum(map(len, self.done.values()))

    def seconds_left(self, now: float) -> float:
        """Remaining seconds if as many jobs as so far run in parallel.

        A job takes what others of its rule have taken, or all others where it is the first.
        """
        spent = sum(map(sum, self.done.values()))
        side_by_side = max(1.0, spent / max(now - self.began, 1e-9))
        of_all = spent / max(self.finished, 1)
        left = 0.0
        for rule, planned in self.planned.items():
            seconds = self.done.get(rule, [])
            mean = sum(seconds) / len(seconds) if seconds else of_all
            left += mean * (planned - len(seconds))
        return left / side_by_side


def duration(seconds: float) -> str:
    """A duration in words."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
