"""CASIA on trees in the layouts that are in use, with their traps."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from sersnake.corpora import certify, read_corpus
from sersnake.corpora.casia import EMOTIONS, OTHER_SPELLING, SEX
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings

MESS = ("._201.wav", "_desktop.ini", "201.lab")


def edition(size: str) -> CorpusSettings:
    return CorpusSettings(corpus_options={"edition": size})


def fill(root: Path, speakers: Iterable[str], emotions: Iterable[str], *names: str) -> None:
    for speaker in speakers:
        for emotion in emotions:
            folder = root / speaker / emotion
            folder.mkdir(parents=True)
            for name in names:
                (folder / name).touch()


def numbers(first: int, last: int) -> list[str]:
    return [f"{number:03d}.wav" for number in range(first, last + 1)]


@pytest.fixture
def casia(tmp_path: Path) -> Path:
    fill(tmp_path / "casia", SEX, EMOTIONS, "201.wav", "202.WAV", *MESS)
    return tmp_path / "casia"


def row(frame: pd.DataFrame, utterance: str) -> dict[str, str]:
    return dict(frame.set_index("utterance").loc[utterance])


def test_folders_say_speaker_and_emotion(casia: Path) -> None:
    frame = read_corpus("casia", casia)
    assert len(frame) == 4 * 6 * 2
    assert row(frame, "ZhaoZuoxiang_sad_202") == {
        "path": str(casia / "ZhaoZuoxiang" / "sad" / "202.WAV"),
        "speaker": "ZhaoZuoxiang",
        "sex": "male",
        "session": "",
        "sentence": "202",
        "emotion": "sad",
        "language": "zh",
        "corpus": "casia",
    }


@pytest.mark.parametrize("name", ["new one.wav", "201 (1).wav", "٢٠١.wav", "201a.wav"])
def test_foreign_file_is_refused(casia: Path, name: str) -> None:
    (casia / "wangzhe" / "happy" / name).touch()
    with pytest.raises(SersnakeError, match=r"is not a CASIA file name.*rename it") as error:
        read_corpus("casia", casia)
    assert f"happy/{name}: is no" in str(error.value)


def test_renamed_folder_is_refused(casia: Path) -> None:
    (casia / "wangzhe" / "happy").rename(casia / "wangzhe" / "joy")
    with pytest.raises(SersnakeError, match=r"wangzhe/joy/201\.wav: is not a CASIA file name"):
        read_corpus("casia", casia)


def chinese(text: str) -> str:
    """The name that an archive of a Chinese Windows leaves on this disk."""
    return os.fsdecode(text.encode("gb18030"))


def test_chinese_names_beside_the_recordings_are_ignored(casia: Path) -> None:
    (casia / "wangzhe" / chinese("相同文本.txt")).touch()
    (casia / "wangzhe" / "sad" / chinese("说明.doc")).touch()
    (casia / chinese("标注")).mkdir()
    (casia / chinese("标注") / "201.lab").touch()
    assert len(read_corpus("casia", casia)) == 48


def test_foreign_recording_of_chinese_name_is_shown_readable(casia: Path) -> None:
    (casia / "wangzhe" / "sad" / chinese("试音.wav")).touch()
    with pytest.raises(SersnakeError, match=r"sad/试音\.wav: is not a CASIA file name") as error:
        read_corpus("casia", casia)
    assert str(error.value).encode()
    assert "\n" not in str(error.value)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """The edition of 9600: two folders, the second with other names for the same."""
    root = tmp_path / "casia"
    fill(root / "相同文本300", SEX, EMOTIONS, *numbers(201, 500))
    other = ["normal" if emotion == "neutral" else emotion for emotion in EMOTIONS]
    fill(root / "不同文本100", OTHER_SPELLING, other, *numbers(1, 100))
    return root


def test_large_edition_is_certified(large: Path) -> None:
    frame = read_corpus("casia", large)
    assert certify("casia", frame) == []
    assert certify("casia", frame, edition("9600")) == []
    assert set(frame["speaker"]) == set(SEX)
    assert frame["sentence"].nunique() == 400
    path = large / "不同文本100" / "Zhe.Wang" / "normal" / "007.wav"
    assert row(frame, "wangzhe_neutral_d007")["path"] == str(path)
    message = "; ".join(certify("casia", frame, edition("1200")))
    assert "9600 of 1200 utterances (edition of 1200)" in message
    assert "set corpus_options to the edition" in message


def test_recordings_below_a_folder_of_another_encoding_are_refused(large: Path) -> None:
    (large / "不同文本100").rename(large / chinese("不同文本100"))
    with pytest.raises(SersnakeError, match=r"casia/不同文本100/.*not UTF-8.*rename"):
        read_corpus("casia", large)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    fill(tmp_path / "casia" / "CASIA database", SEX, EMOTIONS, *numbers(201, 250))
    return tmp_path / "casia"


def test_small_edition_is_certified(small: Path) -> None:
    frame = read_corpus("casia", small)
    assert certify("casia", frame) == []
    assert certify("casia", frame, edition("1200")) == []
    assert frame["sentence"].nunique() == 50
    assert "1200 of 9600 utterances (edition of 9600)" in "; ".join(
        certify("casia", frame, edition("9600"))
    )


def test_missing_file_and_missing_folder_are_told_apart(small: Path) -> None:
    folder = small / "CASIA database" / "wangzhe"
    (folder / "sad" / "217.wav").unlink()
    message = "; ".join(certify("casia", read_corpus("casia", small)))
    assert "1199 of 1200 utterances (edition of 1200): wangzhe_sad_217 is missing (sad, " in message
    folder.rename(small.parent / "wangzhe")
    message = "; ".join(certify("casia", read_corpus("casia", small)))
    assert "0 of 300 of speaker wangzhe); a whole part (speaker wangzhe) was moved" in message
