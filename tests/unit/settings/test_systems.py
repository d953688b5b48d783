"""The systems' names, and what each stands for."""

from __future__ import annotations

import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.config import Config, read_config
from sersnake.settings.systems import (
    PAPER_SYSTEMS,
    System,
    histories_of,
    is_baseline,
    ordered,
    read_system,
    trainings_of,
)

PAPER = ("acln", "fcn")


@pytest.mark.parametrize(
    "name", ["independent", "independent_svm_he", "independent_he_svm", "fused_he_elm_mlp", "svm"]
)
def test_a_name_of_another_form_is_no_system(name: str) -> None:
    with pytest.raises(SersnakeError, match=f"systems: '{name}' is not a system; choose `<train"):
        read_config({"systems": [name]})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("alf_he", "'alf' is not one of the trainings and streams: acln, fcn, fused, independent"),
        ("is09_he", "'is09' is not one of the trainings and streams"),
        ("acln+fused_he", "'fused' is not one of the streams: acln, fcn"),
        ("fcn+fcn_he", "names one of them twice"),
        ("mfcc_svm", "'mfcc' is not one of the feature sets of vectors: is09, compare"),
        ("is09+mfcc_svm", "'mfcc' is not one of the feature sets of vectors: is09, compare"),
        ("is09+is09_svm", "names one of them twice"),
    ],
)
def test_a_system_is_made_of_what_the_run_has(name: str, message: str) -> None:
    with pytest.raises(SersnakeError) as error:
        read_config({"systems": [name]})
    assert f"systems: '{name}'" in str(error.value)
    assert message in str(error.value)


def test_a_baseline_is_any_classifier_on_any_sets_of_vectors() -> None:
    egemaps = {"egemaps": {"kind": "opensmile", "feature_set": "eGeMAPSv02"}}
    names = ["egemaps_mlp", "compare+egemaps_elm", "is09_svm", "independent_he"]
    assert read_config({"features": egemaps, "systems": names}).system_names == tuple(names)
    assert [is_baseline(name) for name in names] == [True, True, True, False]
    system = read_system("egemaps_mlp")
    assert (system.feature_sets, system.classifier) == (("egemaps",), "mlp")
    assert read_system("compare+egemaps_elm").feature_sets == ("compare", "egemaps")
    assert system.networks(PAPER) == system.phases(PAPER) == system.embeddings(PAPER) == ()


def test_the_phases_of_a_system() -> None:
    def phases(name: str, streams: tuple[str, ...] = PAPER) -> tuple[str, ...]:
        return read_system(name).phases(streams)

    both = ("acln/phase_1", "acln/he", "fcn/phase_1", "fcn/he")
    assert phases("independent_he") == phases("acln+fcn_he") == both
    assert phases("fused_ce") == ("fused/phase_1", "fused/ce")
    assert phases("fcn_focal") == ("fcn/focal_phase_1", "fcn/focal")
    assert read_system("independent_focal").embeddings(PAPER) == ("acln/focal", "fcn/focal")


def test_independent_training_is_of_every_stream_and_a_sum_of_some() -> None:
    three = (*PAPER, "mine")
    assert read_system("independent_ce").networks(three) == three
    assert read_system("acln+mine_ce_elm").networks(three) == ("acln", "mine")
    assert read_system("fused_ce").networks(three) == ("fused",)


def test_a_classifier_changes_nothing_of_the_training() -> None:
    svm, elm = read_system("acln_he"), read_system("acln_he_elm")
    assert elm == System("acln_he_elm", "acln", "he", classifier="elm")
    assert svm.training == elm.training == "acln_he"
    assert (svm.phases(PAPER), svm.classifier) == (elm.phases(PAPER), "svm")


def test_a_phase_belongs_to_every_training_that_goes_through_it() -> None:
    assert trainings_of("acln", "phase_1") == [
        *("independent_ce", "independent_he", "acln_ce", "acln_he")
    ]
    assert trainings_of("fused", "focal") == ["fused_focal"]
    assert histories_of(read_system("acln+mine_he")) == ["acln_he", "mine_he"]


def test_tables_have_baselines_first_and_the_selected_variant_last() -> None:
    names = ["selected", "independent_he_elm", "acln_he", "independent_he", "fused_ce", "is09_svm"]
    assert ordered(names, PAPER) == [
        *("is09_svm", "acln_he", "fused_ce", "independent_he", "independent_he_elm", "selected")
    ]


def test_the_paper_compares_every_loss_of_every_training_and_the_classifiers() -> None:
    assert len(PAPER_SYSTEMS) == len(set(PAPER_SYSTEMS)) == 2 + 4 * 3 + 2
    assert {read_system(name).classifier for name in PAPER_SYSTEMS} == {"svm", "elm", "mlp"}
    assert set(Config().systems) <= set(PAPER_SYSTEMS)
    assert read_config({"systems": "paper"}).system_names == PAPER_SYSTEMS
