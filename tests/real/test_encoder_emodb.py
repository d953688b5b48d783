"""Whisper's encoder on EMODB: its own layers, and the same bytes for a recording among others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from sersnake.cli import main
from sersnake.features.encoder import Encoder
from sersnake.io import Features
from sersnake.io.audio import read_audio
from sersnake.settings.pretrained import Pretrained
from tests.tiny_encoders import whisper_states

pytestmark = [pytest.mark.real, pytest.mark.encoder]

RECORDINGS = ["03a01Fa", "16b10Lb"]
SHA256 = "9feb03f482ff0cea47bb105564336f10b6a1556afb242d47af3940dc52c5d2c6"


def test_its_seven_states_are_its_layers(emodb_dir: Path, whisper_dir: Path) -> None:
    from transformers import AutoFeatureExtractor

    signal = read_audio(emodb_dir / "wav" / f"{RECORDINGS[0]}.wav")
    states = Encoder.load(Pretrained(str(whisper_dir))).states(signal)
    steps = -(-len(signal) // 320)
    assert [state.shape for state in states] == [(steps, 512)] * 7
    prepare = AutoFeatureExtractor.from_pretrained(whisper_dir)
    heard = np.pad(signal, (0, -len(signal) % 320))
    prepared = prepare(heard, sampling_rate=16000, padding=True, return_tensors="pt")
    expected = whisper_states(whisper_dir, prepared.input_features)
    for state, layer in zip(states, expected, strict=True):
        torch.testing.assert_close(torch.from_numpy(state), layer, rtol=1e-4, atol=1e-3)


def test_a_recording_has_the_same_bytes_alone_and_among_others(
    emodb_dir: Path, whisper_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERSNAKE_MODELS", str(whisper_dir.parent))

    def extract(*names: str) -> Features:
        audio = [str(emodb_dir / "wav" / f"{name}.wav") for name in names]
        settings = ["--set", f"model={whisper_dir.name}", "--set", "pooling=mean_std"]
        output = ["--output", str(tmp_path / "pack")]
        assert main(["extract", "pretrained", *audio, *settings, *output]) == 0
        return Features.load(tmp_path / "pack")

    together = extract(*RECORDINGS)
    made = Pretrained(whisper_dir.name, "", SHA256, tuple(range(7)), "mean_std")
    assert together.options == {"kind": "pretrained", **made.as_dict(), "layers": [*range(7)]}
    for place, name in enumerate(RECORDINGS):
        alone = extract(name)
        assert alone.rows(0).shape == (1, 2 * 7 * 512)
        assert alone.rows(0).tobytes() == together.rows(place).tobytes()
