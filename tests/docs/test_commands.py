"""What a page shows can be pasted: settings are settings, and calls are calls."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from sersnake.cli import build_parser
from sersnake.settings.config import read_config
from tests.docs.pages import calls, fenced, name_of
from tests.workflow.conftest import Project

CONFIGS = fenced("yaml")
OF_SERSNAKE = calls("sersnake")
OF_SNAKEMAKE = calls("snakemake")


def names(pairs: list[tuple[Path, str]]) -> list[str]:
    return [f"{name_of(page)}:{index}" for index, (page, _) in enumerate(pairs)]


@pytest.mark.parametrize(("page", "text"), CONFIGS, ids=names(CONFIGS))
def test_settings_are_a_config(page: Path, text: str) -> None:
    read_config(yaml.safe_load(text))


@pytest.mark.parametrize(("page", "call"), OF_SERSNAKE, ids=names(OF_SERSNAKE))
def test_a_call_of_a_verb_is_understood(page: Path, call: str) -> None:
    assert build_parser().parse_args(shlex.split(call)[1:]).run


@pytest.mark.real
@pytest.mark.encoder
@pytest.mark.parametrize(("page", "call"), OF_SNAKEMAKE, ids=names(OF_SNAKEMAKE))
def test_a_call_of_snakemake_has_a_plan(
    page: Path, call: str, clone: Project, models: Path, emodb_dir: Path
) -> None:
    # The deployment tests have a SLURM and a conda.
    words = shlex.split(re.sub("--profile profiles/slurm|--use-conda", "", call))[1:]
    if "--report" in words:  # of a finished run
        words = words[: words.index("--report")]
    printed = clone.finish("--dry-run", *words, SERSNAKE_MODELS=str(models))
    assert " jobs" in printed
