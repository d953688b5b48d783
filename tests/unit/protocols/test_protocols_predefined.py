"""Fold files of others are taken as they are written, or refused by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols import Protocol, fold_names, fold_parts, make_folds, read_fold_file

NAMES = ["a1", "a2", "b1", "b2"]
MANIFEST = pd.DataFrame({"utterance": NAMES, "emotion": "sad", "corpus": "mine"})


def write_csv(folder: Path, *lines: str) -> Protocol:
    path = folder / "folds.csv"
    path.write_text("\n".join(["fold,utterance,part", *lines]) + "\n", encoding="utf-8")
    return Protocol("predefined", fold_file=str(path))


def write_emobox(
    folder: Path, fold: object, part: str, names: list[str], spelled: str = "fold_{}"
) -> Path:
    file = folder / f"fold_{fold}" / f"mine_{part}_{spelled.format(fold)}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"key": f"mine-{name}", "dataset": "mine", "wav": f"downloads/mine/wav/{name}.wav"}
        for name in names
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def parts_of(folds: pd.DataFrame, fold: str) -> dict[str, str]:
    rows = folds[folds["fold"] == fold]
    return dict(zip(rows["utterance"], rows["part"], strict=True))


def test_a_csv_file_is_followed_and_its_fold_names_are_kept(tmp_path: Path) -> None:
    protocol = write_csv(
        tmp_path,
        "late,a1,train",
        "late,a2,test",
        "early,b1,test",
        "early,b2,train",
        "early,a1,unused",
    )
    notes: list[str] = []
    folds = make_folds(MANIFEST, protocol, note=notes.append)
    assert fold_names(MANIFEST, protocol) == ["late", "early"] == list(folds["fold"].unique())
    assert parts_of(folds, "late") == {"a1": "train", "a2": "test", "b1": "unused", "b2": "unused"}
    assert parts_of(folds, "early")["b1"] == "test"
    assert [note.partition(": ")[2] for note in notes] == [
        "fold late leaves out 2 utterances, taken as unused",
        "fold early leaves out 1 utterance, taken as unused",
    ]


@pytest.mark.parametrize("word", ["valid", "validation", "val", "dev"])
def test_validation_rows_are_kept_apart_and_that_is_said(tmp_path: Path, word: str) -> None:
    protocol = write_csv(tmp_path, "0,a1,train", "0,a2,test", f"0,b1,{word}", f"0,b2,{word}")
    notes: list[str] = []
    folds = make_folds(MANIFEST, protocol, note=notes.append)
    validation = dict.fromkeys(("b1", "b2"), "validation")
    assert parts_of(folds, "0") == {"a1": "train", "a2": "test", **validation}
    assert notes == [
        f"{protocol.fold_file}: 2 validation rows used neither for training nor for testing"
    ]
    train, test = fold_parts(folds, "0", MANIFEST["utterance"])
    assert [*train, *test] == [0, 1]


def test_file_names_and_paths_stand_for_utterances(tmp_path: Path) -> None:
    protocol = write_csv(
        tmp_path, "0,a1.wav,train", "0,wav/a2.wav,train", "0,b 1,test", "0,b2,test"
    )
    manifest = MANIFEST.assign(utterance=["a1", "a2", "b_1", "b2"])
    folds = make_folds(manifest, protocol)
    assert parts_of(folds, "0") == {"a1": "train", "a2": "train", "b_1": "test", "b2": "test"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["0,a1,train", "", "0,x,test", "0,y,test", "0,x,test"],
            r"folds\.csv:4: the manifest has no x, y \(2 utterances\); remove the rows",
        ),
        (
            ["0,a1,train", "0,a2,test", "0,a1,test"],
            r"folds\.csv:4: a1 occurs in fold 0 a second time, after .*folds\.csv:2; remove one",
        ),
        (
            ["0,a1,train", "0,a2,tset"],
            r"folds\.csv:3: part 'tset' is not one of train, test, unused",
        ),
        (["0,a1,train", "0,a2,train"], "fold 0 has no test rows; add them or remove the fold"),
        (
            ["0,a1,train", "0,a2,test", "1,a1,test", "1,a2,valid"],
            "fold 1 has no train rows",
        ),
        (["pooled,a1,train"], r"folds\.csv:2: the name pooled is reserved"),
        (["a b,a1,train"], r"folds\.csv:2: fold 'a b' has characters other than"),
        ([], "contains no fold"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        make_folds(MANIFEST, write_csv(tmp_path, *lines))


def test_a_missing_file_and_a_forgotten_key_are_named(tmp_path: Path) -> None:
    with pytest.raises(SersnakeError, match="no such file"):
        make_folds(MANIFEST, Protocol("predefined", fold_file=str(tmp_path / "none.csv")))
    with pytest.raises(SersnakeError, match="fold_file: predefined needs a CSV file"):
        fold_names(MANIFEST, Protocol("predefined"))


def test_an_emobox_folder_is_followed_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for fold, spelled in ((10, "fold_{}"), (9, "fold{}"), (2, "fold_{}")):
        write_emobox(tmp_path, fold, "train", ["a1", "b1"], spelled)
        write_emobox(tmp_path, fold, "test", ["a2"], spelled)
    write_emobox(tmp_path, 2, "valid", ["b2"])
    (tmp_path / "mine.jsonl").write_text("whole corpus\n", encoding="utf-8")
    (tmp_path / "fold_2" / "._mine_test_fold_2.jsonl").write_bytes(b"\x00\xff")
    protocol = Protocol("predefined", fold_file=str(tmp_path))
    notes: list[str] = []
    folds = make_folds(MANIFEST, protocol, note=notes.append)
    assert fold_names(MANIFEST, protocol) == ["2", "9", "10"] == list(folds["fold"].unique())
    assert parts_of(folds, "9") == {"a1": "train", "a2": "test", "b1": "train", "b2": "unused"}
    assert notes[0] == f"{tmp_path}: 1 validation row used neither for training nor for testing"


@pytest.mark.parametrize(
    ("row", "utterance"),
    [
        ({"key": "mine-03a01Wa", "dataset": "mine"}, "03a01Wa"),
        ({"key": "mine-03a01Wa", "dataset": "mine"}, "mine-03a01Wa"),
        (
            {"key": "iemocap-x", "dataset": "iemocap", "audio": "d/Ses01F_impro01_F000.wav"},
            "Ses01F_impro01_F000",
        ),
        (
            {
                "key": "casia-246-wangzhe-sad",
                "dataset": "casia",
                "wav": "downloads/casia/wangzhe/sad/246.wav",
            },
            "wangzhe_sad_246",
        ),
        ({"key": "mine-a b", "dataset": "mine"}, "a_b"),
    ],
)
def test_an_emobox_line_is_found_under_the_name_of_the_manifest(
    tmp_path: Path, row: dict[str, str], utterance: str
) -> None:
    file = write_emobox(tmp_path, 1, "test", [])
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    table = read_fold_file(tmp_path, ["other", utterance])
    assert table.rows.values.tolist() == [["1", utterance, "test"]]


def test_a_wrong_emobox_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SersnakeError, match=r"contains no fold_1/<corpus>_test_fold_1\.jsonl"):
        read_fold_file(tmp_path, NAMES)
    file = write_emobox(tmp_path, 1, "test", ["a1", "x1"])
    write_emobox(tmp_path, 1, "train", ["b1"])
    with pytest.raises(SersnakeError, match=r"mine_test_fold_1\.jsonl:2: the manifest has no"):
        make_folds(MANIFEST, Protocol("predefined", fold_file=str(tmp_path)))
    file.write_text('{"key": "mine-a1"}\n{"wav": "a2.wav"}\n', encoding="utf-8")
    with pytest.raises(SersnakeError, match=r"mine_test_fold_1\.jsonl:2: not a JSON object with"):
        read_fold_file(tmp_path, NAMES)
    file.write_bytes(b'{"key": "mine-\xff"}\n')
    with pytest.raises(SersnakeError, match="is not UTF-8"):
        read_fold_file(tmp_path, NAMES)


def test_of_two_spellings_of_an_emobox_file_the_newer_is_read(tmp_path: Path) -> None:
    write_emobox(tmp_path, 1, "test", ["b1"], "fold{}")
    write_emobox(tmp_path, 1, "test", ["a1"])
    assert list(read_fold_file(tmp_path, NAMES).rows["utterance"]) == ["a1"]
    twin = tmp_path / "fold_1" / "theirs_test_fold_1.jsonl"
    twin.write_text('{"key": "mine-a1"}\n', encoding="utf-8")
    with pytest.raises(SersnakeError, match=r"fold 1 has the same part in .*; remove one"):
        read_fold_file(tmp_path, NAMES)
