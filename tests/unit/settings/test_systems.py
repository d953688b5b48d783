"""The systems' names, and what each stands for."""

from __future__ import annotations

import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.classifiers import CLASSIFIERS
from sersnake.settings.config import Config, read_config
from sersnake.settings.loss_registry import LOSSES
from sersnake.settings.systems import (
    PAPER_SYSTEMS,
    SYSTEMS,
    TRAININGS,
    System,
    trainings_of,
)


def test_there_is_a_system_for_every_training_loss_and_classifier() -> None:
    assert len(SYSTEMS) == 2 + len(TRAININGS) * len(LOSSES) * len(CLASSIFIERS)
    assert set(Config().systems) <= set(SYSTEMS)


@pytest.mark.parametrize(
    "name", ["is09_elm", "independent", "independent_svm", "independent_he_svm", "fused_he_elm_mlp"]
)
def test_the_config_takes_no_other_name(name: str) -> None:
    with pytest.raises(SersnakeError, match=f"systems: '{name}' is not a system"):
        read_config({"systems": [name]})


def test_the_phases_of_a_system() -> None:
    assert SYSTEMS["independent_he"].phases == ("acln/phase_1", "acln/he", "fcn/phase_1", "fcn/he")
    assert SYSTEMS["fused_ce"].phases == ("fused/phase_1", "fused/ce")
    assert SYSTEMS["elf_focal"].phases == ("fcn/focal_phase_1", "fcn/focal")
    assert SYSTEMS["independent_focal"].embeddings == ("acln/focal", "fcn/focal")
    assert SYSTEMS["is09_svm"].phases == SYSTEMS["is09_svm"].embeddings == ()


def test_a_classifier_changes_nothing_of_the_training() -> None:
    svm, elm = SYSTEMS["alf_he"], SYSTEMS["alf_he_elm"]
    assert elm == System("alf_he", ("acln",), "he", classifier="elm")
    assert (svm.phases, svm.embeddings, svm.classifier) == (elm.phases, elm.embeddings, "svm")


def test_a_phase_belongs_to_every_training_that_goes_through_it() -> None:
    assert trainings_of("acln/phase_1") == ["independent_ce", "independent_he", "alf_ce", "alf_he"]
    assert trainings_of("fused/focal") == ["fused_focal"]


def test_the_paper_compares_every_loss_of_every_training_and_the_classifiers() -> None:
    assert len(PAPER_SYSTEMS) == len(set(PAPER_SYSTEMS)) == 2 + 4 * 3 + 2
    assert set(PAPER_SYSTEMS) <= set(SYSTEMS)
    assert {SYSTEMS[name].classifier for name in PAPER_SYSTEMS} == {"svm", "elm", "mlp"}
