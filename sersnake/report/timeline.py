"""The timeline of a run's jobs, from Snakemake's benchmarks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sersnake.errors import SersnakeError
from sersnake.report.benchmarks import FOLDER, Benchmark, read_benchmarks
from sersnake.report.plot_style import FONT_PT, LINES, column_figure, house_style

SHOWN = len(LINES) - 1  # rules that have a colour of their own; the last one is that of all else
REST, REST_COLOR = "other rules", "#999999"
LANE_CM, MARGIN_CM = 0.35, 3.2


def read_timeline(folder: Path) -> pd.DataFrame:
    """The jobs of a run and of its variants, sorted by start.

    Args:
        folder: Result folder.

    Returns:
        Columns rule, job, start (seconds after the first), seconds, cpu_seconds, memory_mib; values
        that Snakemake could not measure for a short job are 0.

    Raises:
        SersnakeError: There are no benchmarks.
    """
    jobs = pd.DataFrame(read_benchmarks(folder), columns=Benchmark._fields)
    if jobs.empty:
        raise SersnakeError(f"{folder}: contains no {FOLDER}; name the result folder of a run")
    start = jobs["end"] - jobs["seconds"]
    jobs.insert(2, "start", start - start.min())
    return jobs.drop(columns="end").sort_values(["start", "rule", "job"], ignore_index=True)


def sum_up(jobs: pd.DataFrame) -> pd.DataFrame:
    """One row per rule, most CPU seconds first: jobs, seconds, share of CPU, largest memory."""
    rows = jobs.groupby("rule").agg(
        jobs=("job", "size"),
        seconds=("seconds", "sum"),
        cpu_seconds=("cpu_seconds", "sum"),
        memory_mib=("memory_mib", "max"),
    )
    rows.insert(3, "cpu_share", rows["cpu_seconds"] / max(rows["cpu_seconds"].sum(), 1e-9))
    return rows.sort_values("cpu_seconds", ascending=False).reset_index()


def lanes_of(jobs: pd.DataFrame) -> list[int]:
    """The first free lane for each job, so that jobs of one lane never overlap."""
    # Jobs follow each other within the millisecond that Snakemake's seconds are rounded to.
    ends: list[float] = []
    lanes = []
    for start, seconds in zip(jobs["start"], jobs["seconds"], strict=True):
        free = [lane for lane, end in enumerate(ends) if end <= start + 1e-3]
        lane = free[0] if free else len(ends)
        ends[lane:] = [start + seconds, *ends[lane + 1 :]]
        lanes.append(lane)
    return lanes


def draw_timeline(jobs: pd.DataFrame) -> Figure:
    """A Gantt chart: one bar per job over minutes, with simultaneous jobs above each other."""
    first = sum_up(jobs)["rule"].head(SHOWN)
    colors = {rule: line["color"] for rule, line in zip(first, LINES, strict=False)}
    names = jobs["rule"].where(jobs["rule"].isin(first), REST)
    lanes = lanes_of(jobs)
    with house_style():
        figure = column_figure(MARGIN_CM + LANE_CM * (max(lanes) + 1))
        axes = figure.add_subplot()
        for rule in [*first, *[REST] * (REST in set(names))]:
            chosen = [number for number, name in enumerate(names) if name == rule]
            axes.barh(
                [lanes[number] for number in chosen],
                jobs["seconds"].iloc[chosen] / 60,
                left=jobs["start"].iloc[chosen] / 60,
                color=colors.get(rule, REST_COLOR),
                edgecolor="white",
                linewidth=0.2,
                label=rule,
            )
        axes.set(xlabel="minutes", ylabel="jobs", yticks=[])
        figure.legend(loc="outside lower center", ncols=2, fontsize=FONT_PT, frameon=False)
    return figure
