"""Utterances that are segments of longer recordings: read, named, inspected, extracted, shown."""

from __future__ import annotations

import json
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.cli import main
from sersnake.corpora import COLUMNS, SEGMENT, read_corpus
from sersnake.corpora.inspection import AudioLimits, inspect_recording
from sersnake.corpora.manifest import MANIFEST_COLUMNS
from sersnake.corpora.segments import segment_texts
from sersnake.errors import SersnakeError
from sersnake.features.cepstra import mfcc
from sersnake.features.functionals import functionals
from sersnake.io import Features, read_csv
from sersnake.io.audio import read_audio
from sersnake.settings.corpus import CorpusSettings

RATE = 8000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two recordings of 4 s, each second louder than the one before."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for number, name in enumerate(("a.wav", "b.flac")):
        noise = np.random.default_rng(number).normal(0, 0.02, 4 * RATE)
        soundfile.write(folder / name, noise * np.repeat([1, 2, 3, 4], RATE), RATE)
    return folder


def read(
    root: Path, *lines: str, header: str = "path,start,end,emotion,speaker", **options: object
) -> pd.DataFrame:
    (root / "manifest.csv").write_text("\n".join([header, *lines, ""]))
    return read_corpus("mine", root, CorpusSettings(reader="csv", corpus_options=options))


def times(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(frame[["utterance", "start", "end"]].itertuples(index=False, name=None))


def test_segments_of_a_table(root: Path) -> None:
    frame = read(
        root,
        "a.wav,0.5,1.25,joy,s1",
        "./a.wav,1.25,2,anger,s1",
        "b.flac,0 days 00:00:01,0 days 00:00:01.500000,joy,s2",
        "b.flac,3,,anger,s2",
        "b.flac,,00:00:00.75,anger,s2",
    )
    assert tuple(frame.columns) == (*COLUMNS[:2], *SEGMENT, *COLUMNS[2:])
    assert times(frame) == [
        ("a_1250-2000", "1.25", "2"),
        ("a_500-1250", "0.5", "1.25"),
        ("b_0-750", "0", "0.75"),
        ("b_1000-1500", "1", "1.5"),
        ("b_3000-end", "3", ""),
    ]
    assert frame["path"].nunique() == 2


def test_durations_instead_of_ends(root: Path) -> None:
    header = "path,start,duration,emotion,speaker"
    frame = read(root, "a.wav,0.5,1.5,joy,s1", "b.flac,1,,anger,s2", header=header)
    assert times(frame) == [("a_500-2000", "0.5", "2"), ("b_1000-end", "1", "")]
    header = "path,duration,emotion,speaker"  # that of the file, as many tables have it
    frame = read(root, "a.wav,9,joy,s1", "b.flac,9,anger,s2", header=header)
    assert tuple(frame.columns) == COLUMNS


def test_whole_recordings_are_no_segments(root: Path) -> None:
    lines = ("a.wav,0,4.0,joy,s1", "b.flac,0.01,3.97,anger,s2")
    frame = read(root, *lines)
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["utterance"]) == ["a", "b"]
    frame = read(root, lines[0], "b.flac,1,2,anger,s2")
    assert times(frame) == [("a", "", ""), ("b_1000-2000", "1", "2")]


def test_names_that_are_given_stay(root: Path) -> None:
    header = "path,start,end,emotion,speaker,utterance"
    frame = read(root, "a.wav,0,1,joy,s1,u1", "a.wav,1,2,anger,s1,u2", header=header)
    assert list(frame["utterance"]) == ["u1", "u2"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a.wav,-1,1,joy,s1"], "line 2: begins at -1 s; correct the start"),
        (["a.wav,2,1,joy,s1"], "line 2: begins at 2 s and ends at 1 s; correct the times"),
        (["a.wav,1,1,joy,s1"], "line 2: begins at 1 s and ends at 1 s; correct the times"),
        (["a.wav,3,5,joy,s1"], "line 2: ends at 5 s, but {}/a.wav lasts 4.000 s; correct the "
         "times (in s) or the path"),
        (["a.wav,500,1100,joy,s1"], "line 2: ends at 1100 s, but {}/a.wav lasts 4.000 s"),
        (["a.wav,4,,joy,s1"], "line 2: ends at 4 s, but {}/a.wav lasts 4.000 s"),
        (["a.wav,soon,1,joy,s1"], "line 2: start 'soon' is not a time; write seconds"),
        (["a.wav,1:30,2,joy,s1"], "line 2: start '1:30' is not a time; write seconds"),
        (["a.wav,0,2,joy,s1", "a.wav,1,3,joy,s1"], "line 3: begins at 1 s, where another segment "
         "of {}/a.wav by the same speaker continues to 2 s; correct the times or remove one of"),
        (["a.wav,0,3,joy,s1", "a.wav,3,4,joy,s1", "a.wav,1,2,joy,s1"], "line 4: begins at 1 s"),
        (["a.wav,,,joy,s1", "a.wav,1,2,joy,s1"], "line 3: begins at 1 s, where another segment of "
         "{}/a.wav by the same speaker continues to its end"),
        (["a.wav,,,joy,s1", "a.wav,,,joy,s2"], "line 3: {}/a.wav is listed already (line 2)"),
    ],
)  # fmt: skip
def test_a_wrong_segment_is_refused_with_its_line(
    root: Path, lines: list[str], expected: str
) -> None:
    with pytest.raises(SersnakeError) as error:
        read(root, *lines, "b.flac,,,anger,s9")
    message = str(error.value).removeprefix(f"{root / 'manifest.csv'}: ")
    assert message.startswith(expected.format(root))


def test_two_speakers_may_talk_at_once_and_times_are_rounded(root: Path) -> None:
    frame = read(root, "a.wav,0,2,joy,s1", "a.wav,1,3,anger,s2", "a.wav,1.98,4.03,joy,s1")
    assert times(frame)[-1] == ("a_1980-end", "1.98", "")


def test_a_segmented_table_of_audformat(root: Path) -> None:
    db = audformat.Database("mini")
    db.schemes["emotion"] = audformat.Scheme(labels=["joy", "anger"])
    db.schemes["speaker"] = audformat.Scheme("str")
    index = audformat.segmented_index(
        ["a.wav", "a.wav", "b.flac"],
        pd.to_timedelta([0.5, 1.5, 0], unit="s"),
        pd.to_timedelta([1.5, None, None], unit="s"),
    )
    for name, column, values in (
        ("emotion", "emotion", ["joy", "anger", "joy"]),
        ("people", "speaker", ["s1", "s2", "s3"]),
    ):
        db[name] = audformat.Table(index)
        db[name][column] = audformat.Column(scheme_id=column)
        db[name][column].set(values)
    db.save(root)
    frame = read_corpus("mine", root, CorpusSettings(reader="audformat"))
    assert times(frame) == [("a_1500-end", "1.5", ""), ("a_500-1500", "0.5", "1.5"), ("b", "", "")]
    assert list(frame["speaker"]) == ["s2", "s1", "s3"]
    assert list(frame["emotion"]) == ["anger", "joy", "joy"]


def test_lines_of_emobox_with_times(root: Path) -> None:
    lines = [
        {"key": f"mini-{name}", "wav": "downloads/mini/a.wav", "emo": emotion, **where}
        for name, emotion, where in (
            ("u1", "joy", {"start_time": 0.0, "end_time": 1.0999999999999996}),
            ("u2", "anger", {"start_time": 1.1, "end_time": 4.0}),
        )
    ]
    text = "".join(json.dumps({"dataset": "mini", **line}) + "\n" for line in lines)
    (root / "mini.jsonl").write_text(text)
    (root / "label_map.json").write_text('{"joy": "Happy", "anger": "Angry"}')
    frame = read_corpus("mine", root, CorpusSettings(reader="emobox"))
    assert times(frame) == [("u1", "0", "1.1"), ("u2", "1.1", "")]
    (root / "mini.jsonl").write_text(text.replace("4.0", '"0:04"'))
    with pytest.raises(SersnakeError, match="line 2: end_time '0:04' is not a time; write seconds"):
        read_corpus("mine", root, CorpusSettings(reader="emobox"))


@pytest.mark.parametrize("header", ["start_time,end_time", "Onset,Offset", "StartTime,EndTime"])
def test_other_headings_for_times_count_where_they_fit(root: Path, header: str) -> None:
    """Whole recordings may keep where they were in a film."""
    header = f"path,{header},emotion,speaker"
    lines = ["a.wav,0.5,1.25,joy,s1", "b.flac,0:00:00,0:00:01,anger,s2"]
    assert [row[1:] for row in times(read(root, *lines, header=header))] == [
        *(("0.5", "1.25"), ("0", "1"))
    ]
    of_film = [*lines[:1], "b.flac,0:16:16,0:16:19,anger,s2"]
    assert "start" not in read(root, *of_film, header=header)
    assert "start" not in read(root, *lines, header=header, columns={"start": None})
    again = ["a.wav,2,99,joy,s1", *lines]
    with pytest.raises(SersnakeError, match=r"line 2: ends at 99 s"):
        read(root, *again, header=header)


# --- what is made of them ----------------------------------------------------------------------

LINES = ("a.wav,0.5,1.25,joy,s1", "a.wav,2,3,anger,s1", "b.flac,,,joy,s2", "b.flac.wav,1,,anger,s2")


@pytest.fixture
def manifest(root: Path) -> Path:
    """Written by the verb; the last recording has 0.5 s of silence, then 1.5 s of noise."""
    noise = np.random.default_rng(3).normal(0, 0.1, RATE * 3 // 2)
    soundfile.write(root / "b.flac.wav", np.append(np.zeros(RATE // 2), noise), RATE)
    read(root, *LINES)
    output = root / "out" / "manifest.csv"
    output.parent.mkdir()
    words = ["manifest", "mine", str(root), "--set", "reader=csv", "--output", str(output)]
    assert main(words) == 0
    return output


def test_a_manifest_measures_segments(root: Path, manifest: Path) -> None:
    frame = read_csv(manifest, ["utterance"]).set_index("utterance")
    measured = MANIFEST_COLUMNS[len(COLUMNS) :]
    assert tuple(frame.columns) == ("path", *SEGMENT, *COLUMNS[2:], *measured)
    assert frame["duration"].to_dict() == {
        "a_2000-3000": 1.0, "a_500-1250": 0.75, "b": 4.0, "b_flac_1000-end": 1.0,
    }  # fmt: skip
    samples = soundfile.read(root / "a.wav", dtype="int16")[0][RATE // 2 : RATE * 5 // 4]
    soundfile.write(root / "cut.wav", samples, RATE)
    cut = inspect_recording(root / "cut.wav", AudioLimits())
    assert frame.loc["a_500-1250", "sha256"] == cut.sha256
    assert frame.loc["a_500-1250", "fingerprint"] == cut.fingerprint
    assert frame["sha256"].is_unique


def test_bad_segments_are_named_with_their_times(
    root: Path, manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(root, *LINES, "b.flac.wav,0,0.3,joy,s2", "b.flac.wav,0.5,0.55,joy,s2")
    words = ["manifest", "mine", str(root), "--set", "reader=csv", "--output", str(manifest)]
    assert main(words) == 2
    output = capsys.readouterr().err
    path = root / "b.flac.wav"
    assert f"{path}: from 0 s to 0.3 s: is silent, its peak is zero" in output
    assert f"{path}: from 0.5 s to 0.55 s: lasts 0.050 s" in output
    assert main([*words, "--set", "on_bad_audio=skip"]) == 0
    assert len(pd.read_csv(manifest)) == len(LINES)


def test_a_segment_of_a_codec_with_a_memory_that_ends_too_late_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    inspection = inspect_recording(path, AudioLimits(), 0.5, 9.0)
    assert inspection.problems[0].name == "broken"
    assert inspection.problems[0].detail.startswith("from 0.5 s to 9 s: lasts ")


@pytest.mark.parametrize("kind", ["mfcc", "opensmile"])
def test_features_are_of_the_segments(root: Path, manifest: Path, kind: str) -> None:
    frame = read_csv(manifest, ["utterance", "path"])
    output = root / "out.safetensors"
    words = [
        "extract",
        kind,
        *frame["path"],
        "--names",
        *frame["utterance"],
        "--output",
        str(output),
    ]
    assert main([*words, "--segments", *segment_texts(frame)]) == 0
    pack = Features.load(output)
    assert list(pack.utterances) == frame["utterance"].tolist()
    signal = read_audio(root / "a.wav", start=2.0, end=3.0)
    expected = mfcc(signal) if kind == "mfcc" else functionals(signal)[None]
    assert np.array_equal(pack.rows(0), expected)
    whole = read_audio(root / "b.flac")
    expected = mfcc(whole) if kind == "mfcc" else functionals(whole)[None]
    assert np.array_equal(pack.rows(2), expected)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (["0:1"], "--segments: 1 segments for 2 recordings"),
        (["0:1", "x"], "--segments: 'x' is not START:END"),
        (["0:1", "1"], "--segments: '1' is not START:END"),
        (["0:1", "1:0"], "b.flac: the part from 1.0 s to 0.0 s is invalid"),
    ],
)
def test_segments_that_are_none(
    root: Path, segments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "extract",
        "mfcc",
        str(root / "a.wav"),
        str(root / "b.flac"),
        "--output",
        str(root / "x"),
    ]
    assert main([*words, "--segments", *segments]) == 2
    assert expected in capsys.readouterr().err
