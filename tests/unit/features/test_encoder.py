"""Hidden states of an utterance: those of the model itself, whatever else is extracted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sersnake.errors import SersnakeError
from sersnake.features.encoder import Encoder
from sersnake.features.pretrained import loudness, pretrained_extractor
from sersnake.settings.pretrained import Pretrained
from tests.tiny_encoders import FAMILIES, STATES, WIDTH, whisper_states

Folder = Callable[[str], Path]
Signal = NDArray[np.float32]
families = pytest.mark.parametrize("family", FAMILIES)
LONGEST = 480_000


def noise(samples: int, seed: int = 0) -> Signal:
    values = 0.1 * np.random.default_rng(seed).standard_normal(samples)
    return values.astype(np.float32)


def load(folder: Path) -> Encoder:
    return Encoder.load(Pretrained(model=str(folder)))


def as_bytes(states: list[Signal]) -> list[bytes]:
    return [state.tobytes() for state in states]


@pytest.mark.parametrize(("layers", "count"), [("all", STATES), ((2, 0), 2)])
def test_each_pooling_is_of_the_layers_side_by_side(
    layers: Any, count: int, encoder_folder: Folder
) -> None:
    folder, signal = encoder_folder("whisper"), noise(9000) * np.linspace(0, 1, 9000)
    states = load(folder).states(signal := np.float32(signal))
    chosen = states if layers == "all" else [states[layer] for layer in layers]
    moments = [(state.mean(0), state.std(0)) for state in chosen]
    steps = np.pad(signal, (0, -len(signal) % 320)).reshape(-1, 320)
    weights = np.linalg.norm(steps, axis=1) / np.linalg.norm(steps, axis=1).sum()
    loud = [np.r_[state.mean(0), weights @ state] for state in chosen]
    expected = {
        "none": np.hstack(chosen),
        "mean": np.hstack([mean for mean, _ in moments])[None],
        "mean_std": np.hstack([np.hstack(both) for both in moments])[None],
        "mean_loud": np.hstack(loud)[None],
    }
    assert expected["mean_std"].shape == (1, 2 * count * WIDTH)
    for pooling, values in expected.items():
        settings = Pretrained(str(folder), layers=layers, pooling=pooling)
        extracted = pretrained_extractor(settings)(signal)
        assert extracted.dtype == np.float32
        np.testing.assert_allclose(extracted, values, rtol=1e-5, atol=1e-6)


def test_of_silence_every_step_weighs_the_same() -> None:
    np.testing.assert_allclose(loudness(np.zeros(900, np.float32), 4), np.full((4, 1), 0.25))


@pytest.mark.parametrize("family", ["wav2vec2", "wavlm"])
@pytest.mark.parametrize("samples", [9600, 9601])
def test_they_are_those_of_the_model_called_directly(
    family: str, samples: int, encoder_folder: Folder
) -> None:
    from transformers import AutoFeatureExtractor, AutoModel

    folder, signal = encoder_folder(family), noise(samples)
    heard = np.pad(signal, (0, -samples % 320))
    prepare = AutoFeatureExtractor.from_pretrained(folder)
    prepared = prepare(heard, sampling_rate=16000, return_tensors="pt")
    with torch.inference_mode():
        model = AutoModel.from_pretrained(folder).eval()
        expected = model(**prepared, output_hidden_states=True).hidden_states
    states = load(folder).states(signal)
    assert len(states) == STATES
    for state, layer in zip(states, expected, strict=True):
        np.testing.assert_allclose(state, layer[0], rtol=1e-5, atol=1e-6)


def test_whisper_hears_an_utterance_as_long_as_it_is(encoder_folder: Folder) -> None:
    from transformers import AutoFeatureExtractor

    folder, signal = encoder_folder("whisper"), noise(16000)
    prepare = AutoFeatureExtractor.from_pretrained(folder)
    short, padded = (
        prepare(signal, sampling_rate=16000, padding=padding, return_tensors="pt").input_features
        for padding in (True, "max_length")
    )
    states = load(folder).states(signal)
    assert [state.shape for state in states] == [(50, WIDTH)] * STATES
    for state, expected in zip(states, whisper_states(folder, short), strict=True):
        np.testing.assert_allclose(state, expected, rtol=1e-5, atol=1e-6)
    in_silence = whisper_states(folder, padded)
    assert len(in_silence[0]) == 1500
    assert not np.allclose(states[-1], in_silence[-1][:50], atol=1e-2)


@families
def test_an_utterance_has_the_same_bytes_alone_and_among_others(
    family: str, encoder_folder: Folder
) -> None:
    signals = [noise(samples, samples) for samples in (16001, 400, 30000, 7777)]
    alone = [as_bytes(load(encoder_folder(family)).states(signal)) for signal in signals]
    encoder = load(encoder_folder(family))
    together = [as_bytes(encoder.states(signal)) for signal in signals]
    backwards = [as_bytes(encoder.states(signal)) for signal in reversed(signals)]
    assert alone == together == backwards[::-1]
    elsewhere = np.append(np.float32(0), signals[0])[1:]  # four bytes beside
    assert as_bytes(encoder.states(elsewhere)) == alone[0]


@pytest.mark.parametrize("family", ["whisper", "wav2vec2"])
@pytest.mark.parametrize("rest", [399, 400, 16000])
def test_a_long_signal_is_its_pieces(family: str, rest: int, encoder_folder: Folder) -> None:
    encoder, signal = load(encoder_folder(family)), noise(LONGEST + rest)
    pieces = [encoder.states(signal[:LONGEST])]
    if rest >= 400:
        pieces.append(encoder.states(signal[LONGEST:]))
    expected = [np.concatenate(layer) for layer in zip(*pieces, strict=True)]
    assert as_bytes(encoder.states(signal)) == as_bytes(expected)


@families
@pytest.mark.parametrize("samples", [400, 640, 641, 16001])
def test_a_step_is_20_ms(family: str, samples: int, encoder_folder: Folder) -> None:
    states = load(encoder_folder(family)).states(noise(samples))
    steps = -(-samples // 320) - (family != "whisper")  # a step of wav2vec 2.0 looks 25 ms ahead
    assert [state.shape for state in states] == [(steps, WIDTH)] * STATES
    assert all(np.isfinite(state).all() for state in states)


def test_what_is_shorter_than_a_window_is_refused(encoder_folder: Folder) -> None:
    with pytest.raises(SersnakeError, match="signal has 399 samples; the encoder needs 400"):
        load(encoder_folder("whisper")).states(noise(399))
