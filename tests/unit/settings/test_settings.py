"""What the settings take, and what they say of what they do not take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.base import SettingsError, changed, read_settings
from sersnake.settings.config import Config, read_config
from sersnake.settings.features import LogMel
from sersnake.settings.groups import read_groups
from sersnake.settings.mfcc import MfccOptions
from sersnake.settings.mining import Mining
from sersnake.settings.schedule import Schedule
from sersnake.settings.streams import read_streams
from sersnake.settings.training import RunTraining, resolve_training

PRESET: dict[str, Any] = {
    "dropout": 0.25,
    "phase_1": {"epochs": 40, "decay_epochs": 40, "batch_size": 32},
    "phase_2": {"epochs": 10},
    "retraining": {"epochs": 10},
    "networks": {"fcn": {"phase_1": {"epochs": 10, "decay_epochs": 10}}},
    "corpora": {"casia": {"phase_1": {"epochs": 80}}},
}


def resolve(overrides: dict[str, Any], corpus: str = "emodb", **streams: Any) -> RunTraining:
    return resolve_training(PRESET, corpus, overrides, read_streams(streams))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"presett": "quick"}, "presett: there is no such key; did you mean preset?"),
        (
            {"features": {"mfcc": {"n_mel": 40}}},
            "features: mfcc: n_mel: there is no such key; did you mean n_mels?",
        ),
        ({"svm": {"cost": -1}}, "svm: cost: -1 is not allowed; choose a number above 0"),
        (
            {"on_bad_audio": "ignore"},
            "on_bad_audio: 'ignore' is not allowed; choose one of skip, stop",
        ),
        ({"seed": 1.5}, "seed: 1.5 is not allowed; choose a whole number of at least 0"),
        (
            {"features": {"mfcc": {"n_fft": 500}}},
            "features: mfcc: n_fft: 500: choose a power of two from 64 to 4096",
        ),
        ({"folds": 3}, "folds: 3 is not allowed; choose keys of protocol"),
        (
            {"systems": ["independent_he"], "variants": {"x": {"fusion": {"balancd": True}}}},
            "variants: x: fusion: balancd: there is no such key; did you mean balanced?",
        ),
        (
            {"protocols": {"x": {"protokoll": "k_fold"}}},
            "protocols: x: protokoll: there is no such key",
        ),
        ({"arms": "paper"}, "arms: this key is called systems now"),
        ({"model": {"reading": "x"}}, "model: reading: this key is called variant now"),
        ({"mfcc": {"n_mels": 40}}, "mfcc: this key is called features: mfcc now"),
        ({"architecture": {"heads": 2}}, "this key is called streams: acln: network now"),
        ({"fusion": {"functionals": True}}, "functionals: this key is called features: is09 now"),
        ({"features": {"granularity": "shard"}}, "this key is now under `extraction`"),
        ({"variants": {"x": {"mfcc": {}}}}, "variants: x: mfcc: this key is called features: mfcc"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_is_allowed(
    config: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read_config(config)
    assert message in str(error.value)


def test_what_arrives_as_text_is_converted() -> None:
    config = read_config(
        {
            "allow_partial": "true",
            "features": {"mfcc": {"kind": "log_mel", "n_mels": "40"}},
            "folds": {"k": "null", "test_share": "0.25"},
        }
    )
    assert config.allow_partial is True
    assert (config.folds.k, config.folds.test_share) == (None, 0.25)
    assert config.feature_sets["mfcc"].settings == LogMel(n_mels=40)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"phase_1": {"epochz": 100}}, "training: phase_1: epochz: there is no such key"),
        ({"phase_1": {"epoch": 100}}, "did you mean epochs?"),
        ({"networks": {"cnn": {}}}, "training: networks: cnn: there is no such network"),
        ({"networks": {"acln": {"drop": 0}}}, "training: networks: acln: drop: there is no such"),
        ({"fold_batching": {"acln": "some"}}, "'some' is not allowed"),
        ({"dropout": 1}, "training: dropout: 1 is not allowed; choose a number of at least 0 and"),
        ({"phase_1": {"epochs": 5, "decay_epochs": 6}}, "decay_epochs is 6, more than the 5"),
        ({"phase_1": 3}, "training: phase_1: 3 is not allowed; choose keys with values"),
        ({"phase_1": {"epochs": None}}, "training: phase_1: epochs: None is not allowed"),
        ({"networks": "acln"}, "training: networks: 'acln' is not allowed; choose keys with"),
        ({"networks": {"acln": 3}}, "training: networks: acln: 3 is not allowed; choose keys"),
        (
            {"networks": {"fcn": {"phase_1": 3}}},
            "training: networks: fcn: phase_1: 3 is not allowed; choose keys with values",
        ),
        ({"fold_batching": "all"}, "training: fold_batching: 'all' is not allowed; choose keys"),
    ],
)
def test_overrides_of_the_preset_are_checked(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(SersnakeError) as error:
        resolve(overrides)
    assert message in str(error.value)


def test_a_preset_says_more_of_a_corpus_and_the_config_has_the_last_word() -> None:
    assert resolve({}).network("acln").phase_1.epochs == 40
    casia = resolve({"phase_1": {"batch_size": "8"}}, "casia")
    assert casia.network("acln").phase_1 == Schedule(epochs=80, decay_epochs=40, batch_size=8)
    assert casia.network("fcn").phase_1.epochs == 10
    overridden = resolve({"networks": {"acln": {"frame_mask": 0.2}}})
    masks = (overridden.network(name).frame_mask for name in ("acln", "fcn"))
    assert list(masks) == [0.2, 0]


def test_a_shorter_phase_has_a_shorter_decay() -> None:
    training = resolve({"phase_1": {"epochs": "20"}})
    assert training.network("acln").phase_1.decay_epochs == 20
    assert training.network("fcn").phase_1 == Schedule(epochs=10, decay_epochs=10)
    longer = resolve({"phase_1": {"epochs": 50}})
    assert longer.network("acln").phase_1.decay_epochs == 40


def test_a_stream_is_trained_like_its_network_unless_it_says_otherwise() -> None:
    short = {"features": "compare", "network": "fcn", "training": {"phase_1": {"epochs": 4}}}
    training = resolve({"fold_batching": {"fcn": 2}}, mine=short, yours={**short, "training": {}})
    phases = [training.network(name).phase_1 for name in ("mine", "yours", "fused")]
    assert [phase.epochs for phase in phases] == [4, 10, 40]
    assert phases[0].decay_epochs == 4
    assert [training.folds_per_job[name] for name in ("mine", "fcn", "acln")] == [2, 2, 1]
    with pytest.raises(SettingsError, match="streams: mine: training: epochs: there is no such"):
        resolve({}, mine={**short, "training": {"epochs": 4}})


def test_only_what_differs_from_the_defaults_is_told() -> None:
    assert changed(Config()) == {}
    config = read_config({"mining": {"beta": 0.5, "union": False}, "seed": 0})
    assert changed(config) == {"mining": {"beta": 0.5}}


def test_values_are_checked_however_they_are_given() -> None:
    with pytest.raises(SersnakeError, match="hard_share: 0 is not allowed"):
        Mining(hard_share=0)
    with pytest.raises(SersnakeError, match="hop_ms: inf is not allowed"):
        MfccOptions(hop_ms=float("inf"))
    with pytest.raises(SersnakeError, match="epochs: '3' is not allowed"):
        Schedule(epochs="3")  # type: ignore[arg-type]
    with pytest.raises(SersnakeError, match="n_mel: there is no such key; did you mean n_mels"):
        MfccOptions().replace(n_mel=3)


def test_numbers_of_numpy_become_pythons() -> None:
    schedule = Schedule(epochs=np.int64(3), learning_rate=np.float64(0.5))
    assert schedule.as_dict() == Schedule(epochs=3, learning_rate=0.5).as_dict()
    with pytest.raises(SersnakeError, match=r"epochs: 3\.0 is not allowed"):
        Schedule(epochs=np.float64(3))


def test_keys_of_several_groups_stand_side_by_side() -> None:
    schedule, mining = read_groups((Schedule, Mining), {"epochs": 3, "beta": 0.2})
    assert (schedule.epochs, mining.beta) == (3, 0.2)
    with pytest.raises(SettingsError, match="batchsize: there is no such key; did you mean batch"):
        read_groups((Schedule, Mining), {"batchsize": 3})


def test_plain_values_give_the_same_settings_again() -> None:
    config = read_config({"systems": "paper", "mining": {"beta": 0.5}})
    assert read_settings(Config, config.as_dict()) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"model_selection": {"variants": ["x"]}},
            "model_selection: variants: 'x' is not one of the `variants`",
        ),
        ({"variants": {"base": {"seeds": 2}}}, "variants: base: this name is reserved"),
        (
            {"variants": {"x": {"seeds": 2}}, "systems": ["is09_svm"]},
            "variants: they are compared with the run's own independent_he",
        ),
        ({"model": {"variant": "x"}}, "model: variant: 'x' is not one of the `variants`"),
        ({"folds": {"protocol": "whole"}}, "folds: protocol: whole has no test set"),
        (
            {"comparisons": ["fused_ce:compare_svm"]},
            "comparisons: 'compare_svm' is not one of the systems; add it to `systems`",
        ),
        ({"comparisons": ["fused_ce:fused_ce"]}, "comparisons: fused_ce:fused_ce compares a"),
        ({"comparisons": ["fused_ce"]}, "comparisons"),
    ],
)
def test_sections_that_contradict_each_other_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read_config(settings)
    assert message in str(error.value)
