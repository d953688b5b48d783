"""Folds in the shapes that people have them are read alike, or refused by place and remedy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.protocols import (
    Protocol,
    fold_files,
    fold_names,
    folds_of_splits,
    make_folds,
    read_fold_file,
)
from sersnake.protocols.fold_file import fold_file_names

NAMES = ["a1", "a2", "b1", "b2"]
PATHS = ["wav/a/a1.wav", "wav/a/a2.wav", "wav/b/b1.wav", "wav/b/b2.wav"]
Rows = set[tuple[str, str, str]]

TWO_FOLDS = {
    *(("1", "a1", "test"), ("1", "a2", "train"), ("1", "b1", "test"), ("1", "b2", "train")),
    *(("2", "a1", "train"), ("2", "a2", "test"), ("2", "b1", "train"), ("2", "b2", "test")),
}
ONE_FOLD = {
    *(("0", "a1", "train"), ("0", "a2", "validation"), ("0", "b1", "test"), ("0", "b2", "unused")),
}


def rows_of(path: Path | list[Path], paths: list[str] | None = None) -> Rows:
    rows = read_fold_file(path, NAMES, paths).rows
    return set(rows[["fold", "utterance", "part"]].itertuples(index=False, name=None))


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name", ["utterance", "path", "file", "filename", "name", "id", "Utterance", " File_Name "]
)
@pytest.mark.parametrize("spelled", ["{}", "{}.wav", "/data/x/{}.flac", "D:\\x\\{}.wav"])
def test_a_recording_is_named_under_any_heading(tmp_path: Path, name: str, spelled: str) -> None:
    folds = dict(zip(NAMES, "1212", strict=True))
    lines = [f"{spelled.format(utterance)},{fold}" for utterance, fold in folds.items()]
    path = write(tmp_path / "folds.csv", f"{name},fold", *lines)
    assert rows_of(path) == rows_of(path, PATHS) == TWO_FOLDS


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_of_spreadsheets_and_of_pandas_are_read(tmp_path: Path, separator: str) -> None:
    lines = ["\ufeff,Utterance,Fold", "0,a1,1", "1,a2,2", "", "2,b1,1", "3, b2 ,2"]
    text = [line.replace(",", separator) for line in lines]
    assert rows_of(write(tmp_path / "folds.csv", *text)) == TWO_FOLDS


@pytest.mark.parametrize(
    "heading", ["part", "split", "set", "subset", "partition", "Split", "fold"]
)
@pytest.mark.parametrize(
    "words",
    [
        ("train", "val", "test", "unused"),
        ("Training", "validation", "TESTING", "Unused"),
        ("TRAIN", "dev", "Evaluation", "unused"),
        ("train", "Devel", "eval", "unused"),
    ],
)
def test_one_split_needs_no_fold(tmp_path: Path, heading: str, words: tuple[str, ...]) -> None:
    lines = [f"{name},{word}" for name, word in zip(NAMES, words, strict=True)]
    assert rows_of(write(tmp_path / "folds.csv", f"file,{heading}", *lines)) == ONE_FOLD


def test_folds_may_be_called_splits(tmp_path: Path) -> None:
    lines = ["a1,1", "a2,2", "b1,1", "b2,2"]
    assert rows_of(write(tmp_path / "folds.csv", "path,split", *lines)) == TWO_FOLDS


def test_fold_minus_1_is_never_tested(tmp_path: Path) -> None:
    """As in scikit-learn's PredefinedSplit."""
    path = write(tmp_path / "folds.csv", "utterance,test_fold", "a1,0", "a2,1", "b1,-1", "b2,-1")
    assert rows_of(path) == {
        *(("0", "a1", "test"), ("0", "a2", "train"), ("0", "b1", "train"), ("0", "b2", "train")),
        *(("1", "a1", "train"), ("1", "a2", "test"), ("1", "b1", "train"), ("1", "b2", "train")),
    }
    assert fold_names(pd.DataFrame({"utterance": NAMES}), predefined(path)) == ["0", "1"]


def test_an_utterance_may_be_tested_in_several_folds(tmp_path: Path) -> None:
    path = write(tmp_path / "folds.csv", "utterance,fold", "a1,0", "a2,0", "a1,1", "b1,1")
    assert rows_of(path) == {
        *(("0", "a1", "test"), ("0", "a2", "test"), ("0", "b1", "train")),
        *(("1", "a1", "test"), ("1", "a2", "train"), ("1", "b1", "test")),
    }


def test_of_several_headings_the_one_counts_that_names_recordings(tmp_path: Path) -> None:
    lines = ["What?,0,a1,1", "No.,1,a2,2", "Why?,2,b1,1", "Oh.,3,b2,2"]
    path = write(tmp_path / "folds.csv", "Utterance,id,file,fold", *lines)
    assert rows_of(path) == TWO_FOLDS


def test_folders_decide_where_stems_repeat(tmp_path: Path) -> None:
    paths = ["data/ann/calm/1.wav", "data/ben/calm/1.wav", "data/ben/upset/1.wav"]
    names = ["u1", "u2", "u3"]
    lines = ["ann/calm/1.wav,0", "/mnt/data/ben/calm/1.wav,1", "ben\\upset\\1.wav,0"]
    path = write(tmp_path / "folds.csv", "path,fold", *lines)
    rows = read_fold_file(path, names, paths).rows
    tested = rows[rows["part"] == "test"]
    assert dict(zip(tested["utterance"], tested["fold"], strict=True)) == {
        **{"u1": "0", "u2": "1", "u3": "0"}
    }
    path = write(tmp_path / "folds.csv", "path,fold", lines[0], "calm/1.wav,1")
    with pytest.raises(SersnakeError, match=r"folds\.csv:3: calm/1\.wav matches several"):
        read_fold_file(path, names, paths)


def test_many_recordings_of_one_name_take_no_longer() -> None:
    """Files called audio.wav, each in a folder of its own: no search through all for each."""
    from sersnake.protocols.matching import SEVERAL, UNKNOWN, Matcher

    number = 30_000
    paths = [f"data/{i}/audio.wav" for i in range(number)]
    matcher = Matcher([f"u{i}" for i in range(number)], paths)
    asked = pd.Series([f"/mnt/{i}/audio.flac" for i in range(number)])
    assert matcher.positions(asked).tolist() == list(range(number))
    assert matcher.positions(pd.Series(["audio.wav", "x/other.wav"])).tolist() == [SEVERAL, UNKNOWN]


FOLDS_AS_INDICES = [
    [{"train": [1, 3], "test": [0, 2]}, {"train": [0, 2], "test": [1, 3]}],
    [[[1, 3], [0, 2]], [[0, 2], [1, 3]]],
    {"1": {"train": [1, 3], "test": [0, 2]}, "2": {"train": [0, 2], "test": [1, 3]}},
    {"fold_1": [[1, 3], [0, 2]], "fold_2": [[0, 2], [1, 3]]},
    [{"train": ["a2", "b2"], "test": ["a1", "wav/b1.wav"]}, [["a1", "b1"], ["a2", "b2"]]],
]


@pytest.mark.parametrize("value", FOLDS_AS_INDICES)
def test_indices_of_scikit_learn_are_rows_of_the_manifest(tmp_path: Path, value: object) -> None:
    path = write(tmp_path / "splits.json", json.dumps(value))
    fold = {"0": "1", "1": "2"} if isinstance(value, list) else {"1": "1", "2": "2"}
    assert {(fold[f], u, p) for f, u, p in rows_of(path)} == TWO_FOLDS


def test_one_split_as_json(tmp_path: Path) -> None:
    path = write(tmp_path / "splits.json", json.dumps({"train": [0], "val": [1], "test": [2]}))
    assert rows_of(path) == {row for row in ONE_FOLD if row[2] != "unused"}


def test_arrays_of_numpy_are_read_without_pickle(tmp_path: Path) -> None:
    path = tmp_path / "splits.npz"
    np.savez(path, train_1=[1, 3], test_1=[0, 2], train_2=[0, 2], test_2=[1, 3])
    assert rows_of(path) == TWO_FOLDS
    np.savez(path, train_1=np.array([{}], object))
    with pytest.raises(SersnakeError, match=r"splits\.npz: cannot be read without pickle"):
        rows_of(path)
    path.write_bytes(b"\x80\x04}.")
    with pytest.raises(SersnakeError, match=r"splits\.npz: cannot be read without pickle"):
        rows_of(path)


def test_splits_of_scikit_learn_are_named_by_the_manifest() -> None:
    from sklearn.model_selection import GroupKFold

    manifest = pd.DataFrame({"utterance": NAMES})
    folds = folds_of_splits(manifest, GroupKFold(2).split(NAMES, groups=["a", "a", "b", "b"]))
    assert list(folds["fold"].unique()) == ["0", "1"]
    for _, rows in folds.groupby("fold"):
        parts = rows.groupby("part")["utterance"].agg(list).to_dict()
        assert sorted(parts.values()) == [["a1", "a2"], ["b1", "b2"]]


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ([], "contains no fold; pass the result"),
        (
            [([0, 1], [2, 4])],
            "test of fold 0 has positions from 2 to 4, but the manifest has 4 utterances",
        ),
        ([([0, 1], [True, False])], "test of fold 0 is not an array of integers"),
    ],
)
def test_other_splits_are_refused(splits: list[tuple[list[int], list[int]]], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        folds_of_splits(pd.DataFrame({"utterance": NAMES}), splits)


@pytest.mark.parametrize(
    "files",
    [
        ("train.csv", "val.csv", "test.csv"),
        ("train.tsv", "dev.tsv", "Test.tsv"),
        ("0/train.csv", "0/valid.csv", "0/test.csv"),
        ("fold_0/train.csv", "fold_0/dev.csv", "fold_0/test.csv"),
        ("train_0.csv", "valid_0.csv", "test_0.csv"),
        ("fold0_train.csv", "fold0_val.csv", "fold0_test.csv"),
        ("train/fold_0.csv", "val/fold_0.csv", "test/fold_0.csv"),
    ],
)
def test_files_say_their_part(tmp_path: Path, files: tuple[str, ...]) -> None:
    folder = tmp_path / "lists"
    paths = [
        write(folder / file, "path,label", f"wav/{name}.wav,sad")
        for file, name in zip(files, NAMES, strict=False)
    ]
    write(folder / "all.csv", "path,label", *(f"wav/{name}.wav,sad" for name in NAMES))
    expected = {row for row in ONE_FOLD if row[2] != "unused"}
    assert rows_of(folder) == rows_of(paths) == expected
    assert sorted(fold_files(folder)) == sorted(paths)


def test_folders_are_folds_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for fold in (10, 9, 2):
        write(tmp_path / f"fold_{fold}" / "train.csv", "file", "a1.wav")
        write(tmp_path / f"fold_{fold}" / "test.csv", "file", "b1.wav")
    manifest = pd.DataFrame({"utterance": NAMES, "path": PATHS})
    assert fold_names(manifest, predefined(tmp_path)) == ["2", "9", "10"]
    assert len(make_folds(manifest, predefined(tmp_path))) == 3 * 4


def predefined(path: Path) -> Protocol:
    return Protocol("predefined", fold_file=str(path))


def test_a_run_takes_the_shapes_too(tmp_path: Path) -> None:
    path = write(tmp_path / "folds.csv", "path,fold", *(f"x/{n}.wav,{n[1]}" for n in NAMES))
    manifest = pd.DataFrame({"utterance": ["u1", "u2", "u3", "u4"], "path": PATHS})
    folds = make_folds(manifest, predefined(path))
    assert folds.loc[folds["part"] == "test", "utterance"].tolist() == ["u1", "u3", "u2", "u4"]
    path = write(tmp_path / "splits.json", json.dumps(FOLDS_AS_INDICES[0]))
    with pytest.raises(SersnakeError, match=r"splits\.json: fold 0, train\[0\]: is a row number"):
        make_folds(manifest, predefined(path))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("f.csv", "", r"f\.csv: is empty; write a header"),
        ("f.csv", "fold,part\n0,train\n", r"f\.csv:1: has no column that names the recordings"),
        ("f.csv", "path,label\na1,x\n", r"f\.csv:1: has no column fold or part \(it has path, lab"),
        ("f.csv", "path,fold\na1,0\na2,\n", r"f\.csv:3: the fold is empty; write its name, or -1"),
        ("f.csv", "path,part\na1,train\na2,2\n", r"f\.csv:3: part '2' is not one of train, test"),
        ("f.csv", 'path,part\n"a\n1",train\na2,x\n', r"f\.csv:4: part 'x' is not one of"),
        (
            "f.csv",
            "path,fold\nx1,0\nx2,1\n",
            r"f\.csv:2: the manifest has no x1, x2, nor any",
        ),
        (
            "f.csv",
            "path,fold\na1,0,1\n",
            r"f\.csv: not a CSV file .*line 2.*; write the same number of fields",
        ),
        (
            "f.csv",
            "path,part\na1,train\na2,eval\nb1,test\n",
            r"f\.csv:3: 'eval' is ambiguous if test occurs too; write test or validation",
        ),
        ("f.json", "[", r"f\.json: not a JSON file"),
        ("f.json", "[]", r"f\.json: contains no fold"),
        ("f.json", "[1]", r"f\.json: fold 0 is neither"),
        ("f.json", '{"folds": 5}', r"f\.json: fold folds is neither"),
        ("f.json", '[{"train": [0], "test": [4]}]', r"f\.json: fold 0, test\[0\]: is row 4 of"),
        ("f.json", '[{"train": [true], "test": [4]}]', r"f\.json: fold 0: train is not a list of"),
        (
            "f.json",
            '[{"train": [[0], 1], "test": [4]}]',
            r"f\.json: fold 0: train is not a list of",
        ),
    ],
)
def test_what_has_no_shape_is_refused_by_its_place(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SersnakeError, match=message) as error:
        rows_of(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_table_of_a_spreadsheet_that_tells_its_separator(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "folds.csv"
    text = "sep=;\r\nFile Name;Test Fold\r\na1;1\r\na2;2\r\nb1;1\r\nb2;2\r\n"
    path.write_bytes(text.encode(encoding))
    assert rows_of(path) == TWO_FOLDS
    path.write_bytes(text.replace("b1;1", "b1;").encode(encoding))
    with pytest.raises(SersnakeError, match=r"folds\.csv:5: the fold is empty"):
        rows_of(path)


def test_folds_that_pandas_made_floats(tmp_path: Path) -> None:
    lines = ["0,a1,1.0", "1,a2,2.0", "2,b1,1.0", "3,b2,2.0", "4,zz,-1.0"]
    rows = rows_of(write(tmp_path / "folds.csv", ",utterance,fold", *lines))
    assert {row for row in rows if row[1] != "zz"} == TWO_FOLDS
    assert {row[2] for row in rows if row[1] == "zz"} == {"train"}
    assert fold_file_names(tmp_path / "folds.csv") == ["1", "2"]


def test_folds_may_be_called_fold_and_a_number(tmp_path: Path) -> None:
    lines = ["a1,Fold 1", "a2,Fold 2", "b1,Fold 1", "b2,Fold 2"]
    rows = rows_of(write(tmp_path / "folds.csv", "utterance,fold", *lines))
    assert {(fold.removeprefix("Fold_"), *rest) for fold, *rest in rows} == TWO_FOLDS


@pytest.mark.parametrize(
    "value",
    [
        {"a1": 1, "a2": 2, "b1": 1, "b2": 2},
        {"folds": {"a1": "1", "a2": "2", "b1": "1", "b2": "2"}},
        [{"Utterance": name, "fold": fold} for name, fold in zip(NAMES, "1212", strict=True)],
    ],
)
def test_json_may_say_the_fold_of_each_recording(tmp_path: Path, value: object) -> None:
    path = tmp_path / "folds.json"
    path.write_text(json.dumps(value))
    assert rows_of(path) == TWO_FOLDS


def test_json_may_say_the_part_of_each_recording(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    parts = {"a1": "train", "a2": "val", "b1": "test", "b2": "unused"}
    path.write_text(json.dumps(parts))
    assert rows_of(path) == ONE_FOLD
    path.write_text(json.dumps({**parts, "b2": "tset"}))
    with pytest.raises(SersnakeError, match=r"split\.json: entry 4: part 'tset' is not one of"):
        rows_of(path)


def test_lists_of_names_need_no_header(tmp_path: Path) -> None:
    write(tmp_path / "train.txt", "a1.wav")
    write(tmp_path / "dev.txt", "A2.wav", "a2")
    write(tmp_path / "test.txt", "", "b1")
    write(tmp_path / "notes.txt", "of no part")
    rows = read_fold_file(tmp_path, NAMES)
    assert {("0", "a1", "train"), ("0", "a2", "validation"), ("0", "b1", "test")} < set(
        rows.rows.itertuples(index=False, name=None)
    )
    assert [rows.place(row).rpartition("/")[2] for row in range(4)] == [
        *("dev.txt:1", "dev.txt:2", "test.txt:2", "train.txt:1")
    ]


def test_a_recording_stands_for_its_segments(tmp_path: Path) -> None:
    """In a list of files, and in a table of segments itself."""
    paths = ["wav/a.wav", "wav/a.wav", "wav/b.wav", "wav/b.wav"]
    expected = {
        *(("0", "a1", "train"), ("0", "a2", "train"), ("0", "b1", "test"), ("0", "b2", "test"))
    }
    for lines in (["a,train", "b,test"], ["wav/b.wav,test", "wav/a.wav,train", "wav/a.wav,train"]):
        path = write(tmp_path / "folds.csv", "path,part", *lines)
        table = read_fold_file(path, NAMES, paths)
        rows = list(table.rows.itertuples(index=False, name=None))
        assert len(rows) == 4
        assert set(rows) == expected
        last = table.rows.index[table.rows["part"] == "test"][-1]
        assert table.place(last).endswith(f"folds.csv:{lines.index(lines[-1]) + 2}") == (
            lines[-1].startswith("b")
        )
    rows = read_fold_file(write(path, "path,fold", "a.wav,1", "b.wav,2"), NAMES, paths).rows
    assert set(rows.itertuples(index=False, name=None)) == {
        (fold, name, "test" if (fold == "1") == (name[0] == "a") else "train")
        for fold in "12"
        for name in NAMES
    }
    other = [*paths[:2], "other/a.wav", paths[3]]
    with pytest.raises(SersnakeError, match=r"folds\.csv:2: a matches several"):
        read_fold_file(write(path, "path,part", "a,train", "b,test"), NAMES, other)


def test_the_array_of_predefined_split_is_no_test_part(tmp_path: Path) -> None:
    np.savez(tmp_path / "folds.npz", test_fold=np.array([0, 0, 1, 1]))
    with pytest.raises(SersnakeError, match=r"array 'test_fold' is not part of a fold") as error:
        rows_of(tmp_path / "folds.npz")
    assert "pickle" not in str(error.value)


def test_files_without_a_part_and_two_of_the_same_are_refused(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", "file", "a1.wav")
    other = write(tmp_path / "others.csv", "file", "a2.wav")
    with pytest.raises(SersnakeError, match=r"others\.csv: its name gives no part; rename it"):
        rows_of([train, other])
    again = write(tmp_path / "training.csv", "file", "a2.wav")
    with pytest.raises(SersnakeError, match=r"training\.csv: fold 0 has the same part in .*train"):
        rows_of([train, again])
    for name in ("none.csv", "none.json", "none.npz"):
        with pytest.raises(SersnakeError, match=r"none\.\w+: no such file; name a file"):
            rows_of(tmp_path / name)
    with pytest.raises(SersnakeError, match=r"nor train\.csv and test\.csv; name a folder"):
        rows_of(write(tmp_path / "empty" / "all.csv", "file", "a1.wav").parent)
