"""Silence is called silent, and gets no emotion."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import audformat
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from sersnake.cli import main
from sersnake.io.audio import SILENT_PEAK
from sersnake.model import load_model
from sersnake.model.silence import is_silent
from tests import small_model

RATE = 16000
SCORES = ("score_calm", "score_glad", "score_upset")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("silence")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )


def noise(peak: float, seconds: float = 1.0) -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).uniform(-1, 1, round(RATE * seconds))
    return (drawn / np.abs(drawn).max() * peak).astype(np.float32)


def click() -> NDArray[np.float32]:
    signal = np.zeros(RATE, np.float32)
    signal[3] = 0.01
    return signal


@pytest.mark.parametrize(
    ("signal", "silent"),
    [
        (np.zeros(RATE, np.float32), True),
        (np.full(RATE, 0.5, np.float32), True),
        (noise(0.9 * SILENT_PEAK), True),
        (noise(0.9 * SILENT_PEAK) - np.float32(0.2), True),
        (noise(1.2 * SILENT_PEAK), False),
        (noise(1.2 * SILENT_PEAK) + np.float32(0.2), False),
        (click(), False),
        (small_model.buzz("calm", 1, np.random.default_rng(0)).astype(np.float32), False),
    ],
)
def test_silence_is_what_the_audio_report_calls_so(
    signal: NDArray[np.float32], silent: bool
) -> None:
    assert is_silent(signal) is silent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Silence of several kinds, and speech that pauses."""
    place = tmp_path / "speech"
    place.mkdir()
    buzz = small_model.buzz("glad", 1.0, np.random.default_rng(1))
    soundfile.write(place / "digital.wav", np.zeros(2 * RATE), RATE)
    soundfile.write(place / "offset.wav", np.full(2 * 44100, 0.5), 44100)  # resampling bends it
    soundfile.write(place / "inverted.wav", np.stack([buzz, -buzz], 1), RATE)
    soundfile.write(place / "pause.wav", np.concatenate([buzz, np.zeros(2 * RATE)]), RATE)
    return place


def test_silence_has_no_emotion_in_any_form(
    model: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", str(folder), "--model", str(model)]
    assert main(words) == 0
    printed = capsys.readouterr()
    rows = {Path(row["file"]).stem: row for row in csv.DictReader(io.StringIO(printed.out))}
    assert rows["pause"]["emotion"] in small_model.PITCH
    for name in ("digital", "offset", "inverted"):
        assert rows[name]["emotion"] == "silent"
        assert [rows[name][column] for column in (*SCORES, "moment")] == [""] * 4
        assert float(rows[name]["distance"]) > 0
    assert "3 of 4 are silent" in printed.err
    trusted = sum(row["unusual"] == "1" and row["emotion"] != "silent" for row in rows.values())
    assert (f"{trusted} of 4 are unlike" in printed.err) is (trusted > 0)

    assert main([*words, "--format", "jsonl"]) == 0
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    silent = [line for line in lines if line["emotion"] == "silent"]
    assert len(silent) == 3
    assert all(line[column] is None for line in silent for column in (*SCORES, "moment"))

    assert main([*words, "--format", "audformat", "--output", str(tmp_path / "db")]) == 0
    table = audformat.Database.load(str(tmp_path / "db"))["emotion"].get()
    quiet = table[table["emotion"] == "silent"]
    assert len(quiet) == 3
    assert quiet[list(SCORES)].isna().all(axis=None)


def test_pauses_of_a_longer_recording_are_silent(
    model: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", str(folder / "pause.wav"), "--model", str(model)]
    assert main([*words, "--window", "1", "--hop", "1"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["emotion"] == "silent" for row in rows] == [False, True, True]


def test_silence_is_silent_in_python_too(model: Path) -> None:
    quiet, loud = np.zeros(RATE, np.float32), noise(0.3)
    told = load_model(str(model)).ready().predict([quiet, loud])
    assert told.emotions[0] == "silent" and told.emotions[1] in small_model.PITCH
    assert np.isnan(told.scores[0]).all() and np.isfinite(told.scores[1]).all()
    assert np.isnan(told.moments[0])


def test_silence_does_not_depend_on_the_type(model: Path) -> None:
    steps = np.random.default_rng(5).integers(-1, 2, RATE).astype(np.int16)  # of dither alone
    told = load_model(model).ready().predict([steps, steps / 32768, list(steps / 32768)])
    assert told.emotions == ["silent"] * 3
