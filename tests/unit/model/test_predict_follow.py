"""`sersnake predict - --follow` answers while a recording is made."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.model.prediction.live import cut_stream
from sersnake.model.prediction.segments import Segments
from tests import small_model

RATE = 16000
PATIENCE = 120  # s


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("follow")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """A recording of 3.3 s with a silent second, as a recorder writes it into a pipe."""
    rng = np.random.default_rng(5)
    parts = [small_model.buzz("glad", 1.2, rng), np.zeros(RATE), small_model.buzz("calm", 1.1, rng)]
    path = tmp_path / "call.wav"
    soundfile.write(path, np.concatenate(parts), RATE)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"data") + 4, 0xFFFFFFFF)
    path.write_bytes(content)
    return path


@given(st.integers(1600, 100_000), st.lists(st.integers(0, 30_000)), st.floats(0.1, 3))
def test_windows_of_a_stream_are_those_of_the_recording(
    samples: int, lengths: list[int], window: float
) -> None:
    signal = np.arange(samples, dtype=np.float32)
    segments = Segments(window, window / 3)
    pieces = np.split(signal, np.minimum(np.cumsum([0, *lengths]), samples))
    windows = list(cut_stream(pieces, segments))
    expected = segments.cut(samples)
    assert [(start, start + len(part)) for start, part in windows] == expected
    assert all(np.array_equal(part, signal[start : start + len(part)]) for start, part in windows)


def test_a_sound_that_is_hardly_there_is_told() -> None:
    with pytest.raises(SersnakeError, match=r"lasts 0\.050 s"):
        list(cut_stream([np.zeros(800, np.float32)], Segments(1.0)))


def test_the_first_answer_comes_before_the_last_sample(
    model: Path, call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", "--window", "0.5", "--format", "jsonl", "--model", str(model)]
    content = call.read_bytes()
    with subprocess.Popen(
        [sys.executable, "-m", "sersnake", *words, "-", "--follow"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout
        watch = Timer(PATIENCE, process.kill)
        watch.start()
        process.stdin.write(content[: 2 * RATE])  # two windows, of which one is due
        process.stdin.flush()
        first = json.loads(process.stdout.readline())  # waits until there is one
        process.stdin.write(content[2 * RATE :])
        process.stdin.close()
        rest = [json.loads(line) for line in process.stdout]
        watch.cancel()
    assert process.returncode == 0
    assert main([*words, str(call)]) == 0
    whole = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows = [first, *rest]
    assert first["start"] == 0 and first["end"] == 0.5
    assert [row.pop("file") for row in rows] == ["-"] * len(rows)
    assert "silent" in {row["emotion"] for row in rows}
    for row, same in zip(rows, whole, strict=True):
        del same["file"]
        assert row["emotion"] == same["emotion"]
        numbers = [name for name, value in row.items() if isinstance(value, float)]
        np.testing.assert_allclose(
            [row[name] for name in numbers], [same[name] for name in numbers], rtol=1e-5, atol=2e-4
        )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-", "--follow"], "give its length with --window"),
        (["-", "x.wav", "--follow", "--window", "1"], "give - as the only recording"),
        (
            ["-", "--follow", "--window", "1", "--output", "x.csv"],
            "writes csv or jsonl to standard output",
        ),
        (["-", "--raw", "16000"], "give --follow too"),
    ],
)
def test_what_cannot_be_followed_is_told(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", *words, "--model", "none"]) == 2
    assert message in capsys.readouterr().err


def test_what_is_no_wav_is_told(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"fLaC" + bytes(1000))))
    words = ["predict", "-", "--follow", "--window", "1", "--model", str(model)]
    assert main(words) == 2
    assert "is not a WAV" in capsys.readouterr().err
