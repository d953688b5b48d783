"""Readers of corpora on small trees with the traps of the real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from sersnake.corpora import COLUMNS, CORPORA, check_counts, get_corpus
from sersnake.corpora.casia import EMOTIONS as CASIA_EMOTIONS
from sersnake.corpora.casia import SEX as CASIA_SPEAKERS
from sersnake.corpora.manifest import MANIFEST_COLUMNS, make_manifest
from sersnake.errors import SersnakeError


def row(frame: pd.DataFrame, utterance: str) -> dict[str, str]:
    return dict(frame.set_index("utterance").loc[utterance])


def test_unknown_corpus_names_the_known() -> None:
    with pytest.raises(SersnakeError, match="'emodbb' is none of demo, emodb, casia, iemocap"):
        get_corpus("emodbb")


@pytest.mark.parametrize("name", ["emodb", "casia", "iemocap"])
def test_missing_folder_is_named_with_the_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(SersnakeError, match="no such folder") as error:
        get_corpus(name).read(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)
    assert "corpora_dir" in str(error.value)
    assert "SERSNAKE_CORPORA" in str(error.value)


@pytest.fixture
def emodb(tmp_path: Path) -> Path:
    folder = tmp_path / "emodb" / "wav"
    folder.mkdir(parents=True)
    for name in ("16b10Tb.wav", "03a01Fa.wav", "08a02Wc.WAV", "._03a01Fa.wav", "_desktop.ini"):
        (folder / name).touch()
    (folder / "03a01Fa.lab").touch()
    return folder.parent


def test_emodb_names(emodb: Path) -> None:
    frame = get_corpus("emodb").read(emodb)
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


@pytest.mark.parametrize("name", ["03a01Xa.wav", "04a01Fa.wav", "03a03Fa.wav", "Kopie von 03.wav"])
def test_emodb_name_of_another_scheme_is_refused(emodb: Path, name: str) -> None:
    (emodb / "wav" / name).touch()
    with pytest.raises(SersnakeError, match=f"{name}: is no EMODB file name.*03a01Fa.wav"):
        get_corpus("emodb").read(emodb)


def test_same_utterance_twice_is_refused(emodb: Path) -> None:
    (emodb / "wav" / "03a01Fa.WAV").touch()
    if len(list((emodb / "wav").glob("03a01Fa.[wW]*"))) < 2:
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(SersnakeError, match=r"03a01Fa.* name the same utterance"):
        get_corpus("emodb").read(emodb)


def counted(corpus: str, counts: dict[str, int]) -> pd.DataFrame:
    emotions = [emotion for emotion, count in counts.items() for _ in range(count)]
    return pd.DataFrame({"emotion": emotions})


def test_counts_say_what_is_missing_or_too_many() -> None:
    corpus = get_corpus("emodb")
    assert corpus.expected is not None
    published = dict(corpus.expected)
    check_counts(corpus, counted("emodb", published))
    wrong = published | {"anger": 126, "fear": 70}
    with pytest.raises(SersnakeError, match="535 expected: anger 126 of 127, fear 70 of 69; "):
        check_counts(corpus, counted("emodb", wrong))
    with pytest.raises(SersnakeError, match="emodb: 0 utterances, 535 expected"):
        check_counts(corpus, counted("emodb", {}))


def test_published_counts_add_up() -> None:
    totals = {name: sum((c.expected or {}).values()) for name, c in CORPORA.items()}
    assert totals == {"demo": 256, "emodb": 535, "casia": 0, "iemocap": 2280}
    for corpus in CORPORA.values():
        assert set(corpus.expected or corpus.emotions) == set(corpus.emotions)


@pytest.fixture
def casia(tmp_path: Path) -> Path:
    for speaker in CASIA_SPEAKERS:
        for emotion in CASIA_EMOTIONS:
            folder = tmp_path / "casia" / speaker / emotion
            folder.mkdir(parents=True)
            for name in ("201.wav", "202.WAV", "._201.wav", "_desktop.ini", "201.lab"):
                (folder / name).touch()
    return tmp_path / "casia"


def test_casia_tree(casia: Path) -> None:
    frame = get_corpus("casia").read(casia)
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
    check_counts(get_corpus("casia"), frame)
    with pytest.raises(SersnakeError, match="no utterance of fear"):
        check_counts(get_corpus("casia"), frame[frame["emotion"] != "fear"])


def test_casia_missing_folder_and_foreign_file_are_refused(casia: Path) -> None:
    folder = casia / "wangzhe" / "happy"
    (folder / "new one.wav").touch()
    with pytest.raises(SersnakeError, match=r"new one\.wav: is no CASIA file name"):
        get_corpus("casia").read(casia)
    folder.rename(casia / "wangzhe" / "joy")
    with pytest.raises(SersnakeError, match="happy: no such folder"):
        get_corpus("casia").read(casia)


HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"


def turn(name: str, label: str, *annotators: str) -> str:
    lines = [f"[6.2901 - 8.2357]\t{name}\t{label}\t[2.5000, 2.5000, 2.5000]", *annotators]
    return "\n".join(lines) + "\n\n"


@pytest.fixture
def iemocap(tmp_path: Path) -> Path:
    """Five sessions, with one label file of improvised and one of scripted speech each."""
    root = tmp_path / "iemocap"
    for session in range(1, 6):
        folder = root / f"Session{session}" / "dialog" / "EmoEvaluation"
        (folder / "Self-evaluation").mkdir(parents=True)
        dialog = f"Ses0{session}F_impro05a"
        blocks = [
            turn(f"{dialog}_F000", "neu", "C-E1:\tNeutral;\t()", "A-E4:\tval 3; act 2;\t()"),
            turn(
                f"{dialog}_M000",
                "ang",
                "C-E1:\tAnger; Frustration;\t(on the other side, ang\tsad)",
                "C-E2:\tAnger;\t()",
                "C-F1:\tExcited;\t()",
                "A-F1:\tval 4; act 3; dom  3;\t()",
            ),
            turn(f"{dialog}_M001", "xxx", "C-E3:\tOther;\t(caf\xe9)"),
            turn(f"{dialog}_F001", "exc", "C-E1:\tHappiness;\t()"),
            turn(f"{dialog}_F002", "hap"),
            turn(f"{dialog}_FXX0", "sad"),
        ]
        (folder / f"{dialog}.txt").write_bytes((HEADER + "".join(blocks)).encode("latin-1"))
        script = f"Ses0{session}M_script01_1b"
        (folder / f"{script}.txt").write_text(HEADER + turn(f"{script}_F000", "ang"))
        (folder / f"._{dialog}.txt").write_bytes(b"\x00\x05\x16\x07")
        (folder / "Self-evaluation" / f"{dialog}_f.txt").write_text(turn(f"{dialog}_F009", "ang"))
    return root


def test_iemocap_improvised_turns(iemocap: Path) -> None:
    frame = get_corpus("iemocap").read(iemocap)
    assert list(frame["utterance"][:4]) == [
        "Ses01F_impro05a_F000",
        "Ses01F_impro05a_F002",
        "Ses01F_impro05a_FXX0",
        "Ses01F_impro05a_M000",
    ]
    assert len(frame) == 5 * 4
    # The markers are on the woman, the man is speaking.
    assert row(frame, "Ses02F_impro05a_M000") == {
        "path": str(iemocap / "Session2/sentences/wav/Ses02F_impro05a/Ses02F_impro05a_M000.wav"),
        "speaker": "2M",
        "sex": "male",
        "session": "2",
        "sentence": "impro05",
        "emotion": "angry",
        "language": "en",
        "corpus": "iemocap",
    }
    assert frame["speaker"].nunique() == 10


def test_iemocap_session_without_labels_is_refused(iemocap: Path) -> None:
    (iemocap / "Session4").rename(iemocap / "Session 4")
    with pytest.raises(SersnakeError, match=r"Session4/dialog/EmoEvaluation: holds no Ses.*txt"):
        get_corpus("iemocap").read(iemocap)


def fill(frame: pd.DataFrame) -> None:
    for path in frame["path"]:
        soundfile.write(path, np.zeros((8000, 2)), 8000, format="WAV")


def test_manifest_describes_each_recording(emodb: Path) -> None:
    corpus = get_corpus("emodb")
    frame = corpus.read(emodb)
    fill(frame)
    manifest = make_manifest(corpus, frame)
    assert tuple(manifest.columns) == MANIFEST_COLUMNS
    assert list(manifest["duration"]) == [1.0, 1.0, 1.0]
    assert set(manifest["sample_rate"]) == {8000}
    assert set(manifest["channels"]) == {2}
    assert set(manifest["synthetic"]) == {"false"}


def test_manifest_names_all_bad_recordings_at_once(emodb: Path) -> None:
    corpus = get_corpus("emodb")
    frame = corpus.read(emodb)
    fill(frame)
    (emodb / "wav" / "03a01Fa.wav").unlink()
    (emodb / "wav" / "16b10Tb.wav").write_text("text")
    with pytest.raises(SersnakeError, match="2 of 3 recordings") as error:
        make_manifest(corpus, frame)
    assert "03a01Fa.wav: cannot be read (No such file" in str(error.value)
    assert "16b10Tb.wav: is not audio" in str(error.value)
    assert "\n" not in str(error.value)


def test_manifest_names_ten_of_many(tmp_path: Path) -> None:
    corpus = get_corpus("demo")
    with pytest.raises(SersnakeError, match=r"256 of 256 .*; and 246 more$") as error:
        make_manifest(corpus, corpus.read(tmp_path))
    assert str(error.value).count("No such file") == 10
