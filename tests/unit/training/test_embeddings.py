"""Embeddings of several folds in one file, read back whole or fold by fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sersnake.errors import SersnakeError
from sersnake.io import Features
from sersnake.training.embeddings import (
    Embeddings,
    features_of_fold,
    member_blocks,
    utterance_vectors,
)

FOLDS = ("3", "anna")
UTTERANCES = ("u0", "u1", "u2")
VALUES = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.fixture
def embeddings(tmp_path: Path) -> Path:
    path = tmp_path / "3-to-anna.safetensors"
    Embeddings(FOLDS, UTTERANCES, VALUES, "fcn").save(path)
    return path


def packed(path: Path, rows: int = 1) -> Path:
    arrays = [np.full((rows, 2), i, np.float32) for i in range(3)]
    Features.stack(UTTERANCES, arrays, {}).save(path)
    return path


def test_what_was_saved_is_read(embeddings: Path) -> None:
    loaded = Embeddings.load(embeddings)
    assert (loaded.folds, loaded.utterances, loaded.network) == (FOLDS, UTTERANCES, "fcn")
    np.testing.assert_array_equal(loaded.values, VALUES)
    assert loaded.values.dtype == np.float32


def test_one_fold_is_read_alone(embeddings: Path) -> None:
    loaded = Embeddings.load(embeddings, "anna")
    assert loaded.folds == ("anna",)
    np.testing.assert_array_equal(loaded.values, VALUES[1:])


def test_a_fold_that_is_not_there_is_refused_with_those_that_are(embeddings: Path) -> None:
    with pytest.raises(SersnakeError, match=rf"{embeddings}: .*fold 4, only of 3, anna"):
        Embeddings.load(embeddings, "4")


def test_packed_features_are_no_embeddings(tmp_path: Path) -> None:
    with pytest.raises(SersnakeError, match="contains no embeddings"):
        Embeddings.load(packed(tmp_path / "pack.safetensors"))


def test_vectors_come_from_either_kind_in_the_order_asked_for(
    embeddings: Path, tmp_path: Path
) -> None:
    of_fold = utterance_vectors(embeddings, "anna", ["u2", "u0"])
    np.testing.assert_array_equal(of_fold, VALUES[1, [2, 0]])
    of_pack = utterance_vectors(packed(tmp_path / "pack.safetensors"), "anna", ["u2", "u0"])
    np.testing.assert_array_equal(of_pack, [[2, 2], [0, 0]])


@pytest.mark.parametrize("kind", ["missing", "rubbish", "foreign", "frames", "utterance"])
def test_a_file_that_does_not_fit_is_refused_by_name(
    kind: str, embeddings: Path, tmp_path: Path
) -> None:
    path, names = tmp_path / f"{kind}.safetensors", list(UTTERANCES)
    if kind == "rubbish":
        path.write_bytes(b"rubbish")
    elif kind == "foreign":
        save_file({"values": VALUES}, path)
    elif kind == "frames":
        packed(path, rows=5)
    elif kind == "utterance":
        path, names = embeddings, ["u0", "u7"]
    with pytest.raises(SersnakeError, match=str(path)):
        utterance_vectors(path, "3", names)


def test_a_fold_finds_its_files_among_those_of_all(embeddings: Path, tmp_path: Path) -> None:
    pack = packed(tmp_path / "pack.safetensors")
    alone = {name: tmp_path / f"{name}.safetensors" for name in FOLDS}
    for name, path in alone.items():
        Embeddings((name,), UTTERANCES, VALUES[:1], "acln").save(path)
    every = [*alone.values(), embeddings, pack]
    assert features_of_fold(every, FOLDS, "anna") == [alone["anna"], embeddings, pack]
    with pytest.raises(SersnakeError, match="fold anna has 2 files, another fold 3"):
        features_of_fold([alone["3"], embeddings, pack], FOLDS, "anna")
    with pytest.raises(SersnakeError, match=r"anna.safetensors: .* fold 3, only of anna"):
        features_of_fold([alone["anna"], pack], ["3"], "3")


def test_members_have_a_block_per_file_and_network(embeddings: Path, tmp_path: Path) -> None:
    pack = packed(tmp_path / "pack.safetensors")
    other = tmp_path / "other.safetensors"
    Embeddings(FOLDS, UTTERANCES, 2 * VALUES, "fcn").save(other)
    names = ["u2", "u0"]
    blocks = member_blocks([embeddings, pack, other, pack], FOLDS, "3", names, 2)
    assert {name: block.shape for name, block in blocks.items()} == {
        "fcn": (2, 2, 4),
        "1": (2, 2, 2),
    }
    np.testing.assert_array_equal(blocks["fcn"], [VALUES[0, [2, 0]], 2 * VALUES[0, [2, 0]]])
    assert list(member_blocks([embeddings, other], FOLDS, "3", names, 1)) == ["fcn", "1"]
    with pytest.raises(SersnakeError, match=r"seeds: 2: .* differ in width"):
        member_blocks([embeddings, pack], FOLDS, "3", names, 2)
