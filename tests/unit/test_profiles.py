"""The profiles say the same where they mean the same, and name only what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
CLUSTERS = ("slurm", "slurm-gpu", "cluster-generic")
SHARED = ("group-components", "cores", "retries")
ON_GPUS = {"set-resources", "resources", "set-resource-scopes"}


def profile(name: str) -> dict[str, Any]:
    actual: dict[str, Any] = yaml.safe_load(
        (REPOSITORY / "profiles" / name / "config.yaml").read_text()
    )
    return actual


def rules() -> dict[str, str]:
    """The group of every rule."""
    groups: dict[str, str] = profile("default")["groups"]
    named = re.compile(r"^ *(?:use )?rule (?:\w+ as )?(\w+)(?: with)?:", re.MULTILINE)
    texts = [path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk")]
    assert {name for text in texts for name in named.findall(text)} == set(groups)
    return groups


@pytest.mark.parametrize("name", CLUSTERS[1:])
def test_what_a_cluster_is_given_at_once_is_the_same_everywhere(name: str) -> None:
    assert {key: profile(name)[key] for key in SHARED} == {
        key: profile("slurm")[key] for key in SHARED
    }


def test_the_gpu_profile_differs_by_its_gpus_alone() -> None:
    without, with_gpus = profile("slurm"), profile("slurm-gpu")
    differing = {key for key in with_gpus if with_gpus[key] != without.get(key)}
    assert differing == ON_GPUS
    assert set(without) <= set(with_gpus)


def test_one_submission_has_one_partition_and_the_networks_have_the_gpus() -> None:
    requests = profile("slurm-gpu")["set-resources"]
    in_training = {rule for rule, group in rules().items() if group == "training"}
    assert set(requests) == in_training
    assert {request["slurm_partition"] for request in requests.values()} == {"gpu"}
    trains = {rule for rule, request in requests.items() if request["gpu"] == 1}
    assert trains == in_training - {"mine_hard_examples"}


def test_groups_that_a_profile_sizes_are_groups_of_rules() -> None:
    assert set(profile("slurm")["group-components"]) <= set(rules().values())


def test_every_executor_is_an_extra() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = " ".join(map(" ".join, project["optional-dependencies"].values()))
    for name in CLUSTERS:
        assert f"snakemake-executor-plugin-{profile(name)['executor']}>=" in extras
