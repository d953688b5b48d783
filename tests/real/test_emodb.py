"""EMODB as it is published."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake.audio import read_audio
from sersnake.corpora import check_counts, get_corpus
from sersnake.corpora.manifest import make_manifest
from sersnake.errors import SersnakeError

pytestmark = pytest.mark.real


def test_published_corpus_is_complete(emodb_dir: Path) -> None:
    corpus = get_corpus("emodb")
    frame = corpus.read(emodb_dir)
    check_counts(corpus, frame)
    assert frame["speaker"].nunique() == 10
    assert frame["sentence"].nunique() == 10
    assert dict(frame["sex"].value_counts()) == {"female": 302, "male": 233}
    manifest = make_manifest(corpus, frame)
    assert set(manifest["sample_rate"]) == {16000}
    assert set(manifest["channels"]) == {1}
    assert manifest["duration"].sum() == pytest.approx(1487.09, abs=0.01)


def test_signal_is_the_file_divided_by_32768(emodb_dir: Path) -> None:
    path = sorted((emodb_dir / "wav").glob("*.wav"))[0]
    samples, _ = soundfile.read(path, dtype="int16")
    assert np.array_equal(read_audio(path) * 32768, samples)


@pytest.fixture
def copy(emodb_dir: Path, tmp_path: Path) -> Path:
    """The corpus as links, with one recording to be spoilt."""
    folder = tmp_path / "emodb" / "wav"
    folder.mkdir(parents=True)
    for path in (emodb_dir / "wav").glob("*.wav"):
        (folder / path.name).symlink_to(path)
    victim = folder / "03a01Wa.wav"
    victim.unlink()
    shutil.copy(emodb_dir / "wav" / victim.name, victim)
    return folder


def test_removed_file_is_missed(copy: Path) -> None:
    (copy / "03a01Wa.wav").unlink()
    corpus = get_corpus("emodb")
    with pytest.raises(SersnakeError, match="534 utterances, 535 expected: anger 126 of 127;"):
        check_counts(corpus, corpus.read(copy.parent))


def test_renamed_file_is_named(copy: Path) -> None:
    (copy / "03a01Wa.wav").rename(copy / "angry.wav")
    with pytest.raises(SersnakeError, match=r"angry\.wav: is no EMODB file name"):
        get_corpus("emodb").read(copy.parent)


def test_truncated_file_is_named(copy: Path) -> None:
    victim = copy / "03a01Wa.wav"
    victim.write_bytes(victim.read_bytes()[:-10000])
    corpus = get_corpus("emodb")
    with pytest.raises(SersnakeError, match=r"1 of 535 .*03a01Wa\.wav: is cut off"):
        make_manifest(corpus, corpus.read(copy.parent))
