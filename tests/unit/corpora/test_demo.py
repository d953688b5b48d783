"""The synthetic demo corpus."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sersnake.corpora import certify, demo, espeak_worker, read_corpus
from sersnake.errors import SersnakeError
from sersnake.features.functionals import feature_names, functionals
from sersnake.io.audio import read_audio


def digest(paths: list[Path]) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def test_frame_is_known_before_the_files_are(tmp_path: Path) -> None:
    frame = read_corpus("demo", tmp_path)
    assert len(frame) == 96
    assert certify("demo", frame) == []
    assert demo.CORPUS.synthetic
    first = frame.iloc[0]
    assert first["utterance"] == "f1_angry_s01"
    assert first["path"] == str(tmp_path / "wav" / "f1_angry_s01.wav")
    assert first["sentence"] == "s01"
    assert dict(frame.groupby("sex")["speaker"].nunique()) == {"female": 4, "male": 4}
    assert not list(tmp_path.iterdir())


def test_files_are_those_of_the_frame(tmp_path: Path) -> None:
    frame = read_corpus("demo", tmp_path)
    paths = demo.synthesize_speaker("m2", tmp_path / "wav")
    assert {str(path) for path in paths} == set(frame[frame["speaker"] == "m2"]["path"])
    assert set((tmp_path / "wav").iterdir()) == set(paths)  # nothing temporary is left
    for path in paths:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16")
        assert 0.5 < info.duration < 2.5
        assert 0.1 < np.abs(read_audio(path)).max() < 1 - 2**-15  # audible, not clipped


def test_bytes_do_not_depend_on_what_was_spoken_before(tmp_path: Path) -> None:
    alone = demo.synthesize_speaker("f3", tmp_path / "alone")
    for speaker in ("m4", "f1"):
        demo.synthesize_speaker(speaker, tmp_path / "others")
    assert digest(demo.synthesize_speaker("f3", tmp_path / "after")) == digest(alone)
    assert len(set(digest(alone))) == 12


def test_emotions_differ_by_prosody(tmp_path: Path) -> None:
    paths = demo.synthesize_speaker("f2", tmp_path)
    loudness = feature_names().index("pcm_RMSenergy_sma_amean")
    pitch = feature_names().index("F0_sma_max")
    values = {
        emotion: np.median(
            [functionals(read_audio(path)) for path in paths if emotion in path.name], axis=0
        )
        for emotion in demo.EMOTIONS
    }
    seconds = {
        emotion: np.mean([soundfile.info(p).duration for p in paths if emotion in p.name])
        for emotion in demo.EMOTIONS
    }
    assert values["angry"][loudness] > 1.2 * values["sad"][loudness]
    assert values["happy"][pitch] > 1.1 * values["neutral"][pitch] > values["sad"][pitch]
    assert seconds["sad"] > 1.2 * seconds["angry"]


def test_speakers_have_voices_of_their_own(tmp_path: Path) -> None:
    first = [demo.synthesize_speaker(speaker, tmp_path)[0] for speaker in ("f1", "f2", "m1", "m2")]
    assert len(set(digest(first))) == 4


def test_unknown_speaker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SersnakeError, match="'f9' is not one of f1, f2"):
        demo.synthesize_speaker("f9", tmp_path)


def test_failure_of_espeak_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import espeakng_loader

    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path / "espeak-ng-data"))
    with pytest.raises(SersnakeError, match=r"cannot read its data.*pip install .*espeakng-loader"):
        demo.synthesize_speaker("f1", tmp_path)
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "no.so"))
    with pytest.raises(SersnakeError, match=r"no\.so.*pip install .*espeakng-loader"):
        demo.synthesize_speaker("f1", tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SersnakeError, match="not installed: pip install espeakng-loader"):
        demo.synthesize_speaker("f1", tmp_path)
    assert not list(tmp_path.iterdir())


def test_installation_under_a_long_path_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ESpeak cuts the path of its data after 160 characters."""
    import espeakng_loader

    folder = tmp_path.joinpath(*["deep" * 10] * 5)
    folder.mkdir(parents=True)
    data = folder / espeak_worker.DATA.decode()
    data.symlink_to(espeakng_loader.get_data_path())
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(data))
    assert len(demo.synthesize_speaker("m1", tmp_path / "wav")) == 12
