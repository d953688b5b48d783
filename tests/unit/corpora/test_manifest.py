"""The manifest, its verb, and the features of what the manifest leaves out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.cli import main
from sersnake.corpora.base import make_frame
from sersnake.corpora.inspection import AudioLimits, inspect_recordings
from sersnake.corpora.manifest import MANIFEST_COLUMNS, make_manifest
from sersnake.errors import SersnakeError
from sersnake.io import Features


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    """Twelve stereo recordings at 8 kHz."""
    rows = []
    for number in range(12):
        path = tmp_path / f"{number:02d}.wav"
        noise = np.random.default_rng(number).normal(0, 0.1, (8000, 2))
        soundfile.write(path, noise, 8000)
        rows.append({"utterance": f"u{number:02d}", "path": str(path), "speaker": "03"})
    return make_frame(rows, "emodb", "de")


def manifest(
    frame: pd.DataFrame, state: str = "none", on_bad_audio: str = "stop", **states: str
) -> pd.DataFrame:
    inspections = inspect_recordings([Path(path) for path in frame["path"]], AudioLimits())
    return make_manifest(
        "emodb",
        frame,
        inspections,
        certificates={"emodb": state, **states},
        synthetic=["demo"],
        on_bad_audio=on_bad_audio,
    )


def spoil(frame: pd.DataFrame, count: int) -> None:
    for path in frame["path"][:count]:
        Path(path).write_text("text")


def test_manifest_describes_each_recording(frame: pd.DataFrame) -> None:
    made = manifest(frame, "complete")
    assert tuple(made.columns) == MANIFEST_COLUMNS
    assert made["utterance"].tolist() == frame["utterance"].tolist()
    same = made[["duration", "sample_rate", "channels", "format", "synthetic", "certificate"]]
    assert set(same.itertuples(index=False, name=None)) == {
        (1.0, 8000, 2, "WAV PCM_16", "false", "complete")
    }
    samples = soundfile.read(frame["path"][3], dtype="int16")[0].tobytes()
    assert made["sha256"][3] == hashlib.sha256(b"8000 2 int16\n" + samples).hexdigest()
    assert made["fingerprint"].str.fullmatch("[0-9a-f]{68}").all()


def test_manifest_of_a_synthetic_corpus_says_so(frame: pd.DataFrame) -> None:
    made = manifest(frame.assign(corpus="demo"), demo="complete")
    assert set(made["synthetic"]) == {"true"}
    assert set(made["fingerprint"]) == {""}
    assert set(made["certificate"]) == {"complete"}


def test_each_of_joined_corpora_has_its_certificate_and_its_origin(frame: pd.DataFrame) -> None:
    spoil(frame, 1)
    joined = frame.assign(corpus=["emodb"] * 4 + ["mine"] * 4 + ["demo"] * 4)
    made = manifest(joined, "complete", "skip", mine="none", demo="complete")
    facts = made[["corpus", "certificate", "synthetic"]].drop_duplicates()
    assert facts.to_numpy().tolist() == [
        ["emodb", "partial", "false"],
        ["mine", "none", "false"],
        ["demo", "complete", "true"],
    ]
    assert ((made["fingerprint"] == "") == (made["corpus"] == "demo")).all()


def test_bad_recordings_stop_it_and_are_all_named(frame: pd.DataFrame) -> None:
    spoil(frame, 1)
    Path(frame["path"][5]).unlink()
    with pytest.raises(SersnakeError, match=r"^emodb: 2 of 12 recordings cannot be") as error:
        manifest(frame)
    assert "00.wav: is not audio" in str(error.value)
    assert "05.wav: cannot be read (No such file" in str(error.value)
    assert "\n" not in str(error.value)


def test_ten_of_many_are_named(frame: pd.DataFrame) -> None:
    spoil(frame, 12)
    with pytest.raises(SersnakeError, match=r"12 of 12 .*; and 2 more$") as error:
        manifest(frame)
    assert str(error.value).count("is not audio") == 10


@pytest.mark.parametrize(
    ("before", "after"), [("complete", "partial"), ("partial", "partial"), ("none", "none")]
)
def test_skipped_recordings_make_a_certified_corpus_partial(
    frame: pd.DataFrame, before: str, after: str
) -> None:
    spoil(frame, 2)
    made = manifest(frame, before, on_bad_audio="skip")
    assert made["utterance"].tolist() == [f"u{number:02d}" for number in range(2, 12)]
    assert list(made.index) == list(range(10))
    assert set(made["certificate"]) == {after}


def test_all_skipped_is_no_corpus(frame: pd.DataFrame) -> None:
    spoil(frame, 12)
    with pytest.raises(SersnakeError, match="12 of 12 recordings cannot be used: "):
        manifest(frame, on_bad_audio="skip")


@pytest.fixture
def emodb(tmp_path: Path) -> Path:
    """Three of the 535 recordings, by their names."""
    folder = tmp_path / "emodb" / "wav"
    folder.mkdir(parents=True)
    for number, name in enumerate(("03a01Fa", "08a02Wc", "16b10Tb")):
        noise = np.random.default_rng(number).normal(0, 0.1, 16000)
        soundfile.write(folder / f"{name}.wav", noise, 16000)
    return folder.parent


def call(emodb: Path, *options: str, name: str = "emodb", **settings: object) -> int:
    folder = emodb.parent
    words = ["--settings", json.dumps(settings), *options]
    outputs = ["--output", str(folder / "m.csv")]
    return main(["manifest", name, str(emodb), *words, *outputs])


def written(emodb: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(emodb.parent / f"{name}.csv", dtype=str)


def test_verb_refuses_a_partial_corpus_in_one_line(
    emodb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(emodb) == 2
    settings, error = capsys.readouterr().err.splitlines()
    assert settings == "sersnake manifest: settings: the defaults"
    assert error.startswith("sersnake manifest: error: emodb: 3 of 535 utterances")
    assert "allow_partial" in error
    assert not (emodb.parent / "m.csv").exists()


def test_verb_goes_on_with_a_partial_corpus_where_allowed(
    emodb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(emodb, "--threads", "2", allow_partial=True) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "sersnake manifest: settings: allow_partial True"
    assert lines[1].startswith("sersnake manifest: warning: partial corpus: emodb: 3 of 535")
    assert lines[-1] == "3 recordings, 0.1 min: 0 bad, 0 clipped, 0 duplicates"
    assert set(written(emodb, "m")["certificate"]) == {"partial"}
    report = (emodb.parent / "audio_report.csv").read_text()
    assert report == "utterance,path,problem,detail,action\n"


def test_verb_stops_at_bad_audio_and_leaves_the_report(
    emodb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (emodb / "wav" / "08a02Wc.wav").write_text("text")
    assert call(emodb, allow_partial=True) == 2
    assert "1 of 3 recordings cannot be used" in capsys.readouterr().err.splitlines()[-1]
    report = written(emodb, "audio_report")
    assert report[["utterance", "problem", "action"]].values.tolist() == [
        ["08a02Wc", "broken", "stopped"]
    ]
    assert not (emodb.parent / "m.csv").exists()


def test_verb_skips_bad_audio(emodb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (emodb / "wav" / "08a02Wc.wav").write_text("text")
    assert call(emodb, allow_partial=True, on_bad_audio="skip") == 0
    assert "1 bad" in capsys.readouterr().err
    assert written(emodb, "m")["utterance"].tolist() == ["03a01Fa", "16b10Tb"]
    assert written(emodb, "audio_report")["action"].tolist() == ["skipped"]


def test_verb_obeys_the_limits(emodb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(emodb, allow_partial=True, audio={"max_duration": 0.5}) == 2
    assert "03a01Fa.wav: lasts 1.0 s, at most 0.5 s" in capsys.readouterr().err
    assert call(emodb, allow_partial=True, audio={"min_duration": 0.01}) == 2
    assert "audio: min_duration: 0.01 is not allowed" in capsys.readouterr().err
    assert call(emodb, allow_partial=True, audio={"min_duration": 2, "max_duration": 1}) == 2
    assert "min_duration < max_duration" in capsys.readouterr().err


def test_verb_names_the_corpus_and_passes_options_to_the_reader(
    emodb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"reader": "emodb", "allow_partial": True}
    assert call(emodb, name="berlin", **settings) == 0
    assert set(written(emodb, "m")["corpus"]) == {"berlin"}
    assert call(emodb, name="berlin", **settings, corpus_options={"edition": "new"}) == 2
    assert "edition is not an option of emodb" in capsys.readouterr().err
    assert call(emodb, name="berlin", **settings, corpus_options="edition") == 2
    assert "corpus_options: 'edition' is not allowed; choose" in capsys.readouterr().err


def test_same_corpus_gives_the_same_bytes(emodb: Path) -> None:
    files = [emodb.parent / name for name in ("m.csv", "audio_report.csv")]
    (emodb / "wav" / "16b10Tb.wav").write_bytes((emodb / "wav" / "03a01Fa.wav").read_bytes())
    call(emodb, "--threads", "2", allow_partial=True)
    first = [file.read_bytes() for file in files]
    call(emodb, allow_partial=True)
    assert [file.read_bytes() for file in files] == first
    assert b"duplicate" in first[1]


def extract(frame: pd.DataFrame, output: Path, *options: str) -> int:
    names = ["--names", *frame["utterance"]]
    return main(["extract", "mfcc", *frame["path"], *names, *options, "--output", str(output)])


def pack(frame: pd.DataFrame, output: Path, *parts: Path) -> int:
    frame.to_csv(output.parent / "m.csv", index=False)
    files = ["--manifest", str(output.parent / "m.csv"), "--output", str(output)]
    return main(["pack", *map(str, parts), *files])


def test_bad_recordings_are_left_out_of_the_features(
    frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(frame, 2)
    whole = tmp_path / "whole"
    assert extract(frame, whole) == 2
    capsys.readouterr()
    assert extract(frame, whole, "--skip-bad") == 0
    skipped = [line for line in capsys.readouterr().err.splitlines() if "skipped" in line]
    assert len(skipped) == 2
    assert "00.wav: is not audio" in skipped[0]
    assert Features.load(whole).utterances == tuple(frame["utterance"][2:])


def test_features_of_nothing_but_bad_recordings_are_packed(
    frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(frame, 2)
    parts = [tmp_path / "bad", tmp_path / "good"]
    assert extract(frame[:2], parts[0], "--skip-bad") == 0
    assert extract(frame[2:], parts[1], "--skip-bad") == 0
    empty = Features.load(parts[0])
    assert empty.utterances == ()
    assert empty.values.shape == (0, 0)
    assert pack(frame[2:], tmp_path / "all", *parts) == 0
    assert (tmp_path / "all").read_bytes() == parts[1].read_bytes()
    assert pack(frame, tmp_path / "all", *parts) == 2
    assert "m.csv: features are missing for u00, u01; " in capsys.readouterr().err


def test_skipping_hides_no_mistake_in_the_options(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert extract(frame, tmp_path / "x", "--skip-bad", "--set", "n_mfcc=99") == 2
