"""Tables as people have them: their headings, transcripts, unknown speakers, and odd names."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from sersnake.cli import main
from sersnake.corpora import read_corpus
from sersnake.corpora.base import as_utterances, hashed_utterance
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings

PAGE = Path(__file__).parents[3] / "docs/tutorial/own-corpus.md"
EXAMPLE = re.compile(r"^```yaml\n(.*?)^```\n\n```csv\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def speak(root: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).normal(0, 0.1, 8000)
        soundfile.write(path, noise, 8000, format="WAV")


def read(root: Path, text: str | bytes, **options: object) -> pd.DataFrame:
    data = text if isinstance(text, bytes) else text.encode()
    (root / "manifest.csv").write_bytes(data)
    return read_corpus("mine", root, CorpusSettings(reader="csv", corpus_options=options))


def message(root: Path, text: str | bytes, **options: object) -> str:
    with pytest.raises(SersnakeError) as error:
        read(root, text, **options)
    line = str(error.value)
    assert "\n" not in line
    return line.removeprefix(f"{root / 'manifest.csv'}: ")


# --- headings ----------------------------------------------------------------------------------

THEIRS = "File;Label;Spk;Gender\na.wav;joy;s1;f\nb.wav;anger;s2;M\n"
COLUMNS = {"path": "file", "emotion": "Label", "speaker": "spk"}


@pytest.mark.parametrize("columns", [COLUMNS, json.dumps(COLUMNS), yaml.safe_dump(COLUMNS)])
def test_headings_of_ones_own(root: Path, columns: object) -> None:
    speak(root, "a.wav", "b.wav")
    frame = read(root, THEIRS, columns=columns)
    assert frame[["utterance", "emotion", "speaker", "sex"]].to_numpy().tolist() == [
        ["a", "joy", "s1", "female"],
        ["b", "anger", "s2", "male"],
    ]


def test_headings_on_the_command_line(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    (root / "manifest.csv").write_text(THEIRS)
    output = root / "out.csv"
    settings = json.dumps({"reader": "csv", "corpus_options": {"columns": COLUMNS}})
    verb = ["manifest", "mine", str(root), "--settings", settings]
    assert main([*verb, "--output", str(output)]) == 0
    assert list(pd.read_csv(output)["emotion"]) == ["joy", "anger"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"emotion": "labl"},
            "line 1: has no column labl, which corpus_options: columns names for emotion; "
            "the nearest is label",
        ),
        (
            {"emotoin": "label"},
            "corpus_options: columns: emotoin is not a column; the nearest is emotion, all are utt",
        ),
        ("label", "corpus_options: columns: label is not a mapping from a column to the table's"),
        ("{", "corpus_options: columns: { is not a mapping from a column to the table's"),
        ({"speaker": "spk", "emotion": "label"}, "line 1: has no column path (it has file, label"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_nearest_name(
    root: Path, columns: object, expected: str
) -> None:
    assert message(root, THEIRS, columns=columns).startswith(expected)


def test_a_heading_is_for_one_column_and_none_can_be_left_out(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = "path,emotion,speaker,session\na.wav,joy,x,s1\nb.wav,anger,x,s2\n"
    frame = read(root, text, columns={"speaker": "session"})
    assert list(frame["speaker"]) == ["s1", "s2"]
    assert list(frame["session"]) == ["", ""]
    frame = read(root, text, columns={"session": None})
    assert list(frame["speaker"]) == ["x", "x"]
    assert list(frame["session"]) == ["", ""]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("0,no,yes", "{Path: 0, EMOTION: no, speaker: yes}"),
        ("Datei Name,Ge\u0301f,wer", "{path: datei name, emotion: G\u00e9f, speaker: wer}"),
    ],
)
def test_headings_are_text_whatever_they_look_like(root: Path, header: str, columns: str) -> None:
    speak(root, "a.wav", "b.wav")
    frame = read(root, f"{header}\na.wav,joy,s1\nb.wav,anger,s2\n", columns=columns)
    assert frame[["emotion", "speaker"]].to_numpy().tolist() == [["joy", "s1"], ["anger", "s2"]]


def test_a_heading_that_is_named_for_two_columns_is_refused(root: Path) -> None:
    assert message(root, THEIRS, columns={**COLUMNS, "speaker": "LABEL"}) == (
        "corpus_options: columns: label is given for emotion and for speaker; name another heading "
        "for one of them"
    )


def test_no_sex_is_read_where_none_is_asked_for(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = "path,emotion,speaker,gender\na.wav,joy,s1,w\nb.wav,anger,s2,m\n"
    assert message(root, text).startswith("line 2: sex 'w' is not known")
    assert list(read(root, text, columns={"sex": None})["sex"]) == ["", ""]


def test_blanks_before_quotes_and_empty_lines_before_the_header(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    frame = read(root, '\n\npath, "emotion", speaker\na.wav, "joy, joy", "s1"\nb.wav,x,s2\n')
    assert frame[["emotion", "speaker"]].to_numpy().tolist() == [["joy, joy", "s1"], ["x", "s2"]]
    assert list(read(root, "path|emotion|speaker\na.wav|a,b|s\nb.wav|x|s\n")["emotion"]) == [
        *("a,b", "x")
    ]


def test_an_emotion_that_is_missing_is_none(root: Path) -> None:
    text = "path,emotion,speaker\na.wav,NaN,s1\nb.wav,none,s2\n"
    assert message(root, text).startswith("line 2: emotion is empty")


def test_gender_is_taken_where_there_is_no_sex(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = "path,emotion,speaker,gender,sex\na.wav,joy,x,f,m\nb.wav,anger,y,m,\n"
    assert list(read(root, text)["sex"]) == ["male", ""]
    assert list(read(root, text.replace(",sex", ",note"))["sex"]) == ["female", "male"]


@pytest.mark.parametrize("line", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_a_spreadsheets_separator_line(root: Path, line: str) -> None:
    speak(root, "a.wav", "b.wav")
    text = f"{line}path;emotion;speaker\na.wav;joy, mostly;s1\nb.wav;anger;s2\n"
    assert list(read(root, text)["emotion"]) == ["joy, mostly", "anger"]
    assert message(root, text.replace("anger", "")).startswith("line 4: emotion is empty")
    pipes = text.replace(";", "|")
    assert list(read(root, pipes)["speaker"]) == ["s1", "s2"]


def test_a_spreadsheets_unicode_text(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = "path\temotion\tspeaker\r\na.wav\tempört\tŻ\r\nb.wav\t喜\ts2\r\n"
    frame = read(root, text.encode("utf-16"))
    assert list(frame["emotion"]) == ["empört", "喜"]
    assert list(frame["speaker"]) == ["Ż", "s2"]
    assert "is not UTF-16" in message(root, text.encode("utf-16")[:-1])


# --- transcripts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("utterances", "are_names"),
    [
        (["one", "two", "x-3"], True),
        (["What?", "No.", "Come in!"], False),
        (["yes", "no", "yes"], False),
        (["I would not", "say", "that"], False),
        (["你好", "再见", "早"], False),
        (["don't", "do", "it"], False),
        (["", "", ""], False),
    ],
)
def test_a_column_called_utterance_is_a_name_or_what_was_said(
    root: Path, utterances: list[str], are_names: bool
) -> None:
    speak(root, "a.wav", "b.wav", "c.wav")
    emotions = ["joy", "anger", "joy"]
    table = pd.DataFrame({"path": ["a.wav", "b.wav", "c.wav"], "Utterance": utterances})
    table = table.assign(emotion=emotions, speaker="s1")
    frame = read(root, table.to_csv(index=False))
    assert sorted(frame["utterance"]) == sorted(utterances if are_names else ["a", "b", "c"])


def test_a_name_that_was_spoilt_is_no_transcript(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = "path,emotion,speaker,utterance\na.wav,joy,x,s1/u1\nb.wav,anger,y,s1/u2\n"
    assert "utterance 's1/u1' has characters other than" in message(root, text)
    text = text.replace("s1/u1", "-u1").replace("s1/u2", "u2")
    assert "utterance '-u1' has characters other than" in message(root, text)


def test_a_transcript_can_be_the_sentence(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = "path,emotion,speaker,Utterance\na.wav,joy,x,What?\nb.wav,anger,y,What?\n"
    frame = read(root, text, columns={"sentence": "Utterance"})
    assert list(frame["utterance"]) == ["a", "b"]
    assert list(frame["sentence"]) == ["What?", "What?"]


# --- unknown speakers --------------------------------------------------------------------------


def test_speakers_that_nobody_knows(root: Path) -> None:
    speak(root, "a.wav", "b.wav", "c.wav", "d.wav")
    text = "path,emotion\na.wav,joy\nb.wav,anger\n"
    assert message(root, text).endswith(
        "has no column speaker (it has path, emotion); add what is missing to the first line, or "
        "set corpus_options: speaker: unknown if the speakers are not known"
    )
    assert list(read(root, text, speaker="unknown")["speaker"]) == ["", ""]
    some = "path,emotion,speaker\na.wav,joy,s1\nb.wav,anger,\nc.wav,joy,Unknown\nd.wav,joy,NaN\n"
    assert message(root, some).startswith("line 3 (and 2 more): speaker is empty; fill")
    assert list(read(root, some, speaker="unknown")["speaker"]) == ["s1", "", "", ""]
    assert "speaker: 'nobody' is not one of" in message(root, some, speaker="nobody")


# --- names -------------------------------------------------------------------------------------


def test_names_that_lost_their_letters_are_told_apart(root: Path) -> None:
    names = ["录音一.wav", "录音二.wav", "a b.wav", "a;b.wav", "a_b.wav", "-rf.wav", "ärger.wav"]
    speak(root, *names)
    rows = [f'"{name}",{"joy" if n % 2 else "anger"},s1\n' for n, name in enumerate(names)]
    frame = read(root, "path,emotion,speaker\n" + "".join(rows))
    by_file = dict(zip(frame["path"].map(lambda path: Path(path).name), frame["utterance"],
                       strict=True))  # fmt: skip
    assert by_file["a_b.wav"] == "a_b"
    assert by_file["ärger.wav"] == "_rger"
    assert by_file["-rf.wav"] == "_rf"
    for name in ("录音一", "录音二", "a b", "a;b"):
        assert by_file[f"{name}.wav"] == hashed_utterance(name)
    assert re.fullmatch("a_b_[0-9a-f]{10}", by_file["a b.wav"])
    assert re.fullmatch("[0-9a-f]{10}", by_file["录音一.wav"])
    few = read(root, "path,emotion,speaker\n" + "".join(rows[:3]))
    assert set(few["utterance"]) == {*(hashed_utterance(x) for x in ("录音一", "录音二")), "a_b"}


def test_a_hash_is_that_of_the_text_in_either_form() -> None:
    composed = pd.Series(["ä", "ö"])
    apart = composed.map(lambda text: unicodedata.normalize("NFD", text))
    assert list(as_utterances(composed).str[-10:]) == [
        hashed_utterance(text)[-10:] for text in apart
    ]


def test_names_leave_room_in_the_name_of_a_file() -> None:
    deep = pd.Series([f"{'folder/' * 40}{name}" for name in ("a", "b")] + ["x" * 200, "y" * 201])
    names = as_utterances(deep)
    assert names.is_unique
    assert names.str.len().max() < 220
    assert names[2] == "x" * 200
    assert list(names[:2]) == list(as_utterances(deep[:2]))


NASTY = [
    "with {brace.wav",
    "wild*card?.wav",
    "[set].wav",
    "quote'd.wav",
    'double"quote.wav',
    "comma, semi; colon:.wav",
    "new\nline.wav",
    "tab\there.wav",
    "$HOME `id` & | > #.wav",
    " blanks .wav",
    "back\\slash.wav",
    "ünïcode.wav",
]


def test_names_with_meaning_to_csv_and_shell(root: Path) -> None:
    speak(root, *NASTY)
    table = pd.DataFrame({"path": NASTY, "emotion": ["joy", "anger"] * 6, "speaker": "s1"})
    frame = read(root, table.to_csv(index=False))
    assert sorted(Path(path).name for path in frame["path"]) == sorted(NASTY)
    assert frame["utterance"].is_unique


@pytest.mark.parametrize(("table", "disk"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_in_another_form_of_unicode(root: Path, table: str, disk: str) -> None:
    names = ["Käse/Zoë.wav", "Käse/b.wav"]
    speak(root, *(unicodedata.normalize(disk, name) for name in names))
    text = f"path,emotion,speaker\n{names[0]},joy,Zoë\n{names[1]},anger,s2\n"
    frame = read(root, unicodedata.normalize(table, text))
    assert all(Path(path).is_file() for path in frame["path"])
    assert "Zoë" in set(frame["speaker"])


def test_one_speaker_in_two_forms_of_unicode_is_one(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    text = f"path,emotion,speaker\na.wav,joy,Zoë\nb.wav,anger,{unicodedata.normalize('NFD', 'Zoë')}"
    assert read(root, text)["speaker"].nunique() == 1


def test_a_name_in_an_old_encoding_is_named(root: Path) -> None:
    speak(root, "a.wav")
    try:
        (root / "Stra\udcdfe.wav").touch()
    except OSError:
        pytest.skip("this file system takes no name that is not UTF-8")
    text = "path,emotion,speaker\na.wav,joy,s1\nStraße.wav,anger,s2\n"
    assert "rename files whose names are not UTF-8 (Stra" in message(root, text)


def test_a_home_folder_in_a_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(root, "a.wav", "~b.wav")
    monkeypatch.setenv("HOME", str(root))
    frame = read(root, "path,emotion,speaker\n~/a.wav,joy,s1\n~b.wav,anger,s2\n")
    assert frame["path"].tolist() == [str(root / "~b.wav"), str(root / "a.wav")]


def test_speakers_and_emotions_with_odd_characters(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    frame = read(root, 'path,emotion,speaker\na.wav,$x$,"A, {b}"\nb.wav,喜悦,"O\'Neil ""Z"""\n')
    assert list(frame["emotion"]) == ["$x$", "喜悦"]
    assert list(frame["speaker"]) == ["A, {b}", 'O\'Neil "Z"']


# --- labels of EmoBox --------------------------------------------------------------------------


def write_emobox(root: Path, labels: dict[str, str], *emotions: str) -> None:
    lines = [
        {"key": f"mini-{n}", "dataset": "mini", "wav": f"downloads/mini/{n}.wav", "emo": emotion}
        for n, emotion in enumerate(emotions)
    ]
    speak(root, *(f"{n}.wav" for n in range(len(emotions))))
    (root / "mini.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (root / "label_map.json").write_text(json.dumps(labels))


def test_labels_of_emobox_in_upper_or_lower_case(root: Path) -> None:
    write_emobox(root, {"Neutral": "Neutral", "anger": "Angry"}, "neutral", "Anger", "Neutral")
    frame = read_corpus("mine", root, CorpusSettings(reader="emobox"))
    assert list(frame["emotion"]) == ["Neutral", "Angry", "Neutral"]


def test_case_counts_where_it_tells_classes_apart(root: Path) -> None:
    labels = {"n": "Neutral", "N": "Nervous", "s": "Sad", "S": "Sad"}
    write_emobox(root, labels, "n", "N", "S")
    assert list(read_corpus("mine", root, CorpusSettings(reader="emobox"))["emotion"]) == [
        "Neutral",
        "Nervous",
        "Sad",
    ]
    write_emobox(root, {"neu": "Neutral", "Neu": "Nervous"}, "neu", "NEU")
    with pytest.raises(SersnakeError, match="line 2: label 'NEU' is not in label_map"):
        read_corpus("mine", root, CorpusSettings(reader="emobox"))


def test_keys_of_emobox_that_lose_their_letters(root: Path) -> None:
    write_emobox(root, {"a": "A", "b": "B"}, "a", "b")
    text = (root / "mini.jsonl").read_text()
    text = text.replace("mini-0", "mini-x y").replace("mini-1", "mini-x#y")
    (root / "mini.jsonl").write_text(text)
    frame = read_corpus("mine", root, CorpusSettings(reader="emobox"))
    assert set(frame["utterance"]) == {hashed_utterance("x y"), hashed_utterance("x#y")}


# --- the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
def test_examples_of_the_page_are_read(root: Path, example: tuple[str, str]) -> None:
    config, table = yaml.safe_load(example[0]), example[1]
    files = re.findall(r"wav/\w+\.wav", table)
    for name in files:
        (root / name).parent.mkdir(exist_ok=True)
        soundfile.write(root / name, np.zeros(8 * 8000), 8000)
    frame = read(root, table, **config["corpus_options"])
    assert len(frame) == len(table.splitlines()) - 1
    assert frame["emotion"].ne("").all()


def test_the_page_has_examples() -> None:
    assert len(EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))) >= 3


def test_audformat_takes_no_column_for_unknown(root: Path) -> None:
    speak(root, "a.wav", "b.wav")
    db = audformat.Database("mini")
    db.schemes["emotion"] = audformat.Scheme(labels=["joy", "anger"])
    db["emotion"] = audformat.Table(audformat.filewise_index(["a.wav", "b.wav"]))
    db["emotion"]["emotion"] = audformat.Column(scheme_id="emotion")
    db["emotion"]["emotion"].set(["joy", "anger"])
    db.save(root)
    frame = read_corpus(
        "mine", root, CorpusSettings(reader="audformat", corpus_options={"speaker": "unknown"})
    )
    assert list(frame["speaker"]) == ["", ""]
