"""`sersnake predict`: which recordings, how cut, in which forms, and what is left out."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.model.prediction import Segments, find_recordings
from tests import small_model

RATE = 16000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=3)
    )


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A folder with five recordings in and below it, and other files."""
    rng = np.random.default_rng(5)
    folder = tmp_path / "speech"
    (folder / "deep" / "er").mkdir(parents=True)
    for name in ("b.wav", "a.WAV", "deep/c.flac", "deep/er/d e.wav", "deep/._c.wav", "x.txt"):
        soundfile.write(folder / name, small_model.buzz("glad", 0.6, rng), RATE, format="WAV")
    soundfile.write(folder / "deep/c.flac", small_model.buzz("calm", 0.6, rng), RATE)
    soundfile.write(folder / "long.wav", small_model.buzz("upset", 2.2, rng), RATE)
    return folder


def predicted(model: Path, *words: object, capsys: Any) -> list[dict[str, str]]:
    """Rows of a call that has to succeed."""
    assert main(["predict", *map(str, words), "--model", str(model)]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def names_of(recordings: list[Any], folder: Path) -> list[str]:
    return [str(each.path.relative_to(folder)) for each in recordings]


# ---- Which recordings


def test_a_folder_is_all_recordings_in_and_below_it(speech: Path) -> None:
    expected = ["a.WAV", "b.wav", "deep/c.flac", "deep/er/d e.wav", "long.wav"]
    assert names_of(find_recordings([str(speech)]), speech) == expected


def test_a_pattern_may_cross_folders(speech: Path) -> None:
    names = names_of(find_recordings([f"{speech}/**/*.wav"]), speech)
    assert names == ["b.wav", "deep/er/d e.wav", "long.wav"]


def test_a_recording_counts_once_where_it_is_named_first(speech: Path) -> None:
    names = [str(speech / "long.wav"), str(speech / "*.wav"), str(speech / "b.wav")]
    assert names_of(find_recordings(names), speech) == ["long.wav", "b.wav"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(speech: Path) -> None:
    odd = speech / "take[1].wav"
    (speech / "b.wav").rename(odd)
    assert names_of(find_recordings([str(odd)]), speech) == ["take[1].wav"]


@pytest.mark.parametrize(("name", "message"), [("*.mp3", "no file matches"), ("", "no recording")])
def test_nothing_where_something_was_meant_is_an_error(
    name: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SersnakeError, match=message):
        find_recordings([str(tmp_path / name)])


def test_an_empty_name_is_not_the_working_folder(
    speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(speech)
    with pytest.raises(SersnakeError, match="a recording has an empty name; name files, folders"):
        find_recordings(["a.wav", ""])


def test_names_come_from_a_file(
    model: Path, speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (speech / "list").write_text(f"{speech / 'deep/er/d e.wav'}\n\n{speech / 'b.wav'}\n")
    rows = predicted(model, "--files-from", speech / "list", capsys=capsys)
    assert [Path(row["file"]).name for row in rows] == ["d e.wav", "b.wav"]


def test_a_recording_comes_on_standard_input(
    model: Path,
    speech: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = io.TextIOWrapper(io.BytesIO((speech / "deep/c.flac").read_bytes()))
    monkeypatch.setattr(sys, "stdin", content)
    (row,) = predicted(model, "-", capsys=capsys)
    (same,) = predicted(model, speech / "deep/c.flac", capsys=capsys)
    assert row == {**same, "file": "-"}


def test_no_recording_is_an_error(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--model", str(model)]) == 2
    assert "no recording is given" in capsys.readouterr().err


# ---- Segments


def test_whole_recordings_are_one_segment() -> None:
    assert Segments().cut(50_000) == [(0, 50_000)]
    assert Segments(5).cut(50_000) == [(0, 50_000)]


@given(
    st.integers(1600, 400_000),
    st.floats(0.1, 10),
    st.floats(0.01, 1),
)
def test_segments_cover_the_recording_without_a_gap(
    samples: int, window: float, share: float
) -> None:
    hop = share * window
    segments = Segments(window, hop).cut(samples)
    assert segments[0][0] == 0 and segments[-1][1] == samples
    length = min(samples, round(window * RATE))
    assert {end - start for start, end in segments} == {length}
    for (first, _), (second, _) in pairwise(segments):
        assert 0 < second - first <= max(1, round(hop * RATE))


@pytest.mark.parametrize(
    ("window", "hop"),
    [(0.05, 0), (1, 1.5), (1, -0.1), (0, 1), (math.nan, 0), (math.inf, 0), (1, math.nan)],
)
def test_segments_that_cannot_be_are_refused(window: float, hop: float) -> None:
    with pytest.raises(SersnakeError, match=r"--window|--hop"):
        Segments(window, hop)


def test_a_hop_needs_a_window() -> None:
    with pytest.raises(SersnakeError, match="--hop: give --window too"):
        Segments(hop=1.0)


def test_a_long_recording_is_answered_in_segments(
    model: Path, speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = predicted(model, speech / "long.wav", "--window", 1, "--hop", 0.5, capsys=capsys)
    assert [(row["start"], row["end"]) for row in rows] == [
        ("0.0", "1.0"),
        ("0.5", "1.5"),
        ("1.0", "2.0"),
        ("1.2", "2.2"),
    ]
    for row in rows:
        assert float(row["start"]) < float(row["moment"]) < float(row["end"])
    cut = speech / "cut.wav"
    samples, _ = soundfile.read(speech / "long.wav", dtype="int16")
    soundfile.write(cut, samples[RATE // 2 : RATE * 3 // 2], RATE)
    (alone,) = predicted(model, cut, capsys=capsys)
    for name in alone:
        if name.startswith("score_"):
            assert float(alone[name]) == pytest.approx(float(rows[1][name]), abs=2e-3)


# ---- Forms


def test_every_row_has_a_score_an_emotion_whose_largest_is_the_answer(
    model: Path, speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = predicted(model, speech, capsys=capsys)
    assert len(rows) == 5
    for row in rows:
        scores = {name: float(row[f"score_{name}"]) for name in ("calm", "glad", "upset")}
        assert row["emotion"] == max(scores, key=lambda name: scores[name])
        assert row["unusual"] in "01"


def test_probabilities_stand_in_place_of_scores_in_every_form(
    model: Path, speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(speech / "silent.wav", np.zeros(RATE), RATE)
    scored = predicted(model, speech, capsys=capsys)
    rows = predicted(model, speech, "--probabilities", capsys=capsys)
    names = [f"probability_{name}" for name in ("calm", "glad", "upset")]
    assert [name.replace("score_", "probability_") for name in scored[0]] == list(rows[0])
    for row, before in zip(rows, scored, strict=True):
        assert row["emotion"] == before["emotion"]
        if row["emotion"] == "silent":
            assert [row[name] for name in names] == ["", "", ""]
            continue
        chances = {name: float(row[name]) for name in names}
        assert sum(chances.values()) == pytest.approx(1, abs=2e-4)
        assert max(chances, key=lambda name: chances[name]) == f"probability_{row['emotion']}"
    words = ["predict", str(speech), "--model", str(model), "--probabilities"]
    assert main([*words, "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(line) for line in lines] == [list(row) for row in rows]
    assert [str(line[names[0]] or "") for line in lines] == [row[names[0]] for row in rows]
    assert main([*words, "--format", "audformat", "--output", str(tmp_path / "db")]) == 0
    table = audformat.Database.load(str(tmp_path / "db"))["emotion"].get()
    assert set(names) < set(table.columns) and not table.filter(like="score_").size


def test_lines_of_json_say_the_same(
    model: Path, speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = predicted(model, speech, capsys=capsys)
    assert main(["predict", str(speech), "--model", str(model), "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [{key: str(value) for key, value in line.items()} for line in lines] == rows


def test_the_same_bytes_with_any_number_of_threads(
    model: Path, speech: Path, tmp_path: Path
) -> None:
    outputs = [tmp_path / "1.csv", tmp_path / "3.csv"]
    for threads, output in zip("13", outputs, strict=True):
        words = ["--model", str(model), "--threads", threads, "--output", str(output)]
        assert main(["predict", str(speech), *words]) == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.csv", "3.csv", "speech"]


def test_an_audformat_database_can_be_loaded(
    model: Path, speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = predicted(model, speech, "--window", 1, capsys=capsys)
    words = ["--model", str(model), "--window", "1", "--format", "audformat"]
    for _ in range(2):  # the second one replaces the first
        assert main(["predict", str(speech), *words, "--output", str(tmp_path / "db")]) == 0
    table = audformat.Database.load(str(tmp_path / "db"))["emotion"].get()
    assert table.index.get_level_values("file").tolist() == [row["file"] for row in rows]
    starts = table.index.get_level_values("start").total_seconds()
    assert starts.tolist() == [float(row["start"]) for row in rows]
    assert table["emotion"].tolist() == [row["emotion"] for row in rows]
    np.testing.assert_allclose(
        table["score_calm"].astype(float), [float(row["score_calm"]) for row in rows]
    )


def test_audformat_needs_a_folder_and_replaces_nothing_else(
    model: Path, speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["predict", str(speech / "b.wav"), "--model", str(model), "--format", "audformat"]
    assert main(words) == 2
    assert "name it with --output" in capsys.readouterr().err
    assert main([*words, "--output", str(speech)]) == 2
    assert "name another" in capsys.readouterr().err
    assert (speech / "b.wav").is_file()


# ---- What cannot be used, and what cannot be trusted


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "TAKEN"], "is a folder; name a file in it"),
        (["--format", "audformat", "--output", "TAKEN"], "exists with other content; name another"),
        (["--format", "audformat", "--output", "TAKEN/f"], "exists with other content"),
    ],
)
def test_what_cannot_work_is_said_before_the_work(
    words: list[str], message: str, speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not when all recordings have been listened to, and without a model even."""
    taken = speech / "taken"
    taken.mkdir()
    (taken / "f").write_text("kept")
    words = [word.replace("TAKEN", str(taken)) for word in words]
    assert main(["predict", str(speech), "--model", "none", *words]) == 2
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1
    assert [each.name for each in taken.iterdir()] == ["f"]


def test_a_broken_recording_is_left_out_and_told(
    model: Path, speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (speech / "deep/broken.wav").write_bytes(b"RIFF")
    output = tmp_path / "rows.csv"
    words = [str(speech), str(speech / "none.wav"), "--model", str(model), "--output", str(output)]
    assert main(["predict", *words]) == 1
    message = capsys.readouterr().err
    assert f"left out: {speech / 'deep/broken.wav'}: " in message
    assert f"left out: {speech / 'none.wav'}: " in message
    assert "2 of 7 recordings were left out" in message
    assert len(pd.read_csv(output)) == 5


def test_what_is_unlike_the_training_data_is_told(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, RATE)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    soundfile.write(
        tmp_path / "long.wav", small_model.buzz("calm", 5, np.random.default_rng(1)), RATE
    )
    assert main(["predict", str(tmp_path), "--model", str(model)]) == 0
    output = capsys.readouterr()
    rows = {Path(row["file"]).stem: row for row in csv.DictReader(io.StringIO(output.out))}
    assert rows["noise"]["unusual"] == "1"
    assert "unlike the training data" in output.err
    assert "1 of 2 recordings are longer than 2 s" in output.err


def test_rate_channels_and_container_change_nothing(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import soxr

    signal = small_model.buzz("upset", 0.8, np.random.default_rng(2)) * 0.5
    samples = np.round(signal * 32768).astype(np.int16)
    soundfile.write(tmp_path / "1.wav", samples, RATE)
    soundfile.write(tmp_path / "2.flac", samples, RATE)
    high = soxr.resample(signal, RATE, 48000)
    soundfile.write(tmp_path / "3.wav", np.stack([high, high], 1), 48000, subtype="FLOAT")
    first, flac, stereo = predicted(model, tmp_path, capsys=capsys)
    assert {**flac, "file": first["file"]} == first
    assert stereo["emotion"] == first["emotion"]
    for name in ("score_calm", "score_glad", "score_upset"):
        assert float(stereo[name]) == pytest.approx(float(first[name]), abs=0.1)
