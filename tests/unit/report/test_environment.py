"""The environment of a call, as the provenance of its run tells it."""

from __future__ import annotations

import json
import platform
import sys
from importlib import metadata
from pathlib import Path

import pytest

from sersnake.cli import main
from sersnake.report.environment import describe_environment, read_environments
from sersnake.report.provenance import collect_provenance

CONFIG = {"corpus": "mine", "seed": 3}


def environment(prefix: str, **versions: str) -> str:
    return json.dumps({"prefix": prefix, "python": "3.11.2", "versions": versions})


def test_a_call_of_a_workflow_leaves_what_it_ran_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "environments"
    monkeypatch.setenv("SERSNAKE_ENVIRONMENTS", str(folder))
    arguments = ["provenance", "--config", json.dumps(CONFIG), "--output"]
    assert main([*arguments, str(tmp_path / "provenance.json")]) == 0
    left = read_environments(folder)
    assert set(left) == {"provenance"}
    assert left["provenance"]["python"] == platform.python_version()
    assert left["provenance"]["versions"]["numpy"] == metadata.version("numpy")
    assert [path.name for path in folder.iterdir()] == ["provenance.json"]


def test_a_call_that_failed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERSNAKE_ENVIRONMENTS", str(tmp_path / "environments"))
    arguments = ["provenance", "--config", json.dumps(CONFIG), "--output", str(tmp_path / "p.json")]
    assert main([*arguments, "--encoders", f"mine={tmp_path / 'none'}"]) == 2
    assert not (tmp_path / "environments").exists()


def test_no_folder_of_this_machine_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "envs" / "one"))
    assert describe_environment()["prefix"] == "envs/one"
    monkeypatch.setattr(sys, "prefix", "/elsewhere/two")
    assert describe_environment()["prefix"] == "two"


def test_the_provenance_has_every_environment_and_all_their_versions(tmp_path: Path) -> None:
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "train.json").write_text(environment("a", torch="2.5.0", numpy="2.4.5"))
    (folder / "retrain.json").write_text(environment("a", torch="2.5.0", numpy="2.4.5"))
    (folder / "table 3.json").write_text(environment("b", numpy="2.4.6"))
    provenance = collect_provenance(CONFIG, tmp_path, "9.1.2")
    assert provenance["environments"]["a"] == {"python": "3.11.2", "calls": ["retrain", "train"]}
    assert provenance["environments"]["b"] == {"python": "3.11.2", "calls": ["table 3"]}
    assert "2.5.0" in provenance["versions"]["torch"].split(", ")
    assert {"2.4.5", "2.4.6"} <= set(provenance["versions"]["numpy"].split(", "))
    assert provenance["versions"]["snakemake"] == "9.1.2"
