"""Which runs a config asks for, what each of them is told, and which share their networks."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from sersnake.experiment.plan import Plan, group_folds
from sersnake.experiment.runs import Run, outer_folder, plan_runs
from sersnake.settings.base import changed
from sersnake.settings.config import read_config
from sersnake.settings.merging import merge

CONFIG: dict[str, Any] = {
    "seed": 3,
    "systems": ["is09_svm", "independent_he", "independent_ce"],
    "folds": {"repeats": 4},
    "model_selection": {"system": "independent_ce"},
}
WHOLE = "r/whole"  # what a model would be trained in
PRESET: dict[str, Any] = {
    "fold_batching": {"acln": 1, "fcn": "all", "fused": 1},
    "phase_1": {"epochs": 40},
    "phase_2": {"epochs": 10},
    "retraining": {"epochs": 10},
    "networks": {"fcn": {"phase_1": {"epochs": 10}}},
}


def runs_of(overrides: dict[str, Any]) -> dict[str, Run]:
    return plan_runs(read_config(merge(CONFIG, overrides)), "r", lambda _: PRESET)


def identity(network: str, phase: str, overrides: dict[str, Any]) -> str:
    return runs_of(overrides)["r"].identity(network, phase)


def test_without_protocols_and_variants_there_is_one_run() -> None:
    assert list(runs_of({})) == ["r", WHOLE]


def test_a_protocol_of_the_same_protocol_is_the_run_itself() -> None:
    protocols = {"same": {"protocol": "random_split"}, "speakers": {"protocol": "speaker_disjoint"}}
    runs = runs_of({"protocols": protocols})
    assert list(runs) == ["r", "r/protocols/speakers", WHOLE]
    assert runs["r/protocols/speakers"].protocol.protocol == "speaker_disjoint"


def test_every_variant_has_an_inner_run_on_every_protocol() -> None:
    runs = runs_of(
        {
            "protocols": {"speakers": {"protocol": "speaker_disjoint"}},
            "variants": {"wide": {"mfcc": {"n_mels": "40"}}},
            "model_selection": {"inner": 2, "shared": True},
        }
    )
    for base in ("r", "r/protocols/speakers"):
        variant, inner = runs[f"{base}/variants/wide"], runs[f"{base}/variants/wide/inner"]
        assert changed(variant.config.mfcc) == changed(inner.config.mfcc) == {"n_mels": 40}
        assert variant.protocol == runs[base].protocol
        assert (inner.protocol.inner, inner.protocol.shared) == (2, True)
        for seed in ("", "/seeds/1"):
            assert outer_folder(f"{base}/variants/wide/inner{seed}") == f"{base}/variants/wide"
        assert variant.systems == inner.systems == ("independent_ce",)
    assert changed(runs["r"].config.mfcc) == {}


def test_a_variant_may_have_systems_of_its_own() -> None:
    runs = runs_of({"variants": {"mlp": {"systems": ["independent_he_mlp"]}}})
    assert runs["r/variants/mlp"].systems == ("independent_he_mlp",)


def test_further_seeds_are_seeds_of_the_networks_alone() -> None:
    runs = runs_of({"seeds": 3})
    own = ["r", "r/seeds/1", "r/seeds/2"]
    assert list(runs) == [*own, WHOLE, f"{WHOLE}/seeds/1", f"{WHOLE}/seeds/2"]
    assert runs["r"].network_seed == 3
    assert len({runs[name].network_seed for name in own}) == 3
    assert len({runs[name].protocol for name in own}) == 1
    other = runs_of({"seed": 4, "seeds": 2})
    assert other["r/seeds/1"].network_seed != runs["r/seeds/1"].network_seed


def test_a_model_is_trained_like_the_variant_that_is_named_on_everything() -> None:
    runs = runs_of(
        {
            "variants": {"wide": {"mfcc": {"n_mels": 40}, "seeds": 2}},
            "model": {"system": "alf_ce", "variant": "wide"},
        }
    )
    assert changed(runs[WHOLE].config.mfcc) == {"n_mels": 40}
    assert runs[WHOLE].systems == ("alf_ce",)
    assert runs[WHOLE].protocol.protocol == "whole"
    assert f"{WHOLE}/seeds/1" in runs
    assert runs["r/variants/wide"].protocol == runs["r"].protocol


def test_a_verb_is_told_what_reaches_it_and_no_defaults() -> None:
    run = runs_of(
        {"architecture": {"heads": 2}, "training": {"counted_epochs": 3}, "focal": {"gamma": 1}}
    )["r"]
    own = {"seed": 3, "counted_epochs": 3}
    assert run.train_settings("fcn", "phase_1") == {**own, "epochs": 10}
    assert run.train_settings("acln", "ce") == {**own, "epochs": 10, "heads": 2}
    assert run.train_settings("acln", "he") == {"seed": 3, "epochs": 10, "heads": 2}
    focal = run.train_settings("acln", "focal_phase_1")
    assert focal == {**own, "heads": 2, "loss": "focal", "gamma": 1}


def test_a_model_is_made_by_the_settings_of_its_own_networks() -> None:
    crops = {"acln": {"crop": 300}, "fused": {"crop": 200}}
    config = merge(CONFIG, {"model": {"system": "fused_ce"}, "training": {"networks": crops}})
    corpus = pd.DataFrame(
        {
            **{"utterance": [f"u{n}" for n in range(20)], "speaker": "a"},
            "emotion": ["happy", "sad"] * 10,
        }
    )
    plan = Plan(read_config(config), "r", corpus, lambda _: PRESET)
    assert json.loads(plan.model_settings()) == {"crop": 200, "seed": 3}


@pytest.mark.parametrize(
    ("network", "phase", "overrides"),
    [
        ("fcn", "he", {"mfcc": {"n_mels": 40}}),
        ("fcn", "he", {"architecture": {"attention": "dot"}, "training": {"frame_mask": 0.1}}),
        ("acln", "he", {"functionals": {"feature_set": "ComParE_2016"}}),
        ("acln", "he", {"training": {"networks": {"fcn": {"dropout": 0.5}}}}),
        ("acln", "ce", {"mining": {"hard_share": 0.3}, "training": {"retraining": {"epochs": 1}}}),
        ("acln", "he", {"focal": {"gamma": 1.0}, "training": {"fold_batching": {"fcn": 1}}}),
        ("acln", "phase_1", {"training": {"phase_2": {"epochs": 99}}}),
        ("fused", "he", {"svm": {"cost": 9}, "systems": ["fused_he", "independent_ce"]}),
    ],
)
def test_what_does_not_reach_a_network_leaves_it_shared(
    network: str, phase: str, overrides: dict[str, Any]
) -> None:
    assert identity(network, phase, overrides) == identity(network, phase, {})


@pytest.mark.parametrize(
    ("network", "phase", "overrides"),
    [
        ("acln", "phase_1", {"mfcc": {"n_mels": 40}}),
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
        ("acln", "phase_1", {"seed": 5}),
        ("acln", "phase_1", {"training": {"fold_batching": {"acln": "all"}}}),
    ],
)
def test_what_reaches_a_network_tells_it_apart(
    network: str, phase: str, overrides: dict[str, Any]
) -> None:
    assert identity(network, phase, overrides) != identity(network, phase, {})


def test_a_union_of_hard_examples_makes_a_network_depend_on_the_other() -> None:
    union = {"mining": {"union": True}}
    wide = union | {"mfcc": {"n_mels": 40}}
    assert identity("fcn", "he", wide) != identity("fcn", "he", union)
    assert identity("fcn", "ce", wide) == identity("fcn", "ce", union)
    assert identity("fused", "he", union) != identity("fused", "he", {})


def test_jobs_hold_consecutive_folds() -> None:
    folds = ["0", "1", "2", "3", "4"]
    assert group_folds(folds, 2, "acln") == {"0-to-1": ["0", "1"], "2-to-3": ["2", "3"], "4": ["4"]}
    assert group_folds(folds, "all", "acln") == {"0-to-4": folds}
    assert group_folds(folds, 1, "acln") == {fold: [fold] for fold in folds}
