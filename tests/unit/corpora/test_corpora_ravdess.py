"""RAVDESS by its seven-part names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sersnake.corpora import certify, get_corpus, read_corpus
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings

NAMES = (
    "03-01-06-01-02-01-12.wav",
    "03-01-01-01-01-02-12.WAV",
    "01-01-06-01-02-01-12.wav",  # the sound track of a video
    "02-01-06-01-02-01-12.mp4",
    "03-02-05-02-01-01-12.wav",  # song
    "._03-01-06-01-02-01-12.wav",
    "_desktop.ini",
)


@pytest.fixture
def ravdess(tmp_path: Path) -> Path:
    folder = tmp_path / "ravdess" / "Audio_Speech_Actors_01-24" / "Actor_12"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).touch()
    return tmp_path / "ravdess"


def test_names_say_everything(ravdess: Path) -> None:
    frame = read_corpus("ravdess", ravdess)
    assert list(frame["utterance"]) == ["03-01-01-01-01-02-12", "03-01-06-01-02-01-12"]
    path = ravdess / "Audio_Speech_Actors_01-24" / "Actor_12" / NAMES[0]
    assert dict(frame.iloc[1]) == {
        "utterance": "03-01-06-01-02-01-12",
        "path": str(path),
        "speaker": "12",
        "sex": "female",
        "session": "",
        "sentence": "02",
        "emotion": "fearful",
        "language": "en",
        "corpus": "ravdess",
    }
    assert frame["emotion"][0] == "neutral"


@pytest.mark.parametrize(("channel", "count"), [("speech", 2), ("song", 1), ("both", 3)])
def test_channel_is_chosen(ravdess: Path, channel: str, count: int) -> None:
    assert (
        len(read_corpus("ravdess", ravdess, CorpusSettings(corpus_options={"channel": channel})))
        == count
    )


def test_odd_actors_are_male(ravdess: Path) -> None:
    (ravdess / "Actor_07").mkdir()
    (ravdess / "Actor_07" / "03-01-02-01-01-01-07.wav").touch()
    frame = read_corpus("ravdess", ravdess).set_index("speaker")
    assert frame.loc["07", "sex"] == "male"


@pytest.mark.parametrize(
    "name",
    ["03-01-06-01-02-01-25", "03-01-09-01-02-01-12", "03-01-06-01-02-12", "03-01-06-01-02-01-12 2"],
)
def test_foreign_file_is_refused(ravdess: Path, name: str) -> None:
    (ravdess / f"{name}.wav").touch()
    with pytest.raises(SersnakeError, match=f"{name}.wav: is not a RAVDESS file name"):
        read_corpus("ravdess", ravdess)


def test_second_copy_of_the_archive_is_refused(ravdess: Path) -> None:
    (ravdess / "Actor_12").mkdir()
    (ravdess / "Actor_12" / NAMES[0]).touch()
    with pytest.raises(SersnakeError, match=r"Actor_12/.*Actor_12/.*name the same utterance"):
        read_corpus("ravdess", ravdess)


def published(channel: str) -> pd.DataFrame:
    corpus = get_corpus("ravdess")
    certificate = corpus.certificate({"channel": channel}, corpus.emotions)
    assert certificate is not None
    return pd.DataFrame({"utterance": sorted(certificate.names)})


def test_published_names_count_as_published(tmp_path: Path) -> None:
    for utterance in published("both")["utterance"]:
        folder = tmp_path / f"Actor_{utterance[-2:]}"
        folder.mkdir(exist_ok=True)
        (folder / f"{utterance}.wav").touch()
    speech = read_corpus("ravdess", tmp_path)
    assert certify("ravdess", speech) == []
    assert set(speech["speaker"].value_counts()) == {60}
    assert dict(speech["emotion"].value_counts()) == {
        **dict.fromkeys(("calm", "happy", "sad", "angry", "fearful"), 192),
        **{"disgust": 192, "surprised": 192, "neutral": 96},
    }
    song = read_corpus("ravdess", tmp_path, CorpusSettings(corpus_options={"channel": "song"}))
    assert certify("ravdess", song, CorpusSettings(corpus_options={"channel": "song"})) == []
    assert dict(song["emotion"].value_counts()) == {
        **dict.fromkeys(("calm", "happy", "sad", "angry", "fearful"), 184),
        "neutral": 92,
    }
    assert "18" not in set(song["speaker"])
    (tmp_path / "Actor_03" / "03-01-05-02-01-01-03.wav").unlink()
    message = "; ".join(certify("ravdess", read_corpus("ravdess", tmp_path)))
    assert message.startswith(
        "1439 of 1440 utterances (speech): 03-01-05-02-01-01-03 is missing (angry, speaker 03); "
    )
