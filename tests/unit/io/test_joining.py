"""Packs are joined on the disk, to the bytes that safetensors writes of the whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sersnake.errors import SersnakeError
from sersnake.io import METADATA_KEY, Features, PackJoin, joining

NAMES = [f"{i:02}" for i in range(12)]
# Whatever JSON has to escape, and what it does not.
OPTIONS = {"n_mfcc": 3, 'ü\n"\\/\x01\x7f\u2028😀': [1.5, None, True]}


def rows_of(name: str, dimension: int = 3) -> np.ndarray:
    generator = np.random.default_rng(int(name))
    return generator.normal(size=(int(name) % 5, dimension)).astype(np.float32)


def write_pack(path: Path, names: list[str], dimension: int = 3, **options: object) -> Path:
    rows = [rows_of(name, dimension) for name in names]
    Features.stack(names, rows, {**OPTIONS, **options}).save(path)
    return path


def write_shards(folder: Path, cuts: list[list[str]]) -> list[Path]:
    return [write_pack(folder / f"{i}.safetensors", names) for i, names in enumerate(cuts)]


def as_safetensors_writes(path: Path, names: list[str]) -> bytes:
    """The whole pack from memory, without sersnake's own writing."""
    rows = [rows_of(name) for name in names]
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    metadata = {"utterances": names, "options": OPTIONS}
    text = json.dumps(metadata, ensure_ascii=False, sort_keys=True)
    save_file({"offsets": offsets, "values": np.concatenate(rows)}, path, {METADATA_KEY: text})
    return path.read_bytes()


@pytest.mark.parametrize("block", [5, 1 << 20])
@pytest.mark.parametrize(
    ("cuts", "names"),
    [
        ([NAMES], NAMES),
        ([NAMES[:5], NAMES[5:6], NAMES[6:]], NAMES),
        ([NAMES[8:], [], NAMES[:8]], NAMES),
        ([[], NAMES], NAMES),
        ([NAMES[::2], NAMES[1::2]], NAMES),
        ([NAMES[:6], NAMES[6:]], NAMES[::-1]),
        ([NAMES[:6], NAMES[6:]], NAMES[4:9]),
        ([[name] for name in NAMES], NAMES[1:]),
    ],
)
def test_the_joined_pack_has_the_bytes_that_safetensors_writes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cuts: list[list[str]],
    names: list[str],
    block: int,
) -> None:
    monkeypatch.setattr(joining, "BLOCK", block)
    PackJoin(write_shards(tmp_path, cuts), names).write(tmp_path / "all")
    assert (tmp_path / "all").read_bytes() == as_safetensors_writes(tmp_path / "expected", names)


def test_a_pack_may_be_joined_onto_itself(tmp_path: Path) -> None:
    path = write_pack(tmp_path / "x", NAMES)
    PackJoin([path], NAMES).write(path)
    assert path.read_bytes() == as_safetensors_writes(tmp_path / "expected", NAMES)


def test_packs_of_nothing_are_joined_to_nothing(tmp_path: Path) -> None:
    PackJoin(write_shards(tmp_path, [[], []]), []).write(tmp_path / "all")
    assert (tmp_path / "all").read_bytes() == (tmp_path / "0.safetensors").read_bytes()


def test_packs_of_different_options_are_not_joined(tmp_path: Path) -> None:
    packs = [write_pack(tmp_path / "a", ["01"]), write_pack(tmp_path / "b", ["02"], n_mfcc=4)]
    with pytest.raises(SersnakeError, match=r"b: .*different options than .*a; extract"):
        PackJoin(packs, ["01", "02"])


def test_packs_of_different_width_are_not_joined(tmp_path: Path) -> None:
    packs = [write_pack(tmp_path / "a", ["01"]), write_pack(tmp_path / "b", ["02"], 4)]
    with pytest.raises(SersnakeError, match="b: has 4 values per row, other packs 3; extract"):
        PackJoin(packs, ["01", "02"])


def test_an_utterance_in_two_packs_is_refused(tmp_path: Path) -> None:
    packs = [write_pack(tmp_path / name, ["01", "02"]) for name in "ab"]
    with pytest.raises(SersnakeError, match=r"b: utterance '02' is already in .*a"):
        PackJoin(packs, ["02"])


def test_a_missing_utterance_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    join = PackJoin([write_pack(tmp_path / "a", NAMES[:3])], NAMES[:5])
    assert join.missing == ["03", "04"]
    with pytest.raises(SersnakeError, match="'03'"):
        join.write(tmp_path / "all")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_pack_that_is_cut_off_meanwhile_leaves_nothing(tmp_path: Path) -> None:
    packs = write_shards(tmp_path, [NAMES[:6], NAMES[6:]])
    join = PackJoin(packs, NAMES)
    packs[1].write_bytes(packs[1].read_bytes()[:-4])
    with pytest.raises(SersnakeError, match=r"1\.safetensors: is cut off"):
        join.write(tmp_path / "all")
    assert sorted(tmp_path.iterdir()) == packs


def test_joining_needs_no_memory_for_the_values(tmp_path: Path) -> None:
    """Twelve packs of 16 MiB are joined by a process that grows by far less than one of them."""
    values = np.zeros((1 << 15, 128), np.float32)
    packs = [tmp_path / name for name in NAMES]
    for path in packs:
        Features.stack([path.name], [values], {}).save(path)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sersnake.io import PackJoin\n"
        "from sersnake.io.memory import peak_memory\n"
        "packs = [Path(name) for name in sys.argv[2:]]\n"
        "before = peak_memory()\n"
        "PackJoin(packs, [path.name for path in packs]).write(Path(sys.argv[1]))\n"
        "print(peak_memory() - before)\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "all", *packs]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < values.nbytes / 2
    assert Features.load(tmp_path / "all").values.nbytes == 12 * values.nbytes
