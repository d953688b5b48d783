"""Packed features are read where they are touched; a file that contradicts itself is refused."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from sersnake.errors import SersnakeError
from sersnake.io import Features, write_tensors
from sersnake.io.tensors import header_bytes


def make_features(names: list[str]) -> Features:
    rows = [np.full((i + 1, 2), i, dtype=np.float32) for i in range(len(names))]
    return Features.stack(names, rows, {"n_mfcc": 2})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "abc.safetensors"
    make_features(["a", "b", "c"]).save(path)
    return path


def test_features_survive_the_disk_with_the_same_bytes(path: Path) -> None:
    loaded = Features.load(path)
    assert loaded.utterances == ("a", "b", "c")
    assert loaded.options == {"n_mfcc": 2}
    assert loaded.values.dtype == np.float32
    np.testing.assert_array_equal(loaded.offsets, [0, 1, 3, 6])
    np.testing.assert_array_equal(loaded.rows(2), np.full((3, 2), 2))
    assert Features.load(str(path)).utterances == loaded.utterances
    loaded.save(str(path.with_name("again")))
    assert path.with_name("again").read_bytes() == path.read_bytes()


def test_writing_into_loaded_values_does_not_reach_the_file(path: Path) -> None:
    import torch

    before = path.read_bytes()
    features = Features.load(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # PyTorch warns of an array that it may not write to
        tensor = torch.from_numpy(features.values)
    tensor += 1
    assert features.values[0, 0] == 1
    assert path.read_bytes() == before


def test_loaded_values_outlive_a_file_that_is_replaced(path: Path) -> None:
    features = Features.load(path)
    make_features(["z"]).save(path)
    np.testing.assert_array_equal(features.rows(1), np.ones((2, 2)))


def test_a_pack_may_be_larger_than_memory(tmp_path: Path) -> None:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    rows = 3 * memory // (2 * 4 * 13)
    arrays = {"offsets": ("I64", (3,)), "values": ("F32", (rows, 13))}
    header = header_bytes(arrays, {"utterances": ["a", "b"], "options": {}})
    path = tmp_path / "large"
    path.write_bytes(header + np.array([0, rows - 1, rows]).tobytes())
    last = np.arange(13, dtype=np.float32)
    with path.open("r+b") as file:  # all but the last row is a hole, which takes no disk
        file.seek(4 * 13 * (rows - 1), os.SEEK_END)
        file.write(last.tobytes())
    features = Features.load(path)
    assert features.values.nbytes > memory
    np.testing.assert_array_equal(features.rows(1), [last])


@pytest.mark.parametrize("odd", range(1, 8))
def test_unaligned_values_are_copied(path: Path, odd: int) -> None:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length] + b" " * odd
    path.write_bytes(len(header).to_bytes(8, "little") + header + content[8 + length :])
    features = Features.load(path)
    assert features.values.flags.aligned
    np.testing.assert_array_equal(features.offsets, [0, 1, 3, 6])
    np.testing.assert_array_equal(features.rows(2), np.full((3, 2), 2))


@pytest.mark.parametrize(
    "offsets", [[1, 1, 3, 6], [0, 3, 1, 6], [0, 1, 3, 5], [0, 1, 6], [0, 1, 3, 4, 6], []]
)
def test_offsets_that_do_not_fit_the_values_are_refused(path: Path, offsets: list[int]) -> None:
    values = np.zeros((6, 2), np.float32)
    metadata = {"utterances": ["a", "b", "c"], "options": {}}
    write_tensors(path, {"offsets": np.array(offsets, np.int64), "values": values}, metadata)
    with pytest.raises(SersnakeError, match=r"abc\.safetensors: its offsets .* 6 rows into 3 utt"):
        Features.load(path)


@pytest.mark.parametrize(
    ("change", "metadata"),
    [
        ({"values": np.zeros((6, 2))}, {"utterances": ["a"], "options": {}}),
        ({"values": np.zeros(6, np.float32)}, {"utterances": ["a"], "options": {}}),
        ({"offsets": np.array([0, 6], np.int32)}, {"utterances": ["a"], "options": {}}),
        ({"weight": np.zeros(6)}, {"utterances": ["a"], "options": {}}),
        ({}, {"epochs": 3}),
        ({}, ["a"]),
    ],
)
def test_other_tensors_are_no_pack(path: Path, change: dict[str, Any], metadata: Any) -> None:
    arrays = {"offsets": np.array([0, 6]), "values": np.zeros((6, 2), np.float32)}
    write_tensors(path, {**arrays, **change}, metadata)
    with pytest.raises(SersnakeError, match=r"abc\.safetensors: contains no packed features"):
        Features.load(path)


def cut_off(content: bytes) -> bytes:
    return content[:-4]


def with_more(content: bytes) -> bytes:
    return content + bytes(4)


def with_a_gap(content: bytes) -> bytes:
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["values"]["data_offsets"] = [at + 4 for at in header["values"]["data_offsets"]]
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :] + bytes(4)


@pytest.mark.parametrize("spoil", [cut_off, with_more, with_a_gap])
def test_a_spoilt_file_is_refused_by_name(path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SersnakeError, match=r"abc\.safetensors: not a safetensors file.*remove"):
        Features.load(path)


def test_a_file_of_somebody_else_is_refused(path: Path) -> None:
    save_file({"offsets": np.array([0]), "values": np.zeros((0, 0), np.float32)}, path)
    with pytest.raises(SersnakeError, match="not written by sersnake"):
        Features.load(path)


def test_select_takes_the_order_asked_for(path: Path) -> None:
    for features in (make_features(["a", "b", "c"]), Features.load(path)):
        chosen = features.select(["c", "a"])
        assert chosen.utterances == ("c", "a")
        np.testing.assert_array_equal(chosen.rows(0), np.full((3, 2), 2))
        np.testing.assert_array_equal(chosen.rows(1), np.zeros((1, 2)))
        with pytest.raises(SersnakeError, match="'z'"):
            features.select(["z"])


@pytest.mark.parametrize("names", ["abc", "bc", "b"])
def test_what_stands_together_is_selected_without_a_copy(names: str) -> None:
    features = make_features(["a", "b", "c"])
    chosen = features.select(list(names))
    assert np.shares_memory(chosen.values, features.values)
    for i, name in enumerate(names):
        np.testing.assert_array_equal(chosen.rows(i), features.rows("abc".index(name)))


def test_nothing_can_be_selected() -> None:
    nothing = make_features(["a", "b"]).select([])
    assert nothing.utterances == ()
    np.testing.assert_array_equal(nothing.offsets, [0])
    assert nothing.values.shape == (0, 2)


@pytest.mark.parametrize(
    ("positions", "runs"),
    [
        ([], []),
        ([1], [(1, 3)]),
        ([0, 1, 2, 3], [(0, 10)]),
        ([0, 2, 3], [(0, 1), (3, 10)]),
        ([3, 0, 1, 1], [(6, 10), (0, 3), (1, 3)]),
    ],
)
def test_runs_are_the_rows_in_order(positions: list[int], runs: list[tuple[int, int]]) -> None:
    slices = make_features(["a", "b", "c", "d"]).runs(np.array(positions, np.int64))
    assert [(run.start, run.stop) for run in slices] == runs
