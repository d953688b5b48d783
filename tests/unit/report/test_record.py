"""The record of a run: what is copied, summarised and estimated, and the page."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import write_csv, write_text
from sersnake.report.record import cost_table, read_jobs, spread, summarise_hard_index, write_record

PROVENANCE = {
    "written": "2026-01-02T03:04:05+00:00",
    "config": {
        "corpus": "emodb",
        "corpora_dir": "/home/somebody/corpora",
        "preset": "quick",
        "seed": 7,
        "folds": {"protocol": "random_split", "test_share": 0.2},
        "protocols": {"speakers": {"protocol": "speaker_disjoint"}, "unfinished": {}},
    },
    "commit": {"hash": "abc", "changed": True},
    "machine": {"processor": "a processor", "cores": 2},
}
HARD = pd.DataFrame(
    [("acln", f, u, h, int(h > 0.5)) for f in "01" for u, h in (("a", 0.2), ("b", 0.8))],
    columns=["network", "fold", "utterance", "hard_index", "hard"],
)
SCORES = {
    "WA": {"0": 0.8, "1": 0.9, "pooled": 0.86},
    "UA": {"0": 0.7, "1": 0.8, "pooled": 0.76},
}
MANIFEST = pd.DataFrame({"utterance": ["a", "b"], "emotion": ["sad", "happy"]})


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A finished run with a protocol, and with files that a record leaves out."""
    run = tmp_path / "results" / "emodb"
    write_text(run / "provenance.json", json.dumps(PROVENANCE))
    write_csv(run / "hard_index.csv", HARD)
    write_csv(run / "manifest.csv", MANIFEST)
    for folder in (run, run / "protocols" / "speakers"):
        write_text(folder / "metrics.csv", "system,fold,metric,value\n")
        write_text(folder / "tables" / "table3.txt", f"Table 3 of {folder.name}\n")
    for name in ("table3.html", "table3.csv", "robustness.csv"):
        write_text(run / "tables" / name, name)
    write_text(run / "figures" / "figure2.png", "picture")
    write_text(run / "training" / "big.safetensors", "weights")
    for rule, job, seconds in (("train", "0", 30), ("train", "1", 50), ("classify", "0", 5)):
        write_text(run / "benchmarks" / rule / f"{job}.tsv", f"s\th:m:s\n{seconds}\t-\n")
    write_text(run / "protocols/speakers/benchmarks/train/0.tsv", "s\th:m:s\n40\t-\n")
    return run


def test_small_files_are_copied_and_no_others(results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    write_record(results, folder)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        *("README.md", "metrics.csv", "provenance.json", "cost.csv", "hard_index_summary.csv"),
        *("figures/figure2.png", "tables/robustness.csv", "protocols/speakers/metrics.csv"),
    }
    assert (folder / "figures/figure2.png").read_text() == "picture"
    assert "somebody" not in (folder / "provenance.json").read_text()


def test_what_an_earlier_config_left_stays_out(results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    for place in ("protocols/gone/metrics.csv", "variants/gone/metrics.csv"):
        write_text(results / place, "system,fold,metric,value\n")
    write_text(results / "figures/protocols.png", "picture")
    write_text(results / "tables/protocols.txt", "Earlier table\n")
    page = write_record(results, folder).read_text()
    assert (folder / "figures/protocols.png").is_file()  # nobody said that it is not of this config
    assert "- [protocols/speakers/metrics.csv]" in page and "Earlier table" in page
    pieces = [results / "metrics.csv", results / "tables/table3.txt"]
    page = write_record(results, folder, pieces).read_text()
    assert "Table 3 of emodb" in page and "Earlier table" not in page
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        *("README.md", "metrics.csv", "provenance.json", "cost.csv", "hard_index_summary.csv"),
        "protocols/speakers/metrics.csv",
    }


def test_a_copy_that_knows_no_commit_has_a_record_too(results: Path, tmp_path: Path) -> None:
    write_text(results / "provenance.json", json.dumps({**PROVENANCE, "commit": None}))
    assert "\nCommit unknown; a processor" in write_record(results, tmp_path / "docs").read_text()


def test_the_page_shows_tables_figures_cost_and_where_it_comes_from(
    results: Path, tmp_path: Path
) -> None:
    page = write_record(results, tmp_path / "docs").read_text()
    assert page.startswith("# emodb, preset quick, seed 7\n")
    assert "Commit abc with changes; a processor, 2 cores" in page
    assert "\n    Table 3 of emodb\n" in page
    assert "## Protocol speakers\n\n    Table 3 of speakers\n" in page
    assert "![figure2](figures/figure2.png)" in page
    assert "4 timed jobs took 2.1 min in total" in page
    assert page.count("](metrics.csv)") == 1


def test_the_same_run_gives_the_same_bytes(results: Path, tmp_path: Path) -> None:
    first = write_record(results, tmp_path / "docs").read_bytes()
    assert write_record(results, tmp_path / "docs").read_bytes() == first


def test_hard_examples_are_summarised_by_network_and_emotion() -> None:
    table = summarise_hard_index(HARD, MANIFEST).set_index("emotion")
    assert table["examples"].to_dict() == {"happy": 1, "sad": 1}
    assert table["hard_share"].to_dict() == {"happy": 1, "sad": 0}
    assert table["mean_hard_index"].to_dict() == pytest.approx({"happy": 0.8, "sad": 0.2})


def test_the_dearest_rule_stands_first(results: Path) -> None:
    table = cost_table(read_jobs(results))
    assert table.to_numpy().tolist() == [["train", 3, 120, 50], ["classify", 1, 5, 5]]


def test_the_index_shows_every_protocol_of_every_record(results: Path, tmp_path: Path) -> None:
    scores = [("independent_he", f, m, v) for m in ("WA", "UA") for f, v in SCORES[m].items()]
    metrics = pd.DataFrame(scores, columns=["system", "fold", "metric", "value"])
    write_csv(results / "metrics.csv", metrics)
    write_csv(results / "protocols/speakers/metrics.csv", metrics[metrics["fold"] != "1"])
    docs = tmp_path / "docs"
    record = ["record", str(results), "--output", str(docs / "results" / "emodb")]
    assert main([*record, "--index", str(docs / "results.md")]) == 0
    page = (docs / "results.md").read_text(encoding="utf-8")
    assert "## [emodb](results/emodb/README.md)" in page
    assert "Corpus emodb, preset quick, seed 7, commit abc with changes, 2026-01-02." in page
    random, speakers = page.split("Stratified random 80/20 split:")[1].split("Leave one speaker")
    row = "| Independent training (HE) |"
    assert f"{row} 85.00 ± 7.07 (86.00) | 75.00 ± 7.07 (76.00) |" in random
    assert f"{row} 80.00 (86.00) | 70.00 (76.00) |" in speakers


@pytest.mark.parametrize(("cores", "time"), [(1, 14), (2, 7), (3, 5), (9, 5)])
def test_jobs_are_spread_the_longest_first(cores: int, time: float) -> None:
    assert spread([2, 2, 5, 2, 3], cores) == time


def test_an_unfinished_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", str(tmp_path), "--output", str(tmp_path / "docs")]) == 2
    assert "provenance.json: missing; finish the run first" in capsys.readouterr().err
    assert not (tmp_path / "docs").exists()
