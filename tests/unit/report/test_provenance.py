"""The provenance for programs and for readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sersnake.cli import main
from sersnake.report.provenance import collect_provenance, provenance_table

CONFIG = {
    "corpus": "mine",
    "seed": 3,
    "allow_partial": False,
    "systems": ["is09_svm", "fcn_ce"],
    "folds": {"k": None, "fold_file": "", "repeats": 10},
    "training": {"phase_1": {"epochs": 40}},
}


def test_every_setting_is_a_row_by_the_name_that_the_readme_gives_it() -> None:
    frame = provenance_table(collect_provenance(CONFIG, None)).frame
    settings = frame[frame["part"] == "Configuration"].set_index("name")["value"]
    set_ones = {name: value for name, value in settings.items() if isinstance(value, str)}
    assert set_ones == {
        "corpus": "mine",
        "seed": "3",
        "allow_partial": "false",
        "systems": "is09_svm, fcn_ce",
        "folds: repeats": "10",
        "training: phase_1: epochs": "40",
    }
    assert set(settings[settings.isna()].index) == {"folds: k", "folds: fold_file"}


def test_a_run_outside_a_checkout_has_no_commit() -> None:
    provenance = {**collect_provenance(CONFIG, None), "commit": None}
    parts = set(provenance_table(provenance).frame["part"])
    assert parts == {"Configuration", "Versions", "Environments", "Machine", "Seconds per rule"}


def test_the_page_has_what_the_record_has(tmp_path: Path) -> None:
    record, page = tmp_path / "provenance.json", tmp_path / "provenance.html"
    arguments = ["provenance", "--config", json.dumps(CONFIG)]
    main([*arguments, "--output", str(record)])
    versions = json.loads(record.read_text())["versions"]
    shown = page.read_text()
    for name, version in versions.items():
        assert f">{name}</td>" in shown
        assert f">{version}</td>" in shown


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("corpus: mine", "Expecting value"),
        ("{corpus: mine}", "Expecting"),
        ("[1]", "begins with ["),
    ],
)
def test_a_config_that_is_not_json_is_refused(
    config: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["provenance", "--config", config, "--output", "none.json"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "argument --config: not a JSON object (" in told and why in told
    assert told.endswith("; put it in single quotes\n")
