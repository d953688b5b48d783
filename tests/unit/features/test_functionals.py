"""Functionals of openSMILE."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.features.functionals import feature_names, functionals
from sersnake.io.audio import read_audio
from sersnake.settings.features import OPENSMILE_SETS


def voice(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """A buzz of falling pitch with some noise."""
    time = np.arange(round(seconds * 16000)) / 16000
    phase = 2 * np.pi * (180 * time - 20 * time**2)
    harmonics = np.stack([np.sin(k * phase) / k for k in range(1, 12)])
    noise = np.random.default_rng(seed).normal(0, 0.01, len(time))
    return (0.2 * harmonics.sum(axis=0) + noise).astype(np.float32)


def test_is09_has_384_named_finite_values() -> None:
    values = functionals(voice(1.0))
    names = feature_names()
    assert values.dtype == np.float32
    assert values.shape == (384,)
    assert len(set(names)) == 384
    # 16 descriptors and their deltas, 12 functionals each
    assert sum("_sma_de" in name for name in names) == 192
    assert np.isfinite(values).all()


def test_pitch_functional_is_the_pitch() -> None:
    position = feature_names().index("F0_sma_max")
    assert functionals(voice(1.0))[position] == pytest.approx(180, rel=0.05)


@pytest.mark.parametrize("feature_set", OPENSMILE_SETS)
def test_shortest_recording_gives_finite_values(feature_set: str) -> None:
    values = functionals(voice(0.1), feature_set=feature_set)
    assert values.shape == (len(feature_names(feature_set)),)
    assert np.isfinite(functionals(np.zeros(1600, np.float32), feature_set=feature_set)).all()


@pytest.mark.parametrize("sets", [["IS09", "ComParE_2016"], ["eGeMAPSv02", "IS09", "GeMAPSv01b"]])
def test_joined_sets_stand_one_after_the_other(sets: list[str]) -> None:
    joined = functionals(voice(0.5), feature_set="+".join(sets))
    alone = [functionals(voice(0.5), feature_set=name) for name in sets]
    np.testing.assert_array_equal(joined, np.concatenate(alone))
    names = feature_names("+".join(sets))
    assert len(set(names)) == len(names) == len(joined)
    assert names[len(alone[0])] == f"{sets[1]}/{feature_names(sets[1])[0]}"


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ("IS09+IS99", "'IS99' is not one of"),
        ("IS09+", "'' is not one of"),
        ("IS09+eGeMAPSv02+IS09", "IS09 is named twice"),
    ],
)
def test_sets_that_cannot_be_joined_are_refused(sets: str, message: str) -> None:
    for call in (lambda: functionals(voice(0.5), feature_set=sets), lambda: feature_names(sets)):
        with pytest.raises(SersnakeError, match=message):
            call()


def test_the_most_demanding_of_joined_sets_says_what_is_too_short() -> None:
    with pytest.raises(SersnakeError, match="800 samples; ComParE_2016 needs 960"):
        functionals(np.zeros(800, np.float32), feature_set="IS09+ComParE_2016")


@pytest.mark.parametrize("feature_set", OPENSMILE_SETS)
def test_values_are_those_of_process_signal(feature_set: str) -> None:
    import opensmile

    chosen = opensmile.FeatureSet[feature_set]
    smile = opensmile.Smile(chosen, opensmile.FeatureLevel.Functionals)
    assert chosen.value == OPENSMILE_SETS[feature_set]
    frame = smile.process_signal(voice(1.3), 16000)
    assert tuple(frame.columns) == feature_names(feature_set)
    assert np.array_equal(frame.to_numpy()[0], functionals(voice(1.3), feature_set=feature_set))


def test_utterance_does_not_depend_on_those_before() -> None:
    first = functionals(voice(1.0))
    functionals(voice(2.0, seed=1))
    functionals(voice(0.5, seed=2), feature_set="ComParE_2016")
    functionals(np.zeros(16000, np.int16))
    assert np.array_equal(functionals(voice(1.0)), first)


def test_int16_file_and_float_agree(tmp_path: Path) -> None:
    samples = (voice(0.8) * 32768).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 16000)
    expected = functionals(samples)
    assert np.array_equal(functionals(samples / 32768), expected)
    assert np.array_equal(functionals(read_audio(tmp_path / "a.wav")), expected)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_values_at_another_rate_are_those_of_the_file(tmp_path: Path, rate: int) -> None:
    samples = (soxr.resample(voice(1.0), 16000, rate) * 32767).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, rate)
    expected = functionals(read_audio(tmp_path / "a.wav"))
    assert np.array_equal(functionals(samples, rate), expected)
    assert np.array_equal(functionals((samples / 32768).astype(np.float32), rate), expected)
    position = feature_names().index("F0_sma_max")
    assert expected[position] == pytest.approx(180, rel=0.05)


def test_full_scale_does_not_wrap() -> None:
    square = np.sign(np.sin(2 * np.pi * 200 * np.arange(16000) / 16000))
    energy = feature_names().index("pcm_RMSenergy_sma_max")
    crossings = feature_names().index("pcm_zcr_sma_amean")
    clipped, half = functionals(square), functionals(square / 2)
    assert clipped[energy] == pytest.approx(2 * half[energy], rel=1e-3)
    assert clipped[crossings] == pytest.approx(half[crossings])


def test_bad_input_is_refused_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SersnakeError, match="399 samples; IS09 needs 400"):
            functionals(np.zeros(399, np.float32))
        with pytest.raises(SersnakeError, match="not finite"):
            functionals(np.full(16000, np.nan, np.float32))
        with pytest.raises(SersnakeError, match="'IS99' is not one of IS09, ComParE_2016"):
            functionals(voice(1.0), feature_set="IS99")
