"""The verbs that extract: what their options put into a pack."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake import MfccOptions, log_mel, mfcc
from sersnake.cli import main
from sersnake.features.functionals import functionals
from sersnake.io import Features
from sersnake.io.audio import read_audio


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal(9000), 16000)
    return path


def extract(kind: str, recording: Path, *words: str) -> Features:
    output = recording.with_name("features")
    assert main(["extract", kind, str(recording), *words, "--output", str(output)]) == 0
    return Features.load(output)


def test_a_pack_says_of_what_kind_it_is_and_every_setting(recording: Path) -> None:
    pack = extract("mfcc", recording)
    assert pack.options == {"kind": "mfcc", **MfccOptions().as_dict()}
    np.testing.assert_array_equal(pack.values, mfcc(read_audio(recording)))


@pytest.mark.parametrize("deltas", [1, 2])
def test_deltas_of_cepstra(recording: Path, deltas: int) -> None:
    pack = extract("mfcc", recording, "--set", f"deltas={deltas}")
    assert pack.values.shape[1] == 13 * (1 + deltas)
    assert pack.options["deltas"] == deltas
    np.testing.assert_array_equal(pack.values, mfcc(read_audio(recording), deltas=deltas))


@pytest.mark.parametrize("n_mels", [10, 40])
def test_log_mel_has_a_column_a_band(recording: Path, n_mels: int) -> None:
    pack = extract("log_mel", recording, "--settings", f"{{n_mels: {n_mels}, deltas: 1}}")
    assert pack.values.shape[1] == 2 * n_mels
    expected = log_mel(read_audio(recording), n_mfcc=1, n_mels=n_mels, deltas=1)
    np.testing.assert_array_equal(pack.values, expected)
    assert pack.options["kind"] == "log_mel"


def test_joined_feature_sets(recording: Path) -> None:
    pack = extract("opensmile", recording, "--set", "feature_set=IS09+eGeMAPSv02")
    expected = functionals(read_audio(recording), feature_set="IS09+eGeMAPSv02")
    assert len(expected) == 384 + 88
    np.testing.assert_array_equal(pack.values, expected[None])


def test_name_that_is_no_text_is_escaped(recording: Path) -> None:
    try:
        latin = recording.rename(recording.with_name(os.fsdecode(b"Stra\xdfe.wav")))
    except OSError:
        pytest.skip("this file system takes no names that are not UTF-8")
    assert extract("mfcc", latin).utterances == ("Stra\\xdfe",)
