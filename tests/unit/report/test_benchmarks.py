"""What Snakemake's benchmarks say of a job, and of one that they hardly saw."""

from __future__ import annotations

from pathlib import Path

from sersnake.report.benchmarks import read_benchmarks


def test_what_was_not_measured_is_0(tmp_path: Path) -> None:
    files = {
        "measured": "s\th:m:s\tmax_rss\tcpu_time\n2.5\t0:00:02\t300.5\t1.25\n",
        "too short": "s\th:m:s\tmax_rss\tcpu_time\n0.3\t0:00:00\t-\tNA\n",
        "header alone": "s\th:m:s\tmax_rss\tcpu_time\n",
    }
    for name, text in files.items():
        path = tmp_path / "variants" / name / "benchmarks" / "train" / "0.tsv"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    jobs = read_benchmarks(tmp_path)
    assert [job[3:] for job in jobs] == [(0, 0, 0), (2.5, 1.25, 300.5), (0.3, 0, 0)]
    assert {job[:2] for job in jobs} == {("train", "0")}
