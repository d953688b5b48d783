"""Segments that a table names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.model.prediction.segment_table import SegmentTable
from sersnake.model.prediction.segments import Segments
from tests import small_model

RATE = 16000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("segments")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording of 3.5 s in a folder of its own, which is where the user works."""
    rng = np.random.default_rng(5)
    path = tmp_path / "call.wav"
    parts = [small_model.buzz("glad", 2.0, rng), small_model.buzz("upset", 1.5, rng)]
    soundfile.write(path, np.concatenate(parts), RATE)
    monkeypatch.chdir(tmp_path)
    return path


def write(folder: Path, text: str) -> Path:
    path = folder / "turns.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_rows_of_a_table_are_answered_in_their_order(
    model: Path, call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(call.parent, "file,speaker,start,end\ncall.wav,b,2,\n./call.wav,a,0.25,1.5\n")
    assert main(["predict", "--segments", "turns.csv", "--model", str(model)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["start"], row["end"]) for row in rows] == [("2.0", "3.5"), ("0.25", "1.5")]
    part = call.with_name("part.wav")
    soundfile.write(part, soundfile.read(call)[0][RATE // 4 : RATE * 3 // 2], RATE)
    assert main(["predict", "part.wav", "--model", str(model)]) == 0
    (alone,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    scores = [name for name in alone if name.startswith("score")]
    assert [rows[1][name] for name in scores] == [alone[name] for name in scores]


def test_audformats_times_are_understood_and_long_segments_cut(call: Path) -> None:
    index = audformat.segmented_index([str(call)] * 2, [0.5, 1.0], ["3s", pd.NaT])
    audformat.Table(index).save(str(call.with_name("turns")), storage_format="csv")
    table = SegmentTable(call.with_name("turns.csv"), Segments(2.0, 1.0))
    signal = np.zeros(round(3.5 * RATE), np.float32)
    seconds = np.array(table.places(str(call), signal)) / RATE
    assert seconds.tolist() == [[0.5, 2.5], [1.0, 3.0], [1.0, 3.0], [1.5, 3.5]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,start\ncall.wav,1\n", "needs the columns file"),
        ("file,start,end\ncall.wav,soon,\n", "line 2: soon is not a time"),
        ("file,start,end\ncall.wav,0,1\ncall.wav,2,1\n", "line 3: a segment"),
        ("file,start,end\ncall.wav,0,1\n,1,2\n", "line 3: names no recording; fill in file or"),
        ("start,end,path\n0,1\n", "line 2: names no recording; fill in path or remove the row"),
        ("", "needs the columns file"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(call: Path, text: str, message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        SegmentTable(write(call.parent, text), Segments())


def test_what_does_not_fit_a_recording_is_told(
    model: Path, call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(call.parent, "file;start;end\ncall.wav;1;4\n")
    words = ["predict", "--segments", "turns.csv", "--model", str(model)]
    assert main(words) == 1
    assert "call.wav: lasts 3.500 s, but a row of turns.csv ends at 4 s" in (
        capsys.readouterr().err
    )
    soundfile.write("other.wav", np.zeros(RATE), RATE)
    assert main([*words, "other.wav"]) == 2
    assert "other.wav: has no row in turns.csv" in capsys.readouterr().err
