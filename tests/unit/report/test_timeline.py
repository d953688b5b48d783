"""Where the time of a run went, read from Snakemake's benchmarks."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.report.timeline import draw_timeline, lanes_of, read_timeline, sum_up

HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
ENDED = 1_700_000_000
# Rule and job, seconds, CPU seconds as Snakemake writes them, and when it ended.
JOBS = {
    "benchmarks/extract_shard/mfcc-0": (10, "8.0", 10),
    "benchmarks/extract_shard/mfcc-1": (5, "4.0", 8),
    "benchmarks/train_phase_1/acln-0": (60, "50.0", 71),
    "variants/copies/benchmarks/classify/compare_svm": (0.4, "-", 71.5),
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name, (seconds, cpu, end) in JOBS.items():
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEAD}{seconds}\t0:00:00\t500\t1\t1\t1\t0\t0\t80\t{cpu}\n")
        os.utime(path, (ENDED + end, ENDED + end))
    return tmp_path


def test_jobs_begin_as_long_before_their_end_as_they_took(run: Path) -> None:
    jobs = read_timeline(run)
    assert jobs["job"].tolist() == ["mfcc-0", "mfcc-1", "acln-0", "compare_svm"]
    assert jobs["start"].round(1).tolist() == [0, 3, 11, 71.1]
    assert jobs["cpu_seconds"].tolist() == [8, 4, 50, 0]
    assert lanes_of(jobs) == [0, 1, 0, 0]  # the second runs beside the first


def test_rules_are_summed_the_longest_first(run: Path) -> None:
    rows = sum_up(read_timeline(run))
    assert rows["rule"].tolist() == ["train_phase_1", "extract_shard", "classify"]
    assert rows["jobs"].tolist() == [1, 2, 1]
    assert rows["cpu_share"].round(3).tolist() == [0.806, 0.194, 0]


def test_every_job_has_a_bar(run: Path) -> None:
    axes = draw_timeline(read_timeline(run)).axes[0]
    assert len(axes.patches) == len(JOBS)
    assert max(bar.get_x() + bar.get_width() for bar in axes.patches) == pytest.approx(71.5 / 60)


def test_the_verb_prints_and_draws(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["timeline", str(run), "--output", str(run / "timeline")])
    printed = capsys.readouterr().out
    assert re.search(r"train_phase_1 +1 +60 +50 +80\.6%", printed)
    assert "4 jobs in 1.2 min, 1.0 CPU-min" in printed
    assert (run / "timeline.png").stat().st_size > 1000


def test_a_folder_without_benchmarks_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SersnakeError, match="contains no benchmarks; name the result folder of a run"
    ):
        read_timeline(tmp_path)
