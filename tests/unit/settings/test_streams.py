"""Feature sets and streams of a config: what they may be called and made of."""

from __future__ import annotations

from typing import Any

import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.acln import AclnOptions
from sersnake.settings.base import SettingsError
from sersnake.settings.config import read_config
from sersnake.settings.features import LogMel, OpenSmile
from sersnake.settings.streams import STREAMS, Streams, read_by, read_streams, stream_settings

OF_VECTORS = {"features": "compare", "network": "fcn"}


def refusal(config: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as error:
        read_config(config)
    return str(error.value)


# ---- Feature sets


def test_every_run_has_the_papers_feature_sets_and_its_own() -> None:
    given = {"mfcc": {"n_mels": 40}, "loud": {"kind": "opensmile", "label": "Loudness"}}
    sets = read_config({"features": given}).feature_sets
    assert list(sets) == ["mfcc", "is09", "compare", "loud"]
    assert sets["mfcc"].as_dict()["n_mels"] == 40
    assert sets["compare"].settings == OpenSmile("ComParE_2016")
    assert (sets["loud"].label, sets["loud"].settings) == ("Loudness", OpenSmile())
    assert [each.entry.shape for each in sets.values()] == ["frames", *["vectors"] * 3]


def test_another_kind_takes_nothing_of_the_papers_settings() -> None:
    sets = read_config({"features": {"mfcc": {"kind": "log_mel", "n_mels": 30}}}).feature_sets
    assert (sets["mfcc"].settings, sets["mfcc"].label) == (LogMel(n_mels=30), "mfcc")


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"x": {}}, "features: x: kind: None is not one of mfcc, log_mel, opensmile"),
        ({"x": {"kind": "wavlm"}}, "features: x: kind: 'wavlm' is not one of"),
        ({"x": 3}, "features: x: 3 is not allowed; choose keys with values"),
        ({"my_set": {"kind": "mfcc"}}, "my_set: choose a name of small letters and digits"),
        ({"is09": {"feature_set": "IS99"}}, "features: is09: feature_set: 'IS99' is not one of"),
        ({"mfcc": {"kind": "opensmile"}}, "streams: acln: features: mfcc has vectors"),
    ],
)
def test_a_feature_set_is_refused(features: dict[str, Any], message: str) -> None:
    assert message in refusal({"features": features})


# ---- Streams


def test_the_papers_streams_come_first_whatever_the_order_of_keys() -> None:
    streams = read_streams({"z": OF_VECTORS, "fcn": {"label": "F"}, "b": OF_VECTORS})
    assert [*streams] == ["acln", "fcn", "b", "z"]
    assert [stream.label for stream in streams.values()] == ["ACLN", "F", "b", "z"]
    assert streams["b"].as_dict() == {"features": "compare", "network": {"name": "fcn"}}


def test_null_removes_a_stream_of_the_papers() -> None:
    config = {"streams": {"acln": None, "mine": OF_VECTORS}}
    assert [*read_config(config).stream_choices] == ["fcn", "mine"]
    assert "'acln' is not one of" in refusal({**config, "systems": ["acln_he"]})
    assert "null removes all of them" in refusal({"streams": dict.fromkeys(STREAMS)})


def test_a_variant_may_go_without_a_stream_of_the_runs_systems() -> None:
    systems = {"systems": ["independent_he", "acln_he"]}
    read_config({**systems, "variants": {"alone": {"streams": {"acln": None}}}})


def test_options_of_a_network_are_those_of_its_model() -> None:
    streams = read_streams({"acln": {"network": {"heads": "4"}}})
    assert streams["acln"].network.options == AclnOptions(heads=4)
    assert streams["acln"].features == "mfcc"


def test_a_users_own_network_reads_either_shape_and_is_not_imported() -> None:
    module = {"module": "nowhere.to.Be", "width": 3}
    for features in ("mfcc", "is09"):
        config = {"streams": {"own": {"features": features, "network": module}}}
        choice = read_config({**config, "systems": ["own_ce"]}).stream_choices["own"].network
        assert (choice.module, choice.options) == ("nowhere.to.Be", {"width": 3})
        assert (choice.as_dict(), choice.reads, choice.attends) == (module, None, False)


@pytest.mark.parametrize(
    ("name", "stream", "message"),
    [
        *((name, OF_VECTORS, "other than fused, independent, sel") for name in ("fused", "he")),
        *((name, OF_VECTORS, "choose a name of small") for name in ("Mine", "my_net", "a+b", "ä")),
        ("x", {"features": "is09"}, "x: a stream needs `features` and a `network`; name both"),
        ("x", {"network": "fcn"}, "x: a stream needs `features` and a `network`; name both"),
        ("x", {**OF_VECTORS, "heads": 2}, "x: heads: there is no such key; the keys are features"),
        ("x", {**OF_VECTORS, "features": "is10"}, "x: features: 'is10' is not one of mfcc, is09,"),
        ("x", {**OF_VECTORS, "network": "cnn"}, "x: network: name: 'cnn' is not one of acln, fcn"),
        ("x", {**OF_VECTORS, "network": {"module": "Mine"}}, "module: 'Mine' is not allowed"),
        (
            "x",
            {**OF_VECTORS, "network": {"module": "a.B", "name": "fcn"}},
            "choose acln, fcn, aln, or `module: module.Class`",
        ),
        ("acln", {"network": {"head": 2}}, "acln: network: head: there is no such key; did you"),
        ("acln", {"network": {"heads": 3}}, "acln: network: heads: 3 does not divide the 128"),
        ("acln", {"features": "is09"}, "is09 has vectors of an utterance, and the network acln r"),
        ("x", {"features": "mfcc", "network": "fcn"}, "the network fcn reads vectors; choose ano"),
    ],
)
def test_a_stream_is_refused_when_the_config_is_read(
    name: str, stream: dict[str, Any], message: str
) -> None:
    refused = refusal({"streams": {name: stream}})
    assert refused.startswith(f"streams: {name}: ")
    assert message in refused


def test_a_network_reads_its_own_stream_and_the_fused_one_all() -> None:
    streams = Streams({"mine": OF_VECTORS})
    assert [*read_by("mine", streams)] == ["mine"]
    assert [*read_by("fused", streams)] == ["acln", "fcn", "mine"]
    with pytest.raises(SersnakeError, match="network 'cnn' is not one of acln, fcn, mine, fused"):
        read_by("cnn", streams)


def test_verbs_are_told_of_streams_that_are_not_as_the_papers() -> None:
    streams = read_streams({"acln": {"label": "A", "training": {"crop": 9}}, "mine": OF_VECTORS})
    told = stream_settings(streams.values())
    assert told == {"streams": {"mine": {"features": "compare", "network": {"name": "fcn"}}}}
    assert read_by("mine", Streams(**told))["mine"].as_dict() == streams["mine"].as_dict()


# ---- Late fusion


def test_late_fusion_takes_any_feature_sets_of_vectors() -> None:
    both = read_config({"fusion": {"features": ["is09", "compare"]}})
    assert both.fusion.features == ("is09", "compare")
    for sets, message in (
        (["mfcc"], "'mfcc' is not a feature set of vectors; choose is09, compare"),
        (["is09", "is09"], "name each once"),
    ):
        assert message in refusal({"fusion": {"features": sets}})
