"""EMOVO by its file names."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from sersnake.corpora import certify, read_corpus
from sersnake.errors import SersnakeError

EMOTIONS = ["dis", "gio", "pau", "rab", "sor", "tri", "neu"]
SENTENCES = ["b1", "b2", "b3", "l1", "l2", "l3", "l4", "n1", "n2", "n3", "n4", "n5", "d1", "d2"]


@pytest.fixture
def emovo(tmp_path: Path) -> Path:
    """The published corpus, in the folder of its archive, as empty files."""
    root = tmp_path / "emovo"
    for actor in ("f1", "f2", "f3", "m1", "m2", "m3"):
        folder = root / "EMOVO" / actor
        folder.mkdir(parents=True)
        for emotion, sentence in product(
            ["dis", "gio", "pau", "rab", "sor", "tri", "neu"], SENTENCES
        ):
            (folder / f"{emotion}-{actor}-{sentence}.wav").touch()
        (folder / f"._dis-{actor}-b1.wav").touch()
    (root / "EMOVO" / "Documents").mkdir()
    (root / "EMOVO" / "Documents" / "LA STRUTTURA DI EMOVO.pdf").touch()
    return root


def test_whole_corpus_is_certified(emovo: Path) -> None:
    frame = read_corpus("emovo", emovo)
    assert certify("emovo", frame) == []
    assert len(frame) == 588
    assert set(frame["speaker"].value_counts()) == {98}
    assert set(frame["emotion"].value_counts()) == {84}
    assert dict(frame.set_index("utterance").loc["gio-f2-n5"]) == {
        "path": str(emovo / "EMOVO" / "f2" / "gio-f2-n5.wav"),
        "speaker": "f2",
        "sex": "female",
        "session": "",
        "sentence": "n5",
        "emotion": "joy",
        "language": "it",
        "corpus": "emovo",
    }


def test_missing_actor_is_a_whole_part(emovo: Path) -> None:
    (emovo / "EMOVO" / "m2").rename(emovo.parent / "m2")
    message = "; ".join(certify("emovo", read_corpus("emovo", emovo)))
    assert "490 of 588 utterances" in message
    assert "a whole part (speaker m2) was moved, renamed or not unpacked" in message


@pytest.mark.parametrize("name", ["dis-f1-b4.wav", "dis-f4-b1.wav", "fel-f1-b1.wav", "f1.wav"])
def test_foreign_file_is_refused(emovo: Path, name: str) -> None:
    (emovo / "EMOVO" / "f1" / name).touch()
    with pytest.raises(SersnakeError, match=f"{name}: is not an EMOVO file name.*dis-f1-b1.wav"):
        read_corpus("emovo", emovo)
