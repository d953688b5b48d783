"""The whole workflow on the demo corpus with next to no training: files, resuming, re-running."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from sersnake.report.paper.macros import macro_name
from tests.workflow.conftest import REPOSITORY, Project

CONFIG = ("--configfile", "tiny.yaml")
SYSTEMS = {"independent_ce", "independent_he", "fused_ce", "is09_svm"}
EMOTIONS = ["angry", "happy", "neutral", "sad"]


@pytest.fixture(scope="module")
def results(demo: Project) -> Path:
    return demo.folder / "results" / "demo"


def test_every_promised_file_has_its_columns(results: Path) -> None:
    columns = {
        "manifest.csv": ["utterance", "path", "speaker", "emotion", "duration", "sample_rate"],
        "folds.csv": ["fold", "utterance", "part"],
        "history.csv": ["network", "system", "fold", "phase", "epoch", "loss"],
        "hard_index.csv": [
            *("network", "fold", "utterance", "misclassified", "epochs", "hard_index", "hard")
        ],
        "predictions.csv": ["system", "fold", "utterance", "emotion", "predicted"]
        + [f"score_{name}" for name in EMOTIONS],
        "metrics.csv": ["system", "fold", "metric", "value"],
    }
    for name, expected in columns.items():
        assert set(expected) <= set(pd.read_csv(results / name, nrows=1).columns), name
    for number in (2, 3, 4):
        assert (results / f"figures/figure{number}.pdf").read_bytes().startswith(b"%PDF")
        assert (results / f"figures/figure{number}.png").read_bytes().startswith(b"\x89PNG")


def test_every_system_predicts_every_test_utterance_of_every_fold(results: Path) -> None:
    folds = pd.read_csv(results / "folds.csv")
    tested = set(map(tuple, folds.loc[folds["part"] == "test", ["fold", "utterance"]].to_numpy()))
    predictions = pd.read_csv(results / "predictions.csv")
    assert set(predictions["system"]) == SYSTEMS
    for _, of_system in predictions.groupby("system"):
        pairs = list(map(tuple, of_system[["fold", "utterance"]].to_numpy()))
        assert len(pairs) == len(tested)
        assert set(pairs) == tested


def test_hard_index_is_of_the_training_part(results: Path) -> None:
    folds = pd.read_csv(results / "folds.csv")
    hard = pd.read_csv(results / "hard_index.csv")
    for (_, fold), rows in hard.groupby(["network", "fold"]):
        trained = folds[(folds["fold"] == fold) & (folds["part"] == "train")]
        assert set(rows["utterance"]) == set(trained["utterance"])
        assert set(rows["epochs"]) == {3}
    assert hard["hard_index"].between(0, 1).all()


def test_history_of_each_system_runs_through_both_phases(results: Path) -> None:
    history = pd.read_csv(results / "history.csv")
    for _, rows in history.groupby(["network", "system", "fold"]):
        assert rows["epoch"].tolist() == [1, 2, 3, 4]


def test_synthetic_data_is_called_synthetic(results: Path) -> None:
    assert pd.read_csv(results / "manifest.csv")["synthetic"].all()
    for kind in ("tex", "html", "txt"):
        assert "synthetic" in (results / f"tables/table3.{kind}").read_text()


def test_the_paper_has_the_numbers_of_the_metrics(results: Path) -> None:
    macros = dict(re.findall(r"\\newcommand\{\\(\w+)\}\{(.*)\}", read(results / "numbers.tex")))
    pooled = pd.read_csv(results / "metrics.csv").query("fold == 'pooled' and metric == 'UA'")
    for system, value in zip(pooled["system"], pooled["value"], strict=True):
        assert macros[f"{macro_name(system)}PooledUA"] == f"{100 * value:.2f}"
    cited = re.findall(r"\\cite\{(.*?)\}", read(results / "paper.tex"))
    references = read(results / "references.bib")
    assert all(f"{{{key}," in references for keys in cited for key in keys.split(","))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_provenance_holds_the_schedules_and_the_time(results: Path) -> None:
    provenance = json.loads((results / "provenance.json").read_text())
    assert provenance["config"]["training"]["acln"]["phase_1"]["epochs"] == 3
    assert provenance["config"]["training"]["acln"]["phase_1"]["batch_size"] == 32
    assert provenance["seeds"] == {"seed": 0}
    assert provenance["versions"]["torch"]
    assert provenance["wall_time"]["train_phase_1"] > 0


def test_second_call_has_nothing_to_do(demo: Project) -> None:
    assert "Nothing to be done" in demo.finish("--cores", 2, *CONFIG)


# An edit: the file, what it replaces, and by what.
Edit = tuple[str, str, str]


@contextmanager
def edited(project: Project, *edits: Edit) -> Iterator[None]:
    """Files of the library that are other ones meanwhile; their times come back too."""
    paths = [project.folder / file for file, _, _ in edits]
    before = [(path, path.read_text(), path.stat()) for path in paths]
    try:
        for path, (_, old, new) in zip(paths, edits, strict=True):
            text = path.read_text()
            assert old in text, f"{path} has no {old!r}"
            path.write_text(text.replace(old, new, 1))
        yield
    finally:
        for path, text, stat in before:
            path.write_text(text)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def planned_after(project: Project, *edits: Edit) -> dict[str, int]:
    with edited(project, *edits):
        return project.planned(*CONFIG)


def test_what_changes_no_result_makes_nothing_again(demo: Project) -> None:
    """Comments, docstrings, help, messages, the audit's report, other corpora, other verbs."""
    assert not planned_after(
        demo,
        ("sersnake/training/trainer.py", "class Trainer:", "# a comment\nclass Trainer:"),
        ("sersnake/evaluation/metrics.py", '"""', '"""In other words: '),
        ("sersnake/cli/corpus.py", "name of the corpus, such", "the corpus, such"),
        ("sersnake/settings/schedule.py", "Learning rate of Adam.", "The learning rate of Adam."),
        ("sersnake/cli/arguments.py", "folds to process, in order", "folds, in order"),
        ("sersnake/cli/folds.py", "Split a corpus into", "Divide a corpus into"),
        ("sersnake/protocols/audit/report.py", '"\\nClaims"', '"\\nAll claims"'),
        ("sersnake/io/files.py", "no such file", "there is no such file"),
        ("sersnake/corpora/emovo.py", "layout=LAYOUT", 'layout="another"'),
        ("sersnake/corpora/emodb.sha256", "0", "1"),
        ("sersnake/cli/fetch.py", "{folder}: already there", "{folder}: there"),
        ("sersnake/cli/paper.py", 'print("Files:")', 'print("All files:")'),
    )


def test_the_trainer_trains_again_and_extracts_nothing(demo: Project) -> None:
    edit = ("sersnake/training/trainer.py", "self.network.train()", "self.network.train(True)")
    planned = planned_after(demo, edit)
    assert {"train_phase_1", "train_on", "retrain_on_hard_examples", "classify"} <= set(planned)
    before = {"synthesize_demo", "make_manifest", "build_extension", "extract_shard"}
    before |= {"pack_features", "make_folds", "audit_folds"}
    assert not before & set(planned)


def test_metrics_score_again_and_train_nothing(demo: Project) -> None:
    planned = planned_after(demo, ("sersnake/evaluation/metrics.py", '[("WA"', '[("wa"'))
    assert planned["score_predictions"] == 1
    assert not {"classify", "train_phase_1", "extract_shard"} & set(planned)


def test_a_data_file_and_an_option_count_where_they_are_read(demo: Project) -> None:
    page = planned_after(demo, ("sersnake/report/atlas/page/atlas.css", "{", " {"))
    assert set(page) == {"make_atlas", "record_provenance", "all", "total"}
    option = ("sersnake/settings/mining.py", "= 0.506", "= 0.507")
    mined = planned_after(demo, option)
    assert "mine_hard_examples" in mined
    assert "train_phase_1" not in mined


def test_kernel_edits_build_and_extract_again(demo: Project) -> None:
    planned = planned_after(demo, ("csrc/extract.cc", "#include", "#define EDITED\n#include"))
    assert planned["build_extension"] == 1
    assert planned["extract_shard"] == 2  # of MFCCs, not of functionals
    assert planned["train_phase_1"] > 0
    assert "make_manifest" not in planned


def test_a_project_that_was_copied_or_moved_has_nothing_to_do(
    demo: Project, tmp_path: Path
) -> None:
    copied = Project(tmp_path / "copied")
    subprocess.run(["cp", "-a", demo.folder, copied.folder], check=True)
    assert not copied.planned(*CONFIG)
    moved = Project(copied.folder.rename(tmp_path / "moved"))
    assert not moved.planned(*CONFIG)


def test_killed_run_goes_on_to_the_same_bytes(demo: Project, results: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle of training; then `sersnake resume`, which the next call has named."""
    killed = Project(tmp_path / "killed")
    subprocess.run(["cp", "-a", demo.folder, killed.folder], check=True)
    resumed = killed.folder / "results" / "demo"
    # The features stay; every epoch of both networks is to come, and what it leaves to mine.
    for made in ("folds.csv", "hard_index.csv"):
        (resumed / made).unlink()
    for made in ("training", "logs"):
        shutil.rmtree(resumed / made)
    call = ["results/demo/folds.csv", "results/demo/hard_index.csv", "--cores", 2, *CONFIG]
    process = subprocess.Popen(
        killed.command(*call),
        cwd=killed.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    logs = resumed / "logs" / "train_phase_1"
    deadline = time.monotonic() + 300
    while not any(path.stat().st_size for path in logs.glob("acln-*.log")):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    refused = killed.run(*call)
    assert refused.returncode == 1
    assert f"(process {process.pid}" in refused.stderr
    assert "was killed; `sersnake resume` removes its locks" in refused.stderr

    resume = [sys.executable, "-m", "sersnake", "resume", "--yes"]
    subprocess.run(resume, cwd=killed.folder, check=True)
    trained = [f"training/{name}/phase_1/0-to-1.weights.safetensors" for name in ("acln", "fcn")]
    for name in ("folds.csv", "hard_index.csv", *trained):
        assert (resumed / name).read_bytes() == (results / name).read_bytes(), name
    assert not list(resumed.rglob(".*.safetensors"))
    assert not list(resumed.rglob(".*.csv"))
    assert "Nothing to be done" in killed.finish(*call)


def test_readme_shows_the_table_that_the_demo_ends_with(results: Path) -> None:
    """But for its numbers, which differ from processor to processor."""

    def shape(text: str) -> list[str]:
        rows = text.partition("----\n")[2].partition("\n----")[0].splitlines()
        return [re.sub(r"[\d.±]+", "0", row).split() for row in rows]

    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition("make demo")[2]
    table = (results / "tables" / "table3.txt").read_text(encoding="utf-8")
    assert shape(readme) == shape(table) != []
