"""EMODB on a small folder with the traps of the real one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sersnake.corpora import COLUMNS, certify, read_corpus
from sersnake.corpora.emodb import published_hashes
from sersnake.errors import SersnakeError


@pytest.fixture
def emodb(tmp_path: Path) -> Path:
    folder = tmp_path / "emodb" / "wav"
    folder.mkdir(parents=True)
    for name in ("16b10Tb.wav", "03a01Fa.wav", "08a02Wc.WAV", "._03a01Fa.wav", "_desktop.ini"):
        (folder / name).touch()
    (folder / "03a01Fa.lab").touch()
    (folder.parent / "labsilb").mkdir()
    (folder.parent / "labsilb" / "03a01Fa.labsilb").touch()
    return folder.parent


def row(frame: pd.DataFrame, utterance: str) -> dict[str, str]:
    return dict(frame.set_index("utterance").loc[utterance])


def test_names_say_everything(emodb: Path) -> None:
    frame = read_corpus("emodb", emodb)
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["utterance"]) == ["03a01Fa", "08a02Wc", "16b10Tb"]
    assert row(frame, "08a02Wc") == {
        "path": str(emodb / "wav" / "08a02Wc.WAV"),
        "speaker": "08",
        "sex": "female",
        "session": "",
        "sentence": "a02",
        "emotion": "anger",
        "language": "de",
        "corpus": "emodb",
    }
    assert row(frame, "03a01Fa")["sex"] == "male"


@pytest.mark.parametrize(
    "name", ["03a01Xa.wav", "04a01Fa.wav", "03a03Fa.wav", "Kopie von 03.wav", "03a01Fa.wav.wav"]
)
def test_name_of_another_scheme_is_refused(emodb: Path, name: str) -> None:
    (emodb / "wav" / name).touch()
    with pytest.raises(SersnakeError, match=f"{name}: is not an EMODB file name.*03a01Fa.wav"):
        read_corpus("emodb", emodb)


def test_same_utterance_twice_is_refused(emodb: Path) -> None:
    (emodb / "wav" / "03a01Fa.WAV").touch()
    if len(list((emodb / "wav").glob("03a01Fa.[wW]*"))) < 2:
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(SersnakeError, match=r"03a01Fa.* name the same utterance"):
        read_corpus("emodb", emodb)


def test_published_list_is_the_published_corpus() -> None:
    hashes = published_hashes()
    assert len(hashes) == 535
    assert all(len(digest) == 64 for digest in hashes.values())
    assert len(set(hashes.values())) == 535
    assert {"wav/03a01Fa.wav", "wav/16b10Wb.wav"} <= set(hashes)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    (tmp_path / "emodb" / "wav").mkdir(parents=True)
    for path in published_hashes():
        (tmp_path / "emodb" / path).touch()
    return tmp_path / "emodb"


def test_whole_corpus_is_certified(whole: Path) -> None:
    frame = read_corpus("emodb", whole)
    assert certify("emodb", frame) == []
    # Burkhardt et al. 2005, as counted in many papers since.
    assert dict(frame["emotion"].value_counts()) == {
        **{"anger": 127, "boredom": 81, "neutral": 79, "happiness": 71},
        **{"fear": 69, "sadness": 62, "disgust": 46},
    }


def test_removed_and_renamed_files_are_told_apart(whole: Path) -> None:
    victim = whole / "wav" / "03a01Wa.wav"
    victim.rename(whole / "wav" / "03a01Wx.wav")
    renamed = "; ".join(certify("emodb", read_corpus("emodb", whole)))
    (whole / "wav" / "03a01Wx.wav").unlink()
    removed = "; ".join(certify("emodb", read_corpus("emodb", whole)))
    assert "03a01Wx is not of the published corpus and 03a01Wa is missing" in renamed
    assert "renamed" in renamed
    assert "03a01Wa is missing (anger, speaker 03); it was deleted or not unpacked" in removed
