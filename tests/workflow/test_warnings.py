"""What a job warns of reaches the terminal of the run, and not its log alone."""

from __future__ import annotations

import pandas as pd

from sersnake.report.run_context import RunContext
from tests.workflow.conftest import Project

UNKNOWN = "\U0010abce"  # of Unicode's private use area: no font has it


def test_a_label_that_no_font_has_is_told_on_the_terminal(other_project: Project) -> None:
    folder = other_project.folder / "results" / "demo"
    folder.mkdir(parents=True)
    names, emotions = {"utterance": ["a", "b"]}, ("anger", UNKNOWN)
    tables = {
        "manifest": {"emotion": emotions},
        "hard_index": {"network": "fcn", "fold": "0", "hard": [0, 1]},
    }
    context = RunContext("x", 1, "leave one speaker out", False, "quick", emotions=emotions)
    context.save(folder / "context.json")
    for name, columns in tables.items():
        pd.DataFrame({**names, **columns}).to_csv(folder / f"{name}.csv", index=False)
    printed = other_project.finish(
        *("--cores", 1, "results/demo/figures/figure5.png", "--allowed-rules", "draw_figure")
    )
    line = f"sersnake figure: warning: figure5: no installed font has {UNKNOWN}"
    assert sum(spoken.startswith(line) for spoken in printed.splitlines()) == 1
    assert line in (folder / "logs/draw_figure/figure5.log").read_text(encoding="utf-8")
