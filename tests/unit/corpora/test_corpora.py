"""What all corpora have in common: names, options, missing folders, names of files on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from sersnake.corpora import CORPORA, certify, emotion_order, get_corpus, read_corpus
from sersnake.corpora.tree import path_text, readable, wav_tree
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings

PUBLISHED = ("emodb", "casia", "iemocap", "ravdess", "emovo")


def test_unknown_corpus_names_the_known() -> None:
    with pytest.raises(SersnakeError, match="'emodbb' is not one of demo, emodb, casia, iemocap"):
        read_corpus("emodbb", Path())


@pytest.mark.parametrize("name", PUBLISHED)
def test_missing_folder_is_named_with_the_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(SersnakeError, match="no such folder") as error:
        read_corpus(name, tmp_path / name)
    assert str(tmp_path / name) in str(error.value)
    assert "corpora_dir" in str(error.value)
    assert "SERSNAKE_CORPORA" in str(error.value)


@pytest.mark.parametrize("name", ["casia", "ravdess", "emovo"])
def test_empty_folder_is_no_corpus(tmp_path: Path, name: str) -> None:
    with pytest.raises(SersnakeError, match=f"no utterance.*{name}/"):
        certify(name, read_corpus(name, tmp_path))


@pytest.mark.parametrize(
    ("name", "option", "known"),
    [
        ("casia", "edition", "auto, 1200, 9600"),
        ("iemocap", "style", "improvised, scripted, both"),
        ("ravdess", "channel", "speech, song, both"),
    ],
)
def test_wrong_option_is_refused(tmp_path: Path, name: str, option: str, known: str) -> None:
    options = {**get_corpus(name).options, option: "all"}
    with pytest.raises(SersnakeError, match=f"{option}: 'all' is not one of {known}$"):
        get_corpus(name).certificate(options, get_corpus(name).emotions)
    with pytest.raises(SersnakeError, match=f"mood is not an option of {name}; it has "):
        read_corpus(name, tmp_path, CorpusSettings(corpus_options={"mood": "good"}))


@pytest.mark.parametrize("name", ["iemocap", "ravdess"])
def test_wrong_option_is_refused_when_variant(tmp_path: Path, name: str) -> None:
    options = dict.fromkeys(get_corpus(name).options, "all")
    with pytest.raises(SersnakeError, match="'all' is not one of"):
        read_corpus(name, tmp_path, CorpusSettings(corpus_options=options))


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_corpus_says_where_to_get_it(name: str) -> None:
    corpus = CORPORA[name]
    assert "http" in corpus.source
    assert corpus.layout.startswith(f"{name}/")


def test_classes_of_a_corpus_stand_in_its_order() -> None:
    manifest = pd.DataFrame({"emotion": ["surprise", "joy", "disgust"], "corpus": "emovo"})
    assert emotion_order(manifest) == ("disgust", "joy", "surprise")


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_recordings_are_found_below_a_folder(tmp_path: Path) -> None:
    touch(tmp_path / "corpus" / "b", "2.WAV", "._2.wav", "2.lab", "_desktop.ini", ".DS_Store")
    touch(tmp_path / "corpus" / "a" / "a" / "a" / "a", "1.wav")
    touch(tmp_path / "corpus" / "a" / "a" / "a" / "a" / "too deep", "3.wav")
    touch(tmp_path / "elsewhere", "4.wav")
    (tmp_path / "corpus" / "c").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop").symlink_to(tmp_path / "corpus")
    names = [str(path.relative_to(tmp_path / "corpus")) for path in wav_tree(tmp_path / "corpus")]
    assert {"a/a/a/a/1.wav", "b/2.WAV", "c/4.wav"} <= set(names)
    assert not any("deep" in name or "._" in name for name in names)
    assert names == sorted(names)


def test_names_of_old_chinese_systems_are_readable() -> None:
    name = os.fsdecode("说明".encode("gb18030"))
    path = Path("/data/Körper") / name / "a\nb.wav"
    assert readable(path) == "/data/Körper/说明/a\\nb.wav"
    assert readable(Path("data") / "201.wav") == "data/201.wav"
    readable(Path(os.fsdecode(b"\xff\xff\x80"))).encode()
    with pytest.raises(SersnakeError, match=r"^/data/Körper/说明/.*is not UTF-8") as error:
        path_text(path)
    str(error.value).encode()
    assert path_text(Path("/data/Körper")) == "/data/Körper"
