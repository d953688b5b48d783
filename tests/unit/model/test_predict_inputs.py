"""What `sersnake predict` takes: names of any bytes, linked folders, formats, lists of names."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.cli import main
from sersnake.model.prediction import find_recordings
from sersnake.model.prediction.endings import DOUBTFUL, FORMATS, UNREADABLE
from sersnake.model.prediction.inputs import read_names
from tests import small_model

RATE = 16000
HEADERLESS = {"RAW", "SD2"}  # libsndfile cannot tell what they hold by the file alone
ODD = (
    b"Stra\xdfe.wav",
    b"new\nline.wav",
    b"car\rriage.wav",
    b'quote",comma.wav',
    b"stra\xc3\x9fe.wav",
)
WRITTEN = {
    "Stra\\xdfe.wav",
    "new\nline.wav",
    "car\\x0driage.wav",
    'quote",comma.wav',
    "straße.wav",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    return small_model.make_model(
        folder / "work", small_model.write_recordings(folder / "wav", takes=2)
    )


@pytest.fixture(scope="module")
def content() -> bytes:
    """A WAV file."""
    file = io.BytesIO()
    soundfile.write(
        file, small_model.buzz("glad", 0.4, np.random.default_rng(3)), RATE, format="WAV"
    )
    return file.getvalue()


@pytest.fixture
def odd(tmp_path: Path, content: bytes) -> Path:
    """A folder of recordings with odd names."""
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in ODD:
        try:
            (folder / os.fsdecode(name)).write_bytes(content)
        except OSError:
            pytest.skip("this file system takes no names that are not UTF-8")
    return folder


# ---- Names


@pytest.mark.parametrize("form", ["csv", "jsonl", "audformat"])
def test_every_name_is_written(form: str, model: Path, odd: Path, tmp_path: Path) -> None:
    output = tmp_path / "answers"
    words = ["--model", str(model), "--format", form, "--output", str(output)]
    assert main(["predict", str(odd), *words]) == 0
    if form == "csv":
        with output.open(encoding="utf-8", newline="") as file:
            names = [row["file"] for row in csv.DictReader(file)]
        assert pd.read_csv(output)["file"].tolist() == names
    elif form == "jsonl":
        names = [json.loads(line)["file"] for line in output.read_bytes().splitlines()]
    else:
        table = audformat.Database.load(str(output))["emotion"].get()
        names = table.index.get_level_values("file").tolist()
    assert {name.removeprefix(f"{odd}/") for name in names} == WRITTEN
    assert len(names) == len(ODD)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_every_name_is_printed_in_any_locale(form: str, model: Path, odd: Path) -> None:
    (odd / os.fsdecode(b"broken\xdf\n.wav")).write_bytes(b"RIFF")
    done = subprocess.run(
        [sys.executable, "-m", "sersnake", "predict", odd, "--model", model, "--format", form],
        env={**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"left out: {odd}/broken\\xdf\\x0a.wav: " in done.stderr.decode("ascii")
    text = done.stdout.decode("utf-8")
    for name in (r"Stra\xdfe.wav", "straße.wav"):
        assert (name if form == "csv" else json.dumps(name, ensure_ascii=False)[1:-1]) in text


def test_a_list_names_files_by_any_bytes(odd: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_bytes(b"\xef\xbb\xbf" + b"\r\n\n".join([ODD[0], ODD[4]]) + b"\n")
    assert list(map(os.fsencode, read_names(str(lines)))) == [ODD[0], ODD[4]]
    lines.write_bytes(b"\0".join(ODD) + b"\0")  # find -print0
    assert list(map(os.fsencode, read_names(lines))) == list(ODD)
    paths = [odd / os.fsdecode(name) for name in ODD]
    assert [each.path for each in find_recordings(paths)] == paths


def test_the_home_folder_may_stand_in_a_list(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(odd.parent))
    (recording,) = find_recordings(["~/odd/straße.wav"])
    assert recording.path == odd / "straße.wav"


# ---- Folders


def names_in(folder: Path) -> list[str]:
    return [str(each.path.relative_to(folder)) for each in find_recordings([folder])]


def test_links_are_followed_and_each_file_is_taken_once(tmp_path: Path, content: bytes) -> None:
    folder, outside = tmp_path / "speech", tmp_path / "elsewhere"
    for path in (folder / "z" / "1.wav", outside / "2.wav", outside / "deep" / "3.wav"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "linked").symlink_to(outside)
    (folder / "a").symlink_to(folder / "z")  # comes first by name, but is not the folder's own
    (folder / "z" / "again.wav").symlink_to(folder / "z" / "1.wav")
    (folder / "alone.wav").symlink_to(outside / "2.wav")
    (folder / "z" / "loop").symlink_to(folder)
    (outside / "loop").symlink_to(outside)
    assert names_in(folder) == ["linked/2.wav", "linked/deep/3.wav", "z/1.wav"]
    paths = [each.path for each in find_recordings([folder])]
    assert [each.path for each in find_recordings([f"{folder}/**/*.wav"])] == paths
    deep = find_recordings([f"{tmp_path}/s*/**/deep/*.w?v"])
    assert [each.path for each in deep] == [folder / "linked" / "deep" / "3.wav"]


def test_hidden_folders_are_passed_over(tmp_path: Path, content: bytes) -> None:
    """As in a DataLad dataset, where every recording is a link into a hidden folder."""
    for name in (".git/annex/objects/MD5-1.wav", ".AppleDouble/a.wav", "b/.Trash/old.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "b" / "a.wav").symlink_to(tmp_path / ".git" / "annex" / "objects" / "MD5-1.wav")
    assert names_in(tmp_path) == ["b/a.wav"]
    assert [each.path for each in find_recordings([f"{tmp_path}/**/*.wav"])] == [
        tmp_path / "b" / "a.wav"
    ]
    assert names_in(tmp_path / ".AppleDouble") == ["a.wav"]  # it was asked for
    asked = find_recordings([f"{tmp_path}/**/.Trash/*.wav"])
    assert [each.path.name for each in asked] == ["old.wav"]


def test_ending_counts_in_any_case_and_with_blanks(tmp_path: Path, content: bytes) -> None:
    for name in ("a.WAV", "b.Wav", "c.wav ", "d.mpga"):
        (tmp_path / name).write_bytes(content)
    assert names_in(tmp_path) == ["a.WAV", "b.Wav", "c.wav ", "d.mpga"]


def test_a_link_to_nothing_is_named(
    model: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "1.wav").write_bytes(content)
    (tmp_path / "2.wav").symlink_to(tmp_path / "nowhere.wav")
    assert main(["predict", str(tmp_path), "--model", str(model)]) == 1
    output = capsys.readouterr()
    assert f"left out: {tmp_path / '2.wav'}: " in output.err
    assert "1 of 2 recordings were left out" in output.err
    assert len(output.out.splitlines()) == 2


def write_as(path: Path, format_name: str) -> None:
    """A recording of any format, in the first of its subtypes that can be written."""
    signal = small_model.buzz("calm", 0.4, np.random.default_rng(4))
    for rate in (RATE, 8000):
        for subtype in soundfile.available_subtypes(format_name):
            try:
                soundfile.write(path, signal, rate, format=format_name, subtype=subtype)
            except soundfile.LibsndfileError:
                continue
            return
    raise AssertionError(format_name)


def test_every_format_of_libsndfile_is_found_and_answered(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    formats = set(soundfile.available_formats()) - HEADERLESS
    assert formats <= set(FORMATS)
    folder = tmp_path / "speech"
    folder.mkdir()
    for name in formats:
        for ending in FORMATS[name]:
            write_as(folder / f"{name}{ending}", name)
    assert main(["predict", str(folder), "--model", str(model)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    answered = {Path(row["file"]).name for row in rows}
    assert answered == {path.name for path in folder.iterdir()}


def test_audio_that_cannot_be_read_is_counted_and_named(
    model: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "1.wav").write_bytes(content)
    for ending in UNREADABLE:
        (tmp_path / f"x{ending.upper()}").write_bytes(b"\x00\x00\x00\x20ftypM4A " + bytes(40))
    for ending in (*DOUBTFUL, ".txt", ".csv", ".png"):  # matrices, features, pictures
        (tmp_path / f"other{ending}").write_bytes(b"something else" * 9)
    assert main(["predict", str(tmp_path), "--model", str(model)]) == 1
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 2
    for ending in UNREADABLE:
        assert f"left out: {tmp_path}/x{ending.upper()}: " in output.err
    assert "other" not in output.err
    assert f"{len(UNREADABLE)} of {len(UNREADABLE) + 1} recordings were left out" in output.err
