"""Which runs a config asks for, what each of them is told, and which share their networks."""

from __future__ import annotations

from typing import Any

import pytest

from sersnake.experiment.runs import (
    Training,
    group_folds,
    merge,
    model_base,
    outer_folder,
    plan_runs,
    protocol_of,
    resolve_training,
)

CONFIG: dict[str, Any] = {
    "seed": 3,
    "seeds": 1,
    "arms": ["is09_svm", "independent_he"],
    "folds": {"protocol": "random_split", "repeats": 4, "claims": None},
    "ladder": {},
    "readings": {},
    "beyond": {"arm": "independent_ce", "inner": 1, "shared": False},
    "model": {"arm": "independent_he", "reading": ""},
    "mfcc": {"n_mfcc": 13},
    "functionals": {"feature_set": "IS09"},
    "architecture": {"attention": "additive", "fusion_width": 256},
    "mining": {"hard_share": 0.5, "union": False},
    "focal": {"gamma": 2.0},
}
WHOLE = "results/x/whole"  # what a model would be trained in
PRESET: dict[str, Any] = {
    "dropout": 0.25,
    "frame_mask": 0.0,
    "fold_batching": {"acln": 1, "fcn": "all", "fused": 1},
    "phase_1": {"epochs": 40, "batch_size": 32},
    "phase_2": {"epochs": 10},
    "retraining": {"epochs": 10},
    "networks": {"fcn": {"phase_1": {"epochs": 10}}},
    "corpora": {"casia": {"phase_1": {"epochs": 80}}},
}


def identity(network: str, phase: str, overrides: dict[str, Any]) -> str:
    settings = {"network_seed": 3, **merge(CONFIG, overrides)}
    schedules = resolve_training(PRESET, "emodb", settings.get("training", {}))
    return Training(settings, schedules).identity(network, phase)


def test_settings_are_merged_at_every_depth_and_left_as_they_were() -> None:
    base = {"a": {"b": 1, "c": 2}, "d": 3}
    assert merge(base, {"a": {"b": 4}, "d": {"e": 5}}) == {"a": {"b": 4, "c": 2}, "d": {"e": 5}}
    assert base == {"a": {"b": 1, "c": 2}, "d": 3}


def test_a_preset_says_more_of_a_corpus_and_the_config_has_the_last_word() -> None:
    assert resolve_training(PRESET, "emodb", {})["phase_1"]["epochs"] == 40
    casia = resolve_training(PRESET, "casia", {"phase_1": {"batch_size": 8}})
    assert casia["phase_1"] == {"epochs": 80, "batch_size": 8}
    assert "corpora" not in casia


def test_without_rungs_and_readings_there_is_one_run() -> None:
    assert list(plan_runs(CONFIG, "results/x")) == ["results/x", WHOLE]


def test_a_rung_of_the_same_protocol_is_the_run_itself() -> None:
    ladder = {"same": {"protocol": "random_split"}, "speakers": {"protocol": "speaker_disjoint"}}
    runs = plan_runs({**CONFIG, "ladder": ladder}, "results/x")
    assert list(runs) == ["results/x", "results/x/ladder/speakers", WHOLE]
    assert protocol_of(runs["results/x/ladder/speakers"]).protocol == "speaker_disjoint"


def test_every_reading_has_an_inner_run_on_every_rung() -> None:
    config = {
        **CONFIG,
        "ladder": {"speakers": {"protocol": "speaker_disjoint"}},
        "readings": {"wide": {"mfcc": {"n_mfcc": 40}}},
    }
    config["beyond"] = {**CONFIG["beyond"], "inner": 2, "shared": True}
    runs = plan_runs(config, "results/x")
    for base in ("results/x", "results/x/ladder/speakers"):
        reading, inner = runs[f"{base}/readings/wide"], runs[f"{base}/readings/wide/inner"]
        assert reading["mfcc"] == inner["mfcc"] == {"n_mfcc": 40}
        assert protocol_of(reading) == protocol_of(runs[base])
        assert (protocol_of(inner).inner, protocol_of(inner).shared) == (2, True)
        for seed in ("", "/seeds/1"):
            assert outer_folder(f"{base}/readings/wide/inner{seed}") == f"{base}/readings/wide"
        assert reading["arms"] == inner["arms"] == ["independent_ce"]
    assert runs["results/x"]["mfcc"] == {"n_mfcc": 13}


def test_a_reading_may_have_arms_of_its_own() -> None:
    config = {**CONFIG, "readings": {"mlp": {"arms": ["independent_he_mlp"]}}}
    assert plan_runs(config, "r")["r/readings/mlp"]["arms"] == ["independent_he_mlp"]


def test_further_seeds_are_seeds_of_the_networks_alone() -> None:
    runs = plan_runs({**CONFIG, "seeds": 3}, "r")
    own = ["r", "r/seeds/1", "r/seeds/2"]
    assert list(runs) == [*own, "r/whole", "r/whole/seeds/1", "r/whole/seeds/2"]
    assert runs["r"]["network_seed"] == 3
    assert len({runs[name]["network_seed"] for name in own}) == 3
    assert len({protocol_of(runs[name]) for name in own}) == 1
    other = plan_runs({**CONFIG, "seed": 4, "seeds": 2}, "r")
    assert other["r/seeds/1"]["network_seed"] != runs["r/seeds/1"]["network_seed"]


def test_a_model_is_trained_like_the_reading_that_is_named_on_everything() -> None:
    config = {
        **CONFIG,
        "readings": {"wide": {"mfcc": {"n_mfcc": 40}, "seeds": 2}},
        "model": {"arm": "alf_ce", "reading": "wide"},
    }
    runs = plan_runs(config, "r")
    assert model_base(config, "r") == "r/readings/wide"
    assert runs["r/whole"]["mfcc"] == {"n_mfcc": 40}
    assert runs["r/whole"]["arms"] == ["alf_ce"]
    assert protocol_of(runs["r/whole"]).protocol == "whole"
    assert "r/whole/seeds/1" in runs
    assert runs["r/readings/wide"]["folds"] == CONFIG["folds"]


@pytest.mark.parametrize(
    ("network", "phase", "overrides"),
    [
        ("fcn", "he", {"mfcc": {"n_mfcc": 40}}),
        ("fcn", "he", {"architecture": {"attention": "dot"}, "training": {"frame_mask": 0.1}}),
        ("acln", "he", {"functionals": {"feature_set": "ComParE_2016"}}),
        ("acln", "he", {"training": {"networks": {"fcn": {"dropout": 0.5}}}}),
        ("acln", "ce", {"mining": {"hard_share": 0.3}, "training": {"retraining": {"epochs": 1}}}),
        ("acln", "he", {"focal": {"gamma": 1.0}, "training": {"fold_batching": {"fcn": 1}}}),
        ("acln", "phase_1", {"training": {"phase_2": {"epochs": 99}}}),
        ("fused", "he", {"svm": {"cost": 9}, "arms": ["fused_he"]}),
    ],
)
def test_what_does_not_reach_a_network_leaves_it_shared(
    network: str, phase: str, overrides: dict[str, Any]
) -> None:
    assert identity(network, phase, overrides) == identity(network, phase, {})


@pytest.mark.parametrize(
    ("network", "phase", "overrides"),
    [
        ("acln", "phase_1", {"mfcc": {"n_mfcc": 40}}),
        ("fused", "phase_1", {"functionals": {"feature_set": "ComParE_2016"}}),
        ("fused", "phase_1", {"architecture": {"fusion_width": 64}}),
        ("acln", "phase_1", {"architecture": {"attention": "dot"}}),
        ("fcn", "phase_1", {"training": {"dropout": 0.1}}),
        ("fcn", "ce", {"training": {"networks": {"fcn": {"phase_1": {"epochs": 9}}}}}),
        ("acln", "he", {"training": {"phase_1": {"epochs": 9}}}),
        ("acln", "he", {"mining": {"hard_share": 0.3}}),
        ("acln", "he", {"training": {"retraining": {"epochs": 1}}}),
        ("acln", "ce", {"training": {"phase_2": {"epochs": 1}}}),
        ("acln", "focal", {"focal": {"gamma": 1.0}}),
        ("acln", "focal_phase_1", {"focal": {"gamma": 1.0}}),
        ("acln", "phase_1", {"folds": {"repeats": 5}}),
        ("acln", "phase_1", {"folds": {"inner": 1}}),
        ("acln", "phase_1", {"network_seed": 5}),
        ("acln", "phase_1", {"training": {"fold_batching": {"acln": "all"}}}),
    ],
)
def test_what_reaches_a_network_tells_it_apart(
    network: str, phase: str, overrides: dict[str, Any]
) -> None:
    assert identity(network, phase, overrides) != identity(network, phase, {})


def test_a_union_of_hard_examples_makes_a_network_depend_on_the_other() -> None:
    union = {"mining": {"union": True}}
    wide = union | {"mfcc": {"n_mfcc": 40}}
    assert identity("fcn", "he", wide) != identity("fcn", "he", union)
    assert identity("fcn", "ce", wide) == identity("fcn", "ce", union)
    assert identity("fused", "he", union) != identity("fused", "he", {})


def test_jobs_hold_consecutive_folds() -> None:
    folds = ["0", "1", "2", "3", "4"]
    assert group_folds(folds, 2) == {"0-to-1": ["0", "1"], "2-to-3": ["2", "3"], "4": ["4"]}
    assert group_folds(folds, "all") == {"0-to-4": folds}
    assert group_folds(folds, "1") == {fold: [fold] for fold in folds}
