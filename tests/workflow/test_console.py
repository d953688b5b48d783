"""What a person sees of a run: in a file, on a terminal, of errors and of a plan."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import COPIED, Project, copy_project

TARGET = "results/mine/folds.csv"
FINISHED = re.compile(r"^ *\d+/\d+ +[\d.]+ (?:s|min) +\w+", re.MULTILINE)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@pytest.fixture
def call(project: Project, corpora: Path) -> list[str]:
    """A run of two jobs, each time on a new corpus."""
    config = project.folder / "mine.yaml"
    config.write_text(f"corpus: mine\nreader: csv\ncorpora_dir: {corpora}\n")
    return [TARGET, "--cores", "1", "--forceall", "--configfile", str(config)]


def break_verb(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the jobs that make folds say something, and fail."""
    (project.folder / "broken").mkdir(exist_ok=True)
    (project.folder / "broken/sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'folds' in sys.orig_argv:\n"
        "    print('a line before\\nthe message of the job itself', file=sys.stderr, flush=True)\n"
        "    os._exit(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(project.folder / "broken"), prepend=os.pathsep)


def test_a_file_has_a_line_for_each_finished_job(project: Project, call: list[str]) -> None:
    run = project.run(*call)
    assert run.returncode == 0, run.stderr
    jobs = int(re.findall(r"^(\d+) jobs$", run.stderr, flags=re.MULTILINE)[0])
    assert len(FINISHED.findall(run.stderr)) == jobs
    assert f"{jobs}/{jobs} " in run.stderr
    assert not CONTROL.search(run.stdout + run.stderr)
    assert len(run.stderr) < 300 * jobs  # no paths
    assert str(project.folder / "sersnake") not in run.stderr


def test_a_terminal_has_a_bar_that_goes_away(project: Project, call: list[str]) -> None:
    printed = on_a_terminal(project.command(*call), project.folder)
    assert "█" in printed
    assert "\033[2K" in printed
    shown = [line.rpartition("\033[2K")[2] for line in printed.replace("\r\n", "\n").split("\n")]
    assert not any("█" in line or "░" in line for line in shown)
    assert len(FINISHED.findall("\n".join(shown))) == 2


def on_a_terminal(command: list[str], folder: Path) -> str:
    """What a command prints on a terminal of eighty columns."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    printed = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # how Linux says that nobody has the other end any more
            break
        if not piece:
            break
        printed += piece
    os.close(master)
    assert process.wait() == 0, printed.decode()
    return printed.decode()


def test_an_error_shows_what_the_job_said(
    project: Project, call: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_verb(project, monkeypatch)
    run = project.run(*call)
    assert run.returncode == 1
    assert "FAILED  make_folds: exit status 1; the end of results/mine/logs/" in run.stderr
    assert "\n    a line before\n    the message of the job itself\n" in run.stderr
    assert "failed: make_folds. Correct the error, and call again to continue." in run.stderr
    assert "Traceback" not in run.stderr
    assert "set -euo pipefail" not in run.stderr


def test_verbose_shows_all_that_snakemake_says(project: Project, call: list[str]) -> None:
    printed = project.finish(*call, "--dry-run", "--verbose")
    assert "rule make_folds:" in printed
    assert f"output: {TARGET}" in printed
    assert "reason: " in printed


def test_a_plan_is_a_table_and_its_reasons(project: Project, call: list[str]) -> None:
    run = project.run(*(word for word in call if word != "--forceall"), "--dry-run")
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert ["make_folds", "1"] in [line.split() for line in lines]
    assert lines.count("Job stats:") == 1
    assert "Reasons:" in lines
    assert "This was a dry-run" in lines[-1]
    assert len(lines) < 25
    assert not CONTROL.search(run.stdout)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("model", "'model' is not a config file"),
        ("setup.py", "Perhaps it is not a config file"),
    ],
)
def test_a_target_behind_configfile_is_told_where_to_stand(
    project: Project, target: str, expected: str
) -> None:
    run = project.run("--dry-run", "--configfile", "config/config.yaml", target)
    assert run.returncode == 1
    printed = run.stdout + run.stderr
    assert expected in printed
    assert "snakemake TARGET --configfile FILE" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["--configfile", "own.yaml"],
            "own.yaml: training: phase_1: epochz: there is no such key; did you mean epochs?\n",
        ),
        (
            ["--configfile", "own.yaml", "--config", "training={phase_1: {epochz: 9}}"],
            "--config: training: phase_1: epochz: there is no such key; did you mean epochs?\n",
        ),
        (
            ["--config", "folds={k: x}"],
            "--config: folds: k: 'x' is not allowed; choose a whole number of at least 2 or null\n",
        ),
    ],
)
def test_what_is_wrong_in_the_config_is_said_by_file_and_key(
    project: Project, words: list[str], expected: str
) -> None:
    (project.folder / "own.yaml").write_text("training: {phase_1: {epochz: 100}}\n")
    run = project.run("--dry-run", "--cores", "1", *words)
    assert run.returncode == 1
    printed = run.stdout + run.stderr
    assert expected in printed
    assert len(printed.splitlines()) < 9


def test_what_the_command_line_says_as_text_is_taken(project: Project) -> None:
    """Snakemake hands over text, at every depth."""
    words = [
        "features={mfcc: {kind: log_mel, n_mels: 40}}",
        "allow_partial=true",
        "training={phase_1: ",
    ]
    words[-1] += "{epochs: 100}, retraining: {re_initialise: false}}"
    assert project.planned("--config", *words)["train_phase_1"] > 0


def test_a_snakemake_without_the_console_has_its_own(tmp_path: Path) -> None:
    """As where snakemake stands in an environment of its own."""
    project = copy_project(tmp_path / "project")
    hidden = next(name for name in COPIED if name.startswith("snakemake_logger_plugin"))
    (project.folder / hidden).rename(project.folder / "away")
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        [sys.executable, "-c", LAUNCH, "--dry-run", "results/demo/folds.csv"],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "rule make_folds:" in run.stdout


# As the command `snakemake` starts it: no module is looked for in the current folder, nor in that
# of an editable install.
LAUNCH = """
import sys
sys.path[:] = [folder for folder in sys.path if "site-packages" in folder or "lib/python" in folder]
from snakemake.cli import main
main()
"""
