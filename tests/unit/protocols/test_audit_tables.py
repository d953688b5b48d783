"""The audit takes anybody's table of recordings, and listens where it knows only paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.cli import main
from sersnake.errors import SersnakeError
from sersnake.protocols.audit.table import as_manifest

RATE = 16000
FOLDS = "file,fold\na1.wav,1\na2.wav,1\nb1.wav,2\nb2.wav,2\n"
TABLE = "file,label,spk\nwav/a1.wav,x,a\nwav/a2.wav,y,a\nwav/b1.wav,x,b\nwav/b2.wav,y,b\n"


def sound(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    envelope = np.repeat(random.uniform(0, 1, 16), RATE // 16)
    return (random.normal(0, 3000, RATE) * envelope).astype(np.int16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table and folds, with the recordings that the table names."""
    (tmp_path / "wav").mkdir()
    for seed, name in enumerate(("a1", "a2", "b1", "b2")):
        soundfile.write(tmp_path / "wav" / f"{name}.wav", sound(seed), RATE)
    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "folds.csv").write_text(FOLDS)
    return tmp_path


def audit(folder: Path, *options: object) -> int:
    files = ["--manifest", folder / "table.csv", "--folds", folder / "folds.csv"]
    return main(["audit", *map(str, [*files, *options])])


def test_the_samples_are_compared_where_paths_are_known(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(folder, "--claims", "speakers") == 0
    captured = capsys.readouterr()
    assert "ok     recordings  no utterance and no identical recording is" in captured.out
    assert "4/4 recordings read" in captured.err
    (folder / "wav" / "b2.wav").unlink()
    soundfile.write(folder / "wav" / "b2.flac", sound(0), RATE)
    (folder / "table.csv").write_text(TABLE.replace("b2.wav", "b2.flac"))
    assert audit(folder) == 1
    assert "a1 (test) have the same samples" in capsys.readouterr().out


def test_what_was_not_heard_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wav" / "a2.wav").unlink()
    (folder / "wav" / "b2.wav").write_text("text")
    assert audit(folder) == 0
    captured = capsys.readouterr()
    assert "manifest: 1 recording of which there is no file (wav/a2.wav)" in captured.err
    assert "manifest: 1 recording that cannot be read (" in captured.err
    assert "not checked among 2 utterances without sha256" in captured.out
    for path in (folder / "wav").iterdir():
        path.unlink()
    assert audit(folder) == 0
    text = capsys.readouterr().out
    assert "no utterance is in more than one part; the recordings themselves are not known" in text


def test_hashes_that_are_known_are_not_made_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(folder / "table.csv").assign(sha256=["1", "2", "3", ""])
    table.to_csv(folder / "table.csv", index=False)
    assert audit(folder) == 0
    assert "1/1 recordings read" in capsys.readouterr().err
    table.assign(sha256=["1", "2", "1", ""]).to_csv(folder / "table.csv", index=False)
    assert audit(folder) == 1
    assert "b1 (train) and a1 (test) have the same samples" in capsys.readouterr().out


def test_segments_of_one_file_are_called_what_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["a1", "a2", "b1", "b2"]
    table = pd.DataFrame({"id": names, "file": "wav/a1.wav", "label": "x", "start": list("0123")})
    table.to_csv(folder / "table.csv", index=False)
    (folder / "folds.csv").write_text("id,fold\na1,1\na2,1\nb1,2\nb2,2\n")
    assert audit(folder) == 1
    report = capsys.readouterr().out
    assert "are of one recording" in report
    assert "have the same samples" not in report


@pytest.mark.parametrize("speakers", [None, "", "unknown"])
def test_unknown_speakers_are_unknown(
    folder: Path, capsys: pytest.CaptureFixture[str], speakers: str | None
) -> None:
    table = pd.read_csv(folder / "table.csv").drop(columns="spk")
    if speakers is not None:
        table["speaker"] = speakers
    table.to_csv(folder / "table.csv", index=False)
    assert audit(folder) == 0
    assert "speakers    unknown: the manifest has no speakers" in capsys.readouterr().out
    assert audit(folder, "--claims", "speakers") == 1
    assert "cannot be certified: the manifest has no speakers" in capsys.readouterr().out


SEGMENTS = """path,start,end,label,speaker,fold
wav/a1.wav,0,1,joy,s1,0
wav/a1.wav,1,2,anger,s1,0
wav/b1.wav,0,1,joy,s2,1
wav/b1.wav,1,2,anger,s2,1
"""


def test_a_table_of_segments_without_names(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("table.csv", "folds.csv"):
        (folder / name).write_text(SEGMENTS)
    assert audit(folder, "--claims", "speakers") == 0
    text = capsys.readouterr().out
    assert "Train 2, test 2 utterances per fold; each tested once." in text
    assert "ok     speakers" in text
    (folder / "folds.csv").write_text(
        SEGMENTS.replace("wav/b1.wav,1,2,anger,s2,1", "b1.wav,1,2,,,0")
    )
    assert audit(folder) == 1
    text = capsys.readouterr().out
    assert "fold 0: b1_0-1 (train) and b1_1-2 (test) are of one recording" in text
    (folder / "folds.csv").write_text("file,fold\na1.wav,0\nb1.wav,1\nb1.wav,0\n")
    assert audit(folder) == 2
    assert "folds.csv:4: a recording of several segments is tested" in capsys.readouterr().err
    (folder / "folds.csv").write_text("file,fold\na1.wav,0\nb1.wav,1\n")
    assert audit(folder) == 0


def test_the_index_of_pandas_is_no_recording(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its column has no heading; where a number stands in it twice, nothing is shared."""
    table = pd.read_csv(folder / "table.csv", dtype=str)
    table.set_axis([0] * len(table)).to_csv(folder / "table.csv")
    assert audit(folder) == 0
    assert "no utterance and no identical recording is" in capsys.readouterr().out


@pytest.mark.parametrize("names", [("File Name", "Speaker ID"), ("file-name", "SpeakerID")])
def test_words_of_a_heading_may_be_written_apart(names: tuple[str, str]) -> None:
    table = pd.DataFrame({names[0]: ["x/1.wav"], names[1]: ["s1"], "Emotion": ["joy"]})
    manifest = as_manifest(table)
    assert manifest.loc[0, ["path", "speaker", "emotion"]].tolist() == ["x/1.wav", "s1", "joy"]


def test_one_table_may_hold_both(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.read_csv(folder / "table.csv").assign(split=["train", "train", "val", "test"])
    table.to_csv(folder / "folds.csv", index=False)
    table.to_csv(folder / "table.csv", index=False)
    assert audit(folder, "--claims", "speakers") == 1
    text = capsys.readouterr().out
    assert "FAILS  speakers    the test speaker also validates in fold 0 (b)" in text


def test_headings_of_others_are_understood() -> None:
    frame = pd.DataFrame({"File": ["x/1.wav", "y/1.wav"], "Label": ["a", None], "SPK": [3, 4]})
    manifest = as_manifest(frame)
    assert manifest["utterance"].tolist() == ["x/1.wav", "y/1.wav"]  # the stems repeat
    assert manifest["emotion"].tolist() == ["a", ""]
    assert manifest["speaker"].tolist() == ["3", "4"]
    assert list(frame) == ["File", "Label", "SPK"]
    transcripts = pd.DataFrame({"Utterance": ["What?", "Why not?"], "path": ["1.wav", "2.wav"]})
    assert as_manifest(transcripts.assign(emotion="a"))["utterance"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["path", "speaker"], r"t\.csv:1: has no column emotion \(it has path, speaker\); rename"),
        (["label", "speaker"], r"t\.csv:1: has no column utterance or path .* rename the column"),
    ],
)
def test_a_table_that_lacks_something_is_refused(columns: list[str], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        as_manifest(pd.DataFrame([["x", "y"]], columns=columns), "t.csv:1")
