"""Files are complete or absent, and the same content gives the same bytes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.errors import SersnakeError
from sersnake.io import atomic_path, join_csv, read_csv, read_tensors, write_csv, write_tensors


def test_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_names_that_look_like_numbers_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    frame = pd.DataFrame(
        {"utterance": ["007", "NA"], "speaker": ["03", "08"], "synthetic": ["true", "false"]}
    )
    write_csv(path, frame)
    pd.testing.assert_frame_equal(read_csv(path, ["speaker"]), frame)


def test_text_of_any_characters_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    names = ["a\rb", "c\r\nd", "\r", 'q"\r,', "e\nf", "g", "", "\u2028", "\x0b"]
    frame = pd.DataFrame(
        {"path": names, "duration": 1.5, "n": 2, "value": [0.1, float("nan")] + [1] * 7}
    )
    write_csv(path, frame)
    pd.testing.assert_frame_equal(read_csv(str(path), ["path"]), frame)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file; make it first, or name another"),
        ("", r"not a CSV file \(.*\); make it again"),
        ("a,b\n1,2\n", "no column utterance; add what is missing, or name another file"),
    ],
)
def test_bad_csv_is_refused_by_name(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SersnakeError, match=f"bad.csv.*{message}"):
        read_csv(path, ["utterance"])


def test_join_refuses_other_columns_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,z\n3,4\n")
    (tmp_path / "c.csv").touch()
    for names, message in (
        ("ab", r"b\.csv: has other columns than .*a\.csv; join files of one kind"),
        ("ac", r"c\.csv: is empty; make it again"),
        ("ca", r"c\.csv: is empty; make it again"),
    ):
        with pytest.raises(SersnakeError, match=message):
            join_csv([tmp_path / f"{name}.csv" for name in names], tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_join_keeps_every_line_under_one_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,y\n")
    (tmp_path / "c.csv").write_text("x,y\n3,4\n")
    join_csv([tmp_path / f"{name}.csv" for name in "abc"], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "x,y\n1,2\n3,4\n"


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"\x10"])
def test_a_file_that_is_no_safetensors_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(SersnakeError, match=r"x\.safetensors.*remove it"):
        read_tensors(path)


def test_a_file_of_tensors_is_readable_as_the_umask_says_and_leaves_nothing_else(
    tmp_path: Path,
) -> None:
    mask = os.umask(0o022)
    try:
        write_tensors(tmp_path / "a.safetensors", {"x": np.ones(3, np.float32)}, {})
    finally:
        os.umask(mask)
    (written,) = tmp_path.iterdir()
    assert written.stat().st_mode & 0o777 == 0o644
