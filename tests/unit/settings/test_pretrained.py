"""Pretrained encoders in a config: their settings, and which networks read them."""

from __future__ import annotations

from typing import Any

import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.base import SettingsError, read_settings
from sersnake.settings.config import read_config
from sersnake.settings.encoder_networks import AlnOptions, FcnOptions
from sersnake.settings.pretrained import Pretrained


def refusal(features: dict[str, Any], network: dict[str, Any]) -> str:
    """What a config with one stream more says of it."""
    sets = {"states": {"kind": "pretrained", **features}}
    with pytest.raises(SettingsError) as error:
        read_config({"features": sets, "streams": {"x": {"features": "states", **network}}})
    return str(error.value)


@pytest.mark.parametrize(
    ("given", "layers"),
    [
        ("all", "all"),
        ([2, 4], (2, 4)),
        (["2", "4"], (2, 4)),  # as --config hands over what is in brackets
        ([0], (0,)),
    ],
)
def test_layers_are_all_or_a_list(given: Any, layers: Any) -> None:
    settings = read_settings(Pretrained, {"layers": given})
    assert settings == Pretrained(layers=layers)
    assert settings.layers == layers
    assert read_settings(Pretrained, settings.as_dict()) == settings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"layers": [1, 2, 1]}, "layers: 1, 2, 1: name each once"),
        ({"layers": []}, r"layers: \[\] is not allowed; choose all or a list, each a whole number"),
        ({"layers": [-1]}, r"layers: \[-1\] is not allowed"),
        ({"layers": "last"}, "layers: 'last' is not allowed; choose all or"),
        (
            {"pooling": "max"},
            "pooling: 'max' is not allowed; choose one of mean, mean_loud, mean_std, none",
        ),
        ({"model": ""}, "model: '' is not allowed"),
    ],
)
def test_other_values_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        read_settings(Pretrained, values)


@pytest.mark.parametrize(
    ("pooling", "shape"),
    [("none", "frames"), ("mean", "vectors"), ("mean_std", "vectors"), ("mean_loud", "vectors")],
)
def test_without_pooling_they_are_frames(pooling: str, shape: str) -> None:
    config = read_config({"features": {"states": {"kind": "pretrained", "pooling": pooling}}})
    assert config.feature_sets["states"].shape == shape
    assert ("states" in config.vector_sets) == (shape == "vectors")


def test_networks_of_an_encoder() -> None:
    sets = {name: {"kind": "pretrained", "layers": ["2", "3"]} for name in ("means", "frames")}
    sets["frames"]["pooling"] = "none"
    streams = {
        "f": {"features": "means", "network": {"name": "fcn", "layers": "2"}},
        "a": {"features": "frames", "network": {"name": "aln", "layers": 2, "lstm": "false"}},
    }
    choices = read_config({"features": sets, "streams": streams}).stream_choices
    assert choices["f"].network.options == FcnOptions(layers=2)
    assert choices["a"].network.options == AlnOptions(layers=2, lstm=False)


@pytest.mark.parametrize(
    ("features", "network", "message"),
    [
        ({}, {"network": "aln"}, "states has vectors of an utterance, and the network aln reads f"),
        ({"pooling": "none"}, {"network": "fcn"}, "states has frames of an utterance, and the net"),
        (
            {"layers": [1, 2]},
            {"network": {"name": "fcn", "layers": 4}},
            "streams: x: network: layers: 4 is not allowed; states joins 2 layers of an encoder",
        ),
        (
            {},
            {"features": "is09", "network": {"name": "fcn", "layers": 2}},
            "layers: 2 is not allowed; is09 joins no layers of an encoder",
        ),
        ({"pooling": "none"}, {"network": {"name": "aln", "heads": 3}}, "heads: 3 does not divide"),
        ({}, {"network": {"name": "fcn", "layers": 0}}, "layers: 0 is not allowed; choose a whole"),
    ],
)
def test_a_stream_whose_network_does_not_fit(
    features: dict[str, Any], network: dict[str, Any], message: str
) -> None:
    assert message in refusal(features, network)


def test_the_folder_of_models_is_a_key() -> None:
    assert read_config({"models_dir": "/scratch/models"}).models_dir == "/scratch/models"
    with pytest.raises(SettingsError, match=r"model_dir: .* did you mean models_dir"):
        read_config({"model_dir": "/scratch/models"})
