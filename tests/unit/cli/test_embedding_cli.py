"""Embeddings of degraded recordings: of those that are not degraded, training's to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sersnake.cli import main
from sersnake.io import Features
from sersnake.training.embeddings import Embeddings
from tests.unit.cli.test_training_cli import call, train
from tests.unit.cli.test_training_cli import inputs as inputs

SETTINGS = {"epochs": 2, "batch_size": 8}


def embed(inputs: list[str], network: str, weights: list[Path], out: Path, **more: object) -> Path:
    """Embeds the packs themselves, or others by their names in place of them."""
    packs = dict(text.split("=") for text in inputs[5:])
    degraded = [f"{name}={more.pop(name, path)}" for name, path in packs.items()]
    words = ["--weights", *weights, *inputs, "--degraded", *degraded, "--output", out]
    call("embed-degraded", network, *words, "--settings", json.dumps(more))
    return out


@pytest.mark.parametrize("network", ["acln", "fused"])
def test_what_is_not_degraded_is_embedded_as_in_training(
    inputs: list[str], tmp_path: Path, network: str
) -> None:
    for normalisation in ("fold", "speaker"):
        told = json.dumps({**SETTINGS, "normalisation": normalisation, "crop": 15})
        words = ["--fold", "2", "0", *inputs, "--settings", told, "--output", tmp_path / "t"]
        call("train", network, *words)
        weights = [tmp_path / "t.weights.safetensors"]
        how = {"normalisation": normalisation, "crop": 15}
        again = embed(inputs, network, weights, tmp_path / "again", **how)
        assert again.read_bytes() == (tmp_path / "t.safetensors").read_bytes()


def test_folds_of_several_jobs_of_the_last_phase_come_into_one_file(
    inputs: list[str], tmp_path: Path
) -> None:
    for fold in "21":
        (tmp_path / fold).mkdir()
        train(inputs, tmp_path / fold, [fold])
    weights = [tmp_path / fold / "he.weights.safetensors" for fold in "21"]
    joined = Embeddings.load(embed(inputs, "fcn", weights, tmp_path / "joined"))
    assert joined.folds == ("2", "1") and joined.network == "fcn"
    for number, fold in enumerate("21"):
        of_fold = Embeddings.load(tmp_path / fold / "he.safetensors")
        np.testing.assert_array_equal(joined.values[number], of_fold.values[0])


@pytest.fixture(scope="module")
def trained(inputs: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FCN of fold 0, scaled by speaker."""
    stem = tmp_path_factory.mktemp("trained") / "fcn"
    told = json.dumps({**SETTINGS, "normalisation": "speaker"})
    call("train", "fcn", "--fold", "0", *inputs, "--settings", told, "--output", stem)
    return stem


def shifted(inputs: list[str], folder: Path, rows: slice, width: int = 384) -> Path:
    """The vectors with some utterances moved."""
    pack = Features.load(inputs[-1].partition("=")[2])
    values = [row[None, :width].copy() for row in pack.values]
    for row in values[rows]:
        row += 100
    Features.stack(pack.utterances, values, {}).save(folder / "shifted.safetensors")
    return folder / "shifted.safetensors"


def test_degraded_recordings_move_no_statistics(
    inputs: list[str], trained: Path, tmp_path: Path
) -> None:
    """Of a speaker's recordings the degraded ones alone are embedded elsewhere."""
    weights = [trained.with_name("fcn.weights.safetensors")]
    moved = {"is09": shifted(inputs, tmp_path, slice(0, 6)), "normalisation": "speaker"}
    degraded = Embeddings.load(embed(inputs, "fcn", weights, tmp_path / "d", **moved)).values[0]
    clean = Embeddings.load(trained.with_name("fcn.safetensors")).values[0]
    np.testing.assert_array_equal(degraded[6:], clean[6:])
    assert (degraded[:6] != clean[:6]).any(axis=1).all()


def test_other_features_are_refused_in_a_sentence(
    inputs: list[str], trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = trained.with_name("fcn.weights.safetensors")
    narrow = shifted(inputs, tmp_path, slice(0), width=100)
    words = ["embed-degraded", "fcn", *inputs, "--output", tmp_path / "out", "--weights"]
    for file, degraded, message in (
        (weights, f"is09={narrow}", "the features of degraded copies and utterances differ"),
        (weights, f"mfcc={narrow}", "stream fcn reads is09, which is missing"),
        (trained.with_name("fcn.safetensors"), inputs[-1], "contains no weights of a training"),
    ):
        assert main([str(word) for word in (*words, file, "--degraded", degraded)]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
