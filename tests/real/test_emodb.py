"""EMODB as it is published, and with the faults that an unpacked copy can have."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake.corpora import certify, read_corpus
from sersnake.corpora.emodb import published_hashes
from sersnake.errors import SersnakeError
from sersnake.io.audio import read_audio

pytestmark = pytest.mark.real


def test_published_corpus_is_certified(emodb_dir: Path) -> None:
    frame = read_corpus("emodb", emodb_dir)
    assert certify("emodb", frame) == []
    assert frame["speaker"].nunique() == 10
    assert frame["sentence"].nunique() == 10
    assert dict(frame["sex"].value_counts()) == {"female": 302, "male": 233}
    infos = [soundfile.info(path) for path in frame["path"]]
    assert {(info.samplerate, info.channels) for info in infos} == {(16000, 1)}
    assert sum(info.duration for info in infos) == pytest.approx(1487.09, abs=0.01)


def test_published_hashes_are_those_of_the_files(emodb_dir: Path) -> None:
    actual = {
        f"wav/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (emodb_dir / "wav").glob("*.wav")
    }
    assert actual == published_hashes()


def test_signal_is_the_file_divided_by_32768(emodb_dir: Path) -> None:
    path = sorted((emodb_dir / "wav").glob("*.wav"))[0]
    samples, _ = soundfile.read(path, dtype="int16")
    assert np.array_equal(read_audio(path) * 32768, samples)


@pytest.fixture
def victim(emodb_dir: Path, tmp_path: Path) -> Path:
    """One recording to be spoilt, in a corpus of links to the real ones."""
    folder = tmp_path / "emodb" / "wav"
    folder.mkdir(parents=True)
    for path in (emodb_dir / "wav").glob("*.wav"):
        (folder / path.name).symlink_to(path)
    victim = folder / "03a01Wa.wav"
    victim.unlink()
    shutil.copy(emodb_dir / "wav" / victim.name, victim)
    return victim


def printed(victim: Path) -> str:
    return "; ".join(certify("emodb", read_corpus("emodb", victim.parent.parent)))


def test_removed_file_is_missed(victim: Path) -> None:
    victim.unlink()
    assert printed(victim) == (
        "534 of 535 utterances: 03a01Wa is missing (anger, speaker 03); it was deleted or not "
        "unpacked: unpack the corpus again"
    )


def test_file_renamed_within_the_scheme_is_named(victim: Path) -> None:
    victim.rename(victim.with_name("03a01Wx.wav"))
    assert printed(victim) == (
        "535 of 535 utterances: 03a01Wx is not of the published corpus and 03a01Wa is missing; "
        "it was probably renamed: give back its published name"
    )


def test_file_renamed_out_of_the_scheme_is_refused(victim: Path) -> None:
    victim.rename(victim.with_name("angry.wav"))
    with pytest.raises(SersnakeError, match=r"angry\.wav: is not an EMODB file name.*rename it"):
        printed(victim)


def test_truncated_file_is_named(victim: Path) -> None:
    victim.write_bytes(victim.read_bytes()[:-10000])
    assert printed(victim) == ""
    with pytest.raises(SersnakeError, match=r"03a01Wa\.wav: is cut off .* copy or unpack it again"):
        read_audio(victim)
