"""The arms' names, and what each stands for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sersnake.settings.arms import ARMS, PAPER_ARMS, Arm, trainings_of

SCHEMA = Path(__file__).parents[3] / "workflow/schemas/config.schema.yaml"
CONFIGURED = yaml.safe_load(SCHEMA.read_text())["properties"]["arms"]


def test_the_config_takes_the_names_of_all_arms() -> None:
    pattern = re.compile(CONFIGURED["items"]["pattern"])
    assert [name for name in ARMS if not pattern.search(name)] == []
    assert set(CONFIGURED["default"]) <= set(ARMS)
    assert len(ARMS) == 2 + 4 * 3 * 3


@pytest.mark.parametrize(
    "name", ["is09_elm", "independent", "independent_svm", "independent_he_svm", "fused_he_elm_mlp"]
)
def test_the_config_takes_no_other_name(name: str) -> None:
    assert name not in ARMS
    assert not re.search(CONFIGURED["items"]["pattern"], name)


def test_the_phases_of_an_arm() -> None:
    assert ARMS["independent_he"].phases == ("acln/phase_1", "acln/he", "fcn/phase_1", "fcn/he")
    assert ARMS["fused_ce"].phases == ("fused/phase_1", "fused/ce")
    assert ARMS["elf_focal"].phases == ("fcn/focal_phase_1", "fcn/focal")
    assert ARMS["independent_focal"].embeddings == ("acln/focal", "fcn/focal")
    assert ARMS["is09_svm"].phases == ARMS["is09_svm"].embeddings == ()


def test_a_classifier_changes_nothing_of_the_training() -> None:
    svm, elm = ARMS["alf_he"], ARMS["alf_he_elm"]
    assert elm == Arm("alf_he", ("acln",), "he", classifier="elm")
    assert (svm.phases, svm.embeddings, svm.classifier) == (elm.phases, elm.embeddings, "svm")


def test_a_phase_belongs_to_every_training_that_goes_through_it() -> None:
    assert trainings_of("acln/phase_1") == ["independent_ce", "independent_he", "alf_ce", "alf_he"]
    assert trainings_of("fused/focal") == ["fused_focal"]


def test_the_paper_compares_every_loss_of_every_training_and_the_classifiers() -> None:
    assert len(PAPER_ARMS) == len(set(PAPER_ARMS)) == 2 + 4 * 3 + 2
    assert set(PAPER_ARMS) <= set(ARMS)
    assert {ARMS[name].classifier for name in PAPER_ARMS} == {"svm", "elm", "mlp"}
