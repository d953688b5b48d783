"""IEMOCAP on label files in the published layout, with the traps of the real ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from sersnake.corpora import certify, get_corpus, read_corpus
from sersnake.corpora.iemocap import COUNTS, FOUR
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings, Labels

HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
SESSIONS = range(1, 6)


def turn(name: str, label: str, *annotators: str) -> str:
    lines = [f"[6.2901 - 8.2357]\t{name}\t{label}\t[2.5000, 2.5000, 3.0000]", *annotators]
    return "\n".join(lines) + "\n\n"


def write_dialogue(root: Path, dialogue: str, blocks: Sequence[str]) -> Path:
    folder = root / f"Session{dialogue[4]}" / "dialog" / "EmoEvaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{dialogue}.txt").write_bytes((HEADER + "".join(blocks)).encode("latin-1"))
    return folder


def improvised(dialogue: str) -> list[str]:
    """Blocks of two to eight lines, as three to four people and the actor judged the turns."""
    return [
        turn(f"{dialogue}_F000", "neu", "C-E1:\tNeutral;\t()", "A-E4:\tval 3; act 2;\t()"),
        turn(
            f"{dialogue}_M000",
            "ang",
            "C-E1:\tAnger; Frustration;\t(on the other side, ang\tsad)",
            "C-E2:\tAnger;\t(Ses01F_impro05a_F000 hap [2.5, 2.5, 2.5])",
            "C-F1:\tExcited; Happiness; Other;\t(d\xe9j\xe0 vu\x85[sad])",
            "C-M1:\tAnger;\t()",
            "A-E1:\tval 2; act  4; dom  4;\t()",
            "A-F1:\tval 4; act 3; dom  3;\t()",
            "A-M1:\tval 1; act 4; dom  ;\t()",
        ),
        turn(f"{dialogue}_M001", "xxx", "C-E3:\tOther;\t(caf\xe9)", "C-E1:\tSadness;\t()"),
        turn(f"{dialogue}_F001", "exc", "C-E1:\tHappiness;\t()"),
        turn(f"{dialogue}_F002", "hap"),
        turn(f"{dialogue}_FXX0", "sad", "C-E1:\tSadness;\t(anger)"),
        *(turn(f"{dialogue}_M1{i:02d}", label) for i, label in enumerate(("oth", "dis", "fru"))),
        *(turn(f"{dialogue}_F1{i:02d}", label) for i, label in enumerate(("fea", "sur"))),
    ]


@pytest.fixture
def iemocap(tmp_path: Path) -> Path:
    """In each session an improvised dialogue and three scripted ones, and what lies beside."""
    root = tmp_path / "iemocap"
    for number in SESSIONS:
        # The markers are on the woman in the one and on the man in the others.
        dialogue = f"Ses0{number}F_impro05a"
        folder = write_dialogue(root, dialogue, improvised(dialogue))
        for scene in ("script01_1", "script01_1b", "script03_2"):
            script = f"Ses0{number}M_{scene}"
            write_dialogue(
                root, script, [turn(f"{script}_F000", "ang"), turn(f"{script}_M000", "exc")]
            )
        (folder / f"._{dialogue}.txt").write_bytes(b"\x00\x05\x16\x07")
        for below, name in (
            ("Self-evaluation", f"{dialogue}_f.txt"),
            ("Categorical", f"{dialogue}_e1_cat.txt"),
            ("Attribute", f"{dialogue}_e2_atr.txt"),
        ):
            (folder / below).mkdir(exist_ok=True)
            (folder / below / name).write_text(turn(f"{dialogue}_F009", "ang"))
    return root


def row(frame: pd.DataFrame, utterance: str) -> dict[str, str]:
    return dict(frame.set_index("utterance").loc[utterance])


USUAL = Labels()
EXCITED = Labels(merge={"excited": "happy"})


def settings(labels: Labels = USUAL, **options: str) -> CorpusSettings:
    return CorpusSettings(corpus_options=options, labels=labels)


def read(root: Path, labels: Labels = USUAL, **options: str) -> pd.DataFrame:
    return read_corpus("iemocap", root, settings(labels, **options))


def test_improvised_turns_of_four_classes(iemocap: Path) -> None:
    frame = read(iemocap)
    assert list(frame["utterance"][:4]) == [
        "Ses01F_impro05a_F000",
        "Ses01F_impro05a_F002",
        "Ses01F_impro05a_FXX0",
        "Ses01F_impro05a_M000",
    ]
    assert len(frame) == 5 * 4
    assert frame["speaker"].nunique() == 10


def test_speaker_is_the_letter_of_the_last_token(iemocap: Path) -> None:
    frame = read(iemocap)
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
    assert row(frame, "Ses02F_impro05a_FXX0")["speaker"] == "2F"


def test_scripted_turns_of_a_scene_are_one_sentence(iemocap: Path) -> None:
    frame = read(iemocap, EXCITED, style="scripted")
    assert len(frame) == 5 * 3 * 2
    assert row(frame, "Ses05M_script01_1b_F000") == {
        "path": str(
            iemocap / "Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_F000.wav"
        ),
        "speaker": "5F",
        "sex": "female",
        "session": "5",
        "sentence": "script01_1",
        "emotion": "angry",
        "language": "en",
        "corpus": "iemocap",
    }
    assert set(frame["sentence"]) == {"script01_1", "script03_2"}
    assert frame.groupby("sentence")["session"].nunique().to_list() == [5, 5]


@pytest.mark.parametrize(
    ("style", "labels", "happy", "rest"),
    [
        ("improvised", USUAL, 5, 15),
        ("improvised", EXCITED, 10, 15),
        ("scripted", USUAL, 0, 15),
        ("both", USUAL, 5, 30),
        ("both", EXCITED, 25, 30),
    ],
)
def test_styles_and_merged_labels(
    iemocap: Path, style: str, labels: Labels, happy: int, rest: int
) -> None:
    emotions = read(iemocap, labels, style=style)["emotion"]
    assert (emotions == "happy").sum() == happy
    assert (emotions != "happy").sum() == rest
    assert set(emotions) <= set(FOUR)


def test_any_emotion_can_be_kept_and_the_usual_four_follow_a_new_name(iemocap: Path) -> None:
    kept = read(iemocap, Labels(keep=("angry", "frustrated", "excited")))["emotion"]
    assert kept.value_counts().to_dict() == {"angry": 5, "frustrated": 5, "excited": 5}
    merged = read(iemocap, Labels(merge={"happy": "positive", "excited": "positive"}))["emotion"]
    assert merged.value_counts().to_dict() == {"positive": 10, "angry": 5, "neutral": 5, "sad": 5}


def test_folder_of_the_archive_is_found(iemocap: Path) -> None:
    (iemocap.parent / "root").mkdir()
    iemocap.rename(iemocap.parent / "root" / "IEMOCAP_full_release")
    assert len(read(iemocap.parent / "root")) == 20


def test_windows_line_ends_change_nothing(iemocap: Path) -> None:
    before = read(iemocap)
    for file in iemocap.glob("Session?/dialog/EmoEvaluation/Ses*.txt"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert before.equals(read(iemocap))


def label_file(root: Path, dialogue: str = "Ses03F_impro05a") -> Path:
    return root / "Session3" / "dialog" / "EmoEvaluation" / f"{dialogue}.txt"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\tneu\t", " neu "),
        ("[6.2901 - 8.2357]\tSes03F_impro05a_M000", "6.2901 - 8.2357]\tSes03F_impro05a_M000"),
        ("\thap\t[2.5000, 2.5000, 3.0000]", "\thap"),
        ("\tsad\t", "\t\t"),
    ],
)
def test_damaged_summary_is_refused_with_its_line(iemocap: Path, old: str, new: str) -> None:
    file = label_file(iemocap)
    text = file.read_text(encoding="latin-1")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="latin-1")
    with pytest.raises(SersnakeError, match=r"Ses03F_impro05a\.txt: line \d+ is damaged") as error:
        read(iemocap)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["", HEADER, "C-E1:\tNeutral;\t()\n"])
def test_label_file_without_any_turn_is_refused(iemocap: Path, content: str) -> None:
    label_file(iemocap).write_text(content)
    with pytest.raises(SersnakeError, match=r"Ses03F_impro05a\.txt: contains no summary of a turn"):
        read(iemocap)


def test_turn_of_another_dialogue_is_refused(iemocap: Path) -> None:
    label_file(iemocap).write_text(HEADER + turn("Ses03F_impro05_F000", "neu"))
    with pytest.raises(SersnakeError, match="'Ses03F_impro05_F000' is not named as in Ses03F_impr"):
        read(iemocap)


@pytest.mark.parametrize("name", ["Ses03F_impro05a (1)", "Ses04F_impro05a", "Ses03F_talk01"])
def test_foreign_label_file_is_refused(iemocap: Path, name: str) -> None:
    label_file(iemocap, name).write_text(HEADER)
    with pytest.raises(SersnakeError, match=r"txt: is not a label file of Session3.*impro01\.txt"):
        read(iemocap)


def test_session_without_labels_is_refused(iemocap: Path) -> None:
    (iemocap / "Session4" / "dialog").rename(iemocap / "Session4" / "dialogue")
    with pytest.raises(SersnakeError, match=r"Session4/dialog/EmoEvaluation: contains no Ses.*txt"):
        read(iemocap)


def test_folder_without_sessions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SersnakeError, match="contains no folder Session1 to Session5; unpack"):
        read(tmp_path)


SPEAKERS = {
    **{"1F": 217, "1M": 205, "2F": 185, "2M": 208, "3F": 264},
    **{"3M": 274, "4F": 149, "4M": 221, "5F": 298, "5M": 259},
}
LABELS = [*["ang"] * 289, *["neu"] * 1099, *["hap"] * 284, *["sad"] * 608]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """As many improvised turns of each class and speaker as are published."""
    labels = iter(random.Random(0).sample(LABELS, len(LABELS)))
    for speaker, count in SPEAKERS.items():
        dialogue = f"Ses0{speaker[0]}{speaker[1]}_impro01"
        turns = [
            turn(f"{dialogue}_{speaker[1]}{number:03d}", next(labels)) for number in range(count)
        ]
        write_dialogue(tmp_path, dialogue, turns)
    return tmp_path


def test_published_numbers_are_certified(whole: Path) -> None:
    frame = read(whole)
    assert certify("iemocap", frame) == []
    assert frame["speaker"].value_counts().to_dict() == SPEAKERS


def test_missing_session_and_relabelled_turns_are_told_apart(whole: Path) -> None:
    file = label_file(whole, "Ses03M_impro01")
    original = file.read_text()
    file.write_text(original.replace("\tneu\t", "\tsad\t", 12))
    message = "; ".join(certify("iemocap", read(whole)))
    assert message.startswith(
        "2280 of 2280 utterances (style improvised): 1087 of 1099 of neutral, "
        "620 of 608 of sad; utterances were relabelled"
    )
    file.write_text(original)
    (whole / "Session5").rename(whole / "session 5")
    message = "; ".join(certify("iemocap", read(whole)))
    assert "0 of 298 of speaker 5F, 0 of 259 of speaker 5M; a whole part" in message


@pytest.mark.parametrize("style", ["improvised", "scripted", "both"])
def test_the_certificate_counts_what_is_kept(style: str) -> None:
    corpus = get_corpus("iemocap")
    four = corpus.certificate({"style": style}, FOUR)
    five = corpus.certificate({"style": style}, (*FOUR, "excited"))
    assert four is not None
    assert five is not None
    assert five.size - four.size == COUNTS[style]["excited"]
    assert not five.speakers  # nobody published them of excited turns
    assert corpus.certificate({"style": style}, (*FOUR, "frustrated")) is None


def test_a_corpus_whose_excited_turns_count_as_happy_is_certified(whole: Path) -> None:
    dialogue = "Ses01F_impro02"
    turns = [turn(f"{dialogue}_F{number:03d}", "exc") for number in range(663)]
    write_dialogue(whole, dialogue, turns)
    assert certify("iemocap", read(whole)) == []
    merged = read(whole, EXCITED)
    assert certify("iemocap", merged, settings(EXCITED)) == []
    (message,) = certify("iemocap", merged[1:], settings(EXCITED))
    assert message.startswith("2942 of 2943 utterances (style improvised): 946 of 947 of happy")
