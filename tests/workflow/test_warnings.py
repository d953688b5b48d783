"""What a job warns of reaches the terminal of the run, and not its log alone."""

from __future__ import annotations

import pandas as pd

from tests.workflow.conftest import Project

UNKNOWN = "\U0010abce"  # of Unicode's private use area: no font has it


def test_a_label_that_no_font_has_is_told_on_the_terminal(other_project: Project) -> None:
    folder = other_project.folder / "results" / "demo"
    folder.mkdir(parents=True)
    names = {"utterance": ["a", "b"]}
    tables = {
        "manifest": {"emotion": ["anger", UNKNOWN], "speaker": "s", "corpus": "x", "synthetic": 0},
        "folds": {"fold": "0", "part": "train"},
        "hard_index": {"network": "fcn", "fold": "0", "hard": [0, 1]},
    }
    for name, columns in tables.items():
        pd.DataFrame({**names, **columns}).to_csv(folder / f"{name}.csv", index=False)
    said = other_project.finish(
        *("--cores", 1, "results/demo/figures/figure5.png", "--allowed-rules", "draw_figure5")
    )
    line = f"sersnake figure: warning: figure5: no installed font has {UNKNOWN}"
    assert sum(spoken.startswith(line) for spoken in said.splitlines()) == 1
    assert line in (folder / "logs" / "draw_figure5.log").read_text(encoding="utf-8")
