"""The general readers: a CSV manifest, an audformat database, EmoBox metadata."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile
import yaml

from sersnake.corpora import COLUMNS, CORPORA, SEGMENT, read_corpus
from sersnake.errors import SersnakeError
from sersnake.settings.corpus import CorpusSettings

GOOD = "path,emotion,speaker\nwav/a.wav,anger,s1\nwav/b.wav,joy,s2\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A corpus' folder with three recordings of 1 s, that only some tests open."""
    for name in ("wav/a.wav", "wav/b.wav", "wav/deep/a.wav"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(8000), 8000)
    return tmp_path / "mine"


def read(reader: str, root: Path, **options: str) -> pd.DataFrame:
    frame = read_corpus("mine", root, CorpusSettings(reader=reader, corpus_options=options))
    assert tuple(frame.columns[:2]) == COLUMNS[:2]
    assert tuple(frame.columns[2:]) in (COLUMNS[2:], (*SEGMENT, *COLUMNS[2:]))
    assert set(frame["corpus"]) == {"mine"}
    return frame


def row(frame: pd.DataFrame, utterance: str) -> dict[str, str]:
    return dict(frame.set_index("utterance").loc[utterance])


def message(reader: str, root: Path, **options: str) -> str:
    with pytest.raises(SersnakeError) as error:
        read(reader, root, **options)
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("reader", ["csv", "audformat", "emobox"])
def test_every_option_is_documented(reader: str) -> None:
    text = (Path(__file__).parents[3] / "docs/tutorial/own-corpus.md").read_text(encoding="utf-8")
    assert f"reader: {reader}" in text
    for option in CORPORA[reader].options:
        assert f"`{option}`" in text or f"{{{option}: " in text


# --- csv ---------------------------------------------------------------------------------------


def read_csv(root: Path, text: str | bytes, **options: str) -> pd.DataFrame:
    data = text if isinstance(text, bytes) else text.encode()
    (root / "manifest.csv").write_bytes(data)
    return read("csv", root, **options)


def csv_message(root: Path, text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    (root / "manifest.csv").write_bytes(data)
    text = message("csv", root)
    assert text.startswith(f"{root / 'manifest.csv'}: ")
    return text.removeprefix(f"{root / 'manifest.csv'}: ")


def test_csv_with_every_column(root: Path) -> None:
    frame = read_csv(
        root,
        "note, Path ,emotion,speaker,utterance,sex,session,sentence,language\n"
        '"x, y",wav/a.wav, anger ,007,one,F,1,t1,de\n'
        "\n"
        ",,,,,,,,\n"
        "z,wav/b.wav,NA,NA,two,Male,2,t2,de\n",
    )
    assert row(frame, "one") == {
        "path": str(root / "wav" / "a.wav"),
        "speaker": "007",
        "sex": "female",
        "session": "1",
        "sentence": "t1",
        "emotion": "anger",
        "language": "de",
        "corpus": "mine",
    }
    assert row(frame, "two")["emotion"] == "NA"
    assert row(frame, "two")["speaker"] == "NA"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_as_spreadsheets_write_it(root: Path, separator: str, bom: bytes, end: str) -> None:
    text = GOOD.replace(",", separator).replace("\n", end).replace("joy", "freude ä,b;c")
    if separator != "\t":
        text = text.replace("freude ä,b;c", '"freude ä,b;c"')
    frame = read_csv(root, bom + text.encode())
    assert list(frame["utterance"]) == ["a", "b"]
    assert row(frame, "b")["emotion"] == "freude ä,b;c"


def test_csv_elsewhere_and_absolute_paths(root: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    text = GOOD.replace("wav/a.wav", str(root / "wav/a.wav")).replace("wav/b", "../mine/wav/b")
    (lists / "half.csv").write_text(text)
    for name in (str(lists / "half.csv"), "../lists/half.csv"):
        frame = read("csv", root, manifest=name)
        assert [Path(path).samefile(root / "wav" / f"{name}.wav") for name, path in
                zip("ab", frame["path"], strict=True)] == [True, True]  # fmt: skip


def test_csv_names_by_path_where_stems_repeat(root: Path) -> None:
    frame = read_csv(root, GOOD + "wav/deep/a.wav,joy,s1\n")
    assert list(frame["utterance"]) == ["a", "b", "deep_a"]
    (root / "wav" / "deep_a.wav").touch()
    text = GOOD + "wav/deep/a.wav,joy,s1\nwav/deep_a.wav,joy,s1\n"
    assert list(read_csv(root, text)["utterance"]) == ["a", "b", "deep_a", "deep_a_6fa53a87f4"]


def test_csv_relative_and_absolute_paths_with_one_stem(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    text = GOOD + f"{root / 'wav' / 'deep' / 'a.wav'},joy,s1\n"
    assert list(read_csv(Path(root.name), text)["utterance"]) == ["a", "b", "deep_a"]


def test_csv_utterance_that_cannot_be_a_file_name(root: Path) -> None:
    text = "path,emotion,speaker,utterance\nwav/a.wav,anger,s1,a/b\nwav/b.wav,joy,s2,\n"
    assert "utterance 'a/b' has characters other than" in csv_message(root, text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "path,emotion,speaker",
            "file,label,spk",
            "line 1: has no column path, emotion, speaker (it has file, label, spk); "
            "rename file to path, label to emotion, spk to speaker, or set corpus_options: "
            "columns: {path: file, emotion: label, speaker: spk}",
        ),
        (
            "emotion",
            "emotoin",
            "line 1: has no column emotion (it has path, emotoin, speaker); "
            "rename emotoin to emotion, or set corpus_options: columns: {emotion: emotoin}",
        ),
        (
            "path,emotion,speaker\n",
            "",
            "line 1: has no column path, emotion, speaker (it has wav/a.wav, anger, s1); "
            "add what is missing to the first line, or set corpus_options: speaker: unknown if the "
            "speakers are not known",
        ),
        ("speaker", "speaker,speaker", "line 1: has the column speaker twice; remove one"),
        ("anger", " ", "line 2: emotion is empty; fill it in or remove the entry"),
        ("s2", "", "line 3: speaker is empty; fill it in or remove the entry, or set "
         "corpus_options: speaker: unknown if the speakers are not known"),
        ("wav/b.wav", "", "line 3: path is empty; fill it in or remove the entry"),
        ("joy,s2", "joy", "line 3: has 2 fields, the first line 3; put fields with the "
         "separator into double quotes"),
        ("joy,s2", "joy, very,s2", "line 3: has 4 fields, the first line 3; put fields with "
         "the separator into double quotes"),
        ("joy", "anger", "lists only the emotion 'anger'; a classifier needs at least two "
         "emotions"),
        ("joy", "Anger", "line 3: emotion 'Anger' was 'anger' before; write it in one way"),
        ("s2", "S1", "line 3: speaker 'S1' was 's1' before; write it in one way"),
        ("joy", '"joy', "line 3: is not CSV (unexpected end of data); close or double the quotes"),
        ("joy", '"j"oy', "line 3: is not CSV (',' expected after '\"'); close or double the "
         "quotes"),
    ],
)  # fmt: skip
def test_csv_mistake_is_named_with_its_line(root: Path, old: str, new: str, expected: str) -> None:
    assert csv_message(root, GOOD.replace(old, new)) == expected


def test_csv_without_recordings(root: Path) -> None:
    header = "path,emotion,speaker\n"
    assert csv_message(root, header).startswith("lists no recording;")
    assert csv_message(root, "").startswith("line 1: has no column path, emotion, speaker")


def test_csv_path_twice(root: Path) -> None:
    text = GOOD + "wav/deep/../a.wav,joy,s1\nwav/./b.wav,joy,s1\n"
    assert csv_message(root, text) == (
        f"line 4 (and 1 more): {root / 'wav' / 'a.wav'} is listed already (line 2); "
        "remove one of the two, or give the start and end of each segment"
    )


def test_csv_missing_recordings(root: Path) -> None:
    lines = [f"gone/{number}.wav,joy,s1\n" for number in range(7)]
    text = csv_message(root, GOOD + "".join(lines))
    assert text.startswith(f"7 of 9 recordings do not exist: line 4: {root / 'gone' / '0.wav'}; ")
    assert text.endswith("4.wav; and 2 more; put them there or correct the paths")
    assert text.count("line ") == 5
    text = csv_message(root, GOOD.replace("wav/a", "wav\\a"))
    assert "write folders with / and not with \\" in text


def test_csv_unknown_sex(root: Path) -> None:
    text = "path,emotion,speaker,sex\nwav/a.wav,anger,s1,f\nwav/b.wav,joy,s2,{}\n"
    assert csv_message(root, text.format("frau")) == (
        "line 3: sex 'frau' is not known; write female, male or other, or leave it empty"
    )
    assert row(read_csv(root, text.format("unknown")), "b")["sex"] == ""


def test_csv_encodings(root: Path) -> None:
    remedy = "save it as UTF-8 (in a spreadsheet: Save as, CSV UTF-8)"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert csv_message(root, GOOD.encode(encoding)) == (
            f"line 1: is not UTF-8 (UTF-16 without a mark?); {remedy}"
        )
    text = GOOD.replace("joy", "empöprotocol").encode("latin-1")
    assert csv_message(root, text) == f"line 3: is not UTF-8 (Latin-1?); {remedy}"


def test_csv_line_numbers_count_quoted_line_ends(root: Path) -> None:
    text = 'path,emotion,speaker,note\nwav/a.wav,anger,s1,"x\ny"\n\nwav/b.wav,,s2,\n'
    assert csv_message(root, text).startswith("line 5: emotion is empty")


def test_missing_manifest_is_named_with_the_remedy(root: Path) -> None:
    text = message("csv", root)
    assert text.startswith(f"{root / 'manifest.csv'}: no such file; ")
    assert "corpus_options: manifest" in text
    assert "corpora_dir" in text


def test_csv_opens_no_recording(root: Path) -> None:
    (root / "wav" / "a.wav").write_bytes(b"")
    assert len(read_csv(root, GOOD)) == 2


# --- audformat ---------------------------------------------------------------------------------

SPEAKERS = {
    3: {"gender": "male", "language": "eng", "age": 31},
    8: {"gender": "female", "language": "deu"},
}


@pytest.fixture
def database(root: Path) -> audformat.Database:
    """Emotions in one table, speakers in another, as audb's emodb has them; not saved yet."""
    db = audformat.Database("mini", languages=["de"])
    db.schemes["emotion"] = audformat.Scheme(labels=["anger", "joy", "no agreement"])
    db.schemes["speaker"] = audformat.Scheme(labels=SPEAKERS)
    db.schemes["text"] = audformat.Scheme("str")
    files = ["wav/a.wav", "wav/b.wav", "wav/deep/a.wav"]
    add(db, "emotion", audformat.filewise_index(files), emotion=["anger", "joy", None])
    add(db, "files", audformat.filewise_index(files[::-1]), speaker=[3, 8, 3], text=["z", "y", "x"])
    return db


def add(db: audformat.Database, name: str, index: pd.Index, **columns: Any) -> None:
    db[name] = audformat.Table(index)
    for column, values in columns.items():
        db[name][column] = audformat.Column(scheme_id=column)
        db[name][column].set(values)


@pytest.mark.parametrize("storage", ["csv", "parquet"])
def test_audformat_joins_tables_and_labels(
    root: Path, database: audformat.Database, storage: str
) -> None:
    database.save(root, storage_format=storage)
    frame = read("audformat", root, sentence="text")
    assert list(frame["utterance"]) == ["a", "b"]  # the third has no emotion
    assert row(frame, "a") == {
        "path": str(root / "wav" / "a.wav"),
        "speaker": "3",
        "sex": "male",
        "session": "",
        "sentence": "x",
        "emotion": "anger",
        "language": "eng",
        "corpus": "mine",
    }
    assert row(frame, "b")["sex"] == "female"


def test_audformat_labels_from_a_miscellaneous_table(
    root: Path, database: audformat.Database
) -> None:
    database["people"] = audformat.MiscTable(pd.Index(["p1", "p2"], name="person"))
    database["people"]["gender"] = audformat.Column()
    database["people"]["gender"].set(["female", "child"])
    database.schemes["person"] = audformat.Scheme("str", labels="people")
    database["emotion"]["person"] = audformat.Column(scheme_id="person")
    database["emotion"]["person"].set(["p1", "p2", "p1"])
    database.save(root)
    frame = read("audformat", root, speaker="person")
    assert row(frame, "a")["speaker"] == "p1"
    assert list(frame["sex"]) == ["female", ""]
    assert set(frame["language"]) == {"deu"}


def test_audformat_choice_of_tables(root: Path, database: audformat.Database) -> None:
    index = audformat.filewise_index(["wav/deep/a.wav"])
    add(database, "emotion.test", index, emotion=["joy"])
    database.save(root)
    assert len(read("audformat", root)) == 2  # the table called emotion
    both = read("audformat", root, table="emotion, emotion.test")
    assert list(both["utterance"]) == ["a", "b", "deep_a"]
    assert "x is not a table with a column emotion" in message("audformat", root, table="x")
    text = message("audformat", root, emotion="mood")
    assert "no table has a column mood; set corpus_options: emotion to one of emotion, " in text


def test_audformat_tables_of_equal_right_are_listed(
    root: Path, database: audformat.Database
) -> None:
    add(database, "test", audformat.filewise_index(["wav/a.wav"]), emotion=["anger"])
    add(database, "train", audformat.filewise_index(["wav/b.wav"]), emotion=["joy"])
    database.drop_tables("emotion")
    database.save(root)
    text = message("audformat", root)
    assert "set corpus_options: table to one or several of test, train" in text
    assert list(read("audformat", root, table="test,train")["emotion"]) == ["anger", "joy"]


def test_audformat_without_speakers_has_to_be_asked_for(
    root: Path, database: audformat.Database
) -> None:
    database.drop_tables("files")
    database.save(root)
    text = message("audformat", root)
    assert (
        "no table has a column speaker; set corpus_options: speaker to one of emotion, or to "
        "unknown if they are not known" in text
    )
    for option in ("", "unknown"):
        assert list(read("audformat", root, speaker=option)["speaker"]) == ["", ""]


def test_audformat_missing_recording_names_the_table(
    root: Path, database: audformat.Database
) -> None:
    database.save(root)
    (root / "wav" / "b.wav").unlink()
    text = message("audformat", root)
    assert f"1 of 2 recordings do not exist: table emotion, wav/b.wav: {root}" in text
    assert "audb.load_to" in text


class Hostile:
    """Unpickled, it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, tuple[str, int]]:
        return os.open, (str(self.trace), os.O_CREAT)


@pytest.mark.parametrize("table", ["emotion", "files"])
def test_audformat_pickle_beside_a_table_is_not_run(
    root: Path, database: audformat.Database, tmp_path: Path, table: str
) -> None:
    database.save(root, storage_format="csv")
    trace = tmp_path / "trace"
    (root / f"db.{table}.pkl").write_bytes(pickle.dumps(Hostile(trace)))
    assert len(read("audformat", root)) == 2
    assert not trace.exists()
    (root / f"db.{table}.csv").unlink()
    assert "nor .parquet; load the database again (.pkl is not read" in message("audformat", root)
    assert not trace.exists()
    with pytest.raises(RuntimeError):  # the trap does work: this is what audformat itself does
        audformat.Database.load(str(root))[table].df  # noqa: B018
    assert trace.exists()


def test_audformat_header_that_runs_code_is_refused(
    root: Path, database: audformat.Database, tmp_path: Path
) -> None:
    database.save(root)
    trace = tmp_path / "trace"
    header = root / "db.yaml"
    header.write_text(f"{header.read_text()}\nx: !!python/object/apply:os.mkdir ['{trace}']\n")
    assert "db.yaml: is not the header of an audformat database" in message("audformat", root)
    assert not trace.exists()
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(header.read_text())


@pytest.mark.parametrize("text", ["", "a: [", "name: x", "- 1", "name: x\nsource: y\nusage: z\n"])
def test_audformat_broken_header(root: Path, text: str) -> None:
    (root / "db.yaml").write_text(text)
    assert str(root / "db.yaml") in message("audformat", root)


def test_audformat_broken_table(root: Path, database: audformat.Database) -> None:
    database.save(root)
    (root / "db.emotion.parquet").write_text("broken")
    assert "db.emotion.parquet: cannot be read" in message("audformat", root)


def test_audformat_table_name_leads_nowhere_else(
    root: Path, database: audformat.Database, tmp_path: Path
) -> None:
    database.save(root, storage_format="csv")
    (tmp_path / "evil.csv").write_text((root / "db.emotion.csv").read_text())
    header = yaml.safe_load((root / "db.yaml").read_text())
    header["tables"]["/../../evil"] = header["tables"].pop("emotion")
    (root / "db.yaml").write_text(yaml.safe_dump(header))
    assert "'/../../evil' is not a valid name of a table" in message("audformat", root)


def test_audformat_missing_database(root: Path) -> None:
    assert "db.yaml: no such file" in message("audformat", root)


# --- EmoBox ------------------------------------------------------------------------------------


def entry(name: str, emotion: str, **more: Any) -> dict[str, Any]:
    return {
        "key": f"mini-{Path(name).stem}",
        "dataset": "mini",
        "wav": f"downloads/mini/{name}",
        "type": "raw",
        "task": "category",
        "emo": emotion,
        "channel": 1,
        **more,
    }


def write_emobox(folder: Path, *entries: Mapping[str, Any], dataset: str = "mini") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{dataset}.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    (folder / "label_map.json").write_text('{"anger": "Angry", "rage": "Angry", "joy": "Happy"}')
    return path


PAIR = (entry("wav/a.wav", "rage"), entry("wav/b.wav", "joy"))


def test_emobox_merges_labels(root: Path) -> None:
    write_emobox(root, *PAIR)
    frame = read("emobox", root)
    assert row(frame, "a") == {
        "path": str(root / "wav" / "a.wav"),
        "speaker": "",
        "sex": "",
        "session": "",
        "sentence": "",
        "emotion": "Angry",
        "language": "",
        "corpus": "mine",
    }
    assert list(read("emobox", root, labels="raw")["emotion"]) == ["rage", "joy"]


def test_emobox_optional_keys(root: Path) -> None:
    more = {"spk": "s1", "gender": "F", "lang": "de"}
    write_emobox(root, entry("wav/a.wav", "joy", **more), entry("wav/b.wav", "rage", spk=7))
    frame = read("emobox", root)
    assert [row(frame, "a")[key] for key in ("speaker", "sex", "language")] == [
        "s1",
        "female",
        "de",
    ]
    assert row(frame, "b")["speaker"] == "7"


@pytest.mark.parametrize("place", [".", "downloads/mini", "mini"])
def test_emobox_finds_metadata_and_recordings_apart(root: Path, tmp_path: Path, place: str) -> None:
    write_emobox(tmp_path / "data" / "mini", *PAIR)
    audio = tmp_path / "audio" / place
    audio.parent.mkdir(parents=True, exist_ok=True)
    audio.symlink_to(root) if place != "." else (tmp_path / "audio").symlink_to(root)
    for metadata in ("../data/mini", "../data/mini/mini.jsonl"):
        frame = read("emobox", root, metadata=metadata, audio_dir=str(tmp_path / "audio"))
        assert list(frame["utterance"]) == ["a", "b"]


def test_emobox_file_of_a_fold_is_not_the_data_set(root: Path) -> None:
    path = write_emobox(root, *PAIR)
    for name in ("mini_test_fold_1", "mini_train_fold1", "._mini"):
        (root / f"{name}.jsonl").write_text("{}")
    assert len(read("emobox", root)) == 2
    path.with_name("other.jsonl").write_text("{}")
    assert "contains mini.jsonl, other.jsonl; set corpus_options: metadata" in message(
        "emobox", root
    )


@pytest.mark.parametrize("line", ["{", "[1]", '{"key": "x", "wav": "y"}', '{"wav": "x", "emo": 1}'])
def test_emobox_broken_line_is_named(root: Path, line: str) -> None:
    path = write_emobox(root, *PAIR)
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert f"{path}: line 4: is not a JSON object with" in message("emobox", root)


def test_emobox_without_lines(root: Path) -> None:
    write_emobox(root)
    assert "mini.jsonl: lists no recording" in message("emobox", root)


def test_emobox_unknown_label_and_missing_map(root: Path) -> None:
    write_emobox(root, *PAIR, entry("wav/deep/a.wav", "fear"))
    assert "line 3: label 'fear' is not in label_map.json" in message("emobox", root)
    for text in ("[]", "{"):
        (root / "label_map.json").write_text(text)
        assert "label_map.json: is not a map from label to class" in message("emobox", root)
    (root / "label_map.json").unlink()
    assert "set corpus_options: labels to raw" in message("emobox", root)


def test_emobox_missing_recording(root: Path) -> None:
    write_emobox(root, *PAIR, entry("wav/c.wav", "joy"))
    text = message("emobox", root)
    assert f"1 of 3 recordings do not exist: line 3: {root / 'wav' / 'c.wav'}; set" in text
    assert "audio_dir" in text


def test_emobox_sound_of_a_film_has_to_be_extracted(root: Path) -> None:
    write_emobox(root, entry("wav/a.mp4", "joy"), entry("wav/b.mp4", "rage"))
    assert list(read("emobox", root)["path"].map(lambda p: Path(p).name)) == ["a.wav", "b.wav"]
    (root / "wav" / "b.wav").rename(root / "wav" / "b.mp4")
    text = message("emobox", root)
    assert f"line 2: is the sound of a film, but {root / 'wav' / 'b.wav'}" in text


def stm(**speakers: str) -> str:
    return "".join(
        f"mini-{name} 1 {speaker} 0 1.0 <id=mini-{name},lang=en,spk={speaker},emotion=x> x\n"
        for name, speaker in speakers.items()
    )


def test_emobox_speakers_beside_the_metadata(root: Path) -> None:
    third = entry("wav/deep/a.wav", "joy") | {"key": "mini-c d"}
    write_emobox(root, *PAIR, third)
    (root / "data.seg.wrd.stm").write_text(stm(a="Jo, senior", b="Al", **{"c d": "Al"}))
    frame = read("emobox", root)
    assert list(frame["utterance"]) == ["a", "b", "c_d"]
    assert list(frame["speaker"]) == ["Jo, senior", "Al", "Al"]


def test_emobox_speaker_of_one_utterance_each_is_none(root: Path) -> None:
    write_emobox(root, *PAIR)
    (root / "data.seg.wrd.stm").write_text(stm(a="a.mp4", b="b.mp4"))
    assert list(read("emobox", root)["speaker"]) == ["", ""]


def test_emobox_asks_the_reader_of_the_published_corpus(tmp_path: Path) -> None:
    """The speaker is the last letter, not who wears the markers, as data.seg.wrd.stm has it."""
    root = tmp_path / "iemocap"
    turns = {"Ses01F_impro01_M000": "ang", "Ses01F_script01_1_F001": "exc"}
    entries = []
    for turn, label in turns.items():
        dialogue = turn.rpartition("_")[0]
        wav = root / "Session1" / "sentences" / "wav" / dialogue / f"{turn}.wav"
        wav.parent.mkdir(parents=True)
        wav.touch()
        labels = root / "Session1" / "dialog" / "EmoEvaluation" / f"{dialogue}.txt"
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text(f"[6.2 - 8.2]\t{turn}\t{label}\t[2.5, 2.5, 2.5]\n\n")
        path = f"downloads/iemocap/{wav.relative_to(root)}"
        entries.append({"key": f"iemocap-{turn}", "dataset": "iemocap", "wav": path, "emo": label})
    write_emobox(root, *entries, dataset="iemocap")
    (root / "data.seg.wrd.stm").write_text(stm(x="Ses01F", y="Ses01F"))
    frame = read("emobox", root, labels="raw")
    assert list(frame["speaker"]) == ["1M", "1F"]
    assert list(frame["sex"]) == ["male", "female"]
    assert list(frame["sentence"]) == ["impro01", "script01_1"]
    assert list(frame["emotion"]) == ["ang", "exc"]
    (root / "Session1" / "dialog").rename(root / "Session1" / "gone")
    assert list(read("emobox", root, labels="raw")["speaker"]) == ["", ""]
