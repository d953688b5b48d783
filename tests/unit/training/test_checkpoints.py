"""A killed phase goes on from its checkpoint to the same bytes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.io import Features, read_tensors, write_csv
from sersnake.settings.recipe import Recipe
from sersnake.settings.schedule import Schedule
from sersnake.training.checkpoints import Checkpoint, identity
from sersnake.training.fold_training import FoldTraining
from sersnake.training.phase import Phase
from tests.unit.training.test_training import hard_frame, make_fold, silent

CHECKPOINT = "phase_1.0.checkpoint.safetensors"
SCHEDULE = Schedule(epochs=6, batch_size=8, learning_rate=1e-3, decay_epochs=3)


class KilledError(Exception):
    """Stands for the power cut."""


def kill_after(epoch: int) -> object:
    def report(row: dict[str, float]) -> None:
        if row["epoch"] > epoch:
            raise KilledError

    return report


def train(fold: FoldTraining, schedule: Schedule, path: Path | None, kill: int = 10**9) -> Phase:
    checkpoint = Checkpoint(path, "same", seconds=0) if path else None
    return fold.train(schedule, 0, kill_after(kill), checkpoint)  # type: ignore[arg-type]


def assert_same(one: tuple[FoldTraining, Phase], other: tuple[FoldTraining, Phase]) -> None:
    assert one[1].history == other[1].history
    assert one[1].epochs == other[1].epochs
    np.testing.assert_array_equal(one[1].misclassified, other[1].misclassified)
    left, right = one[0].state(), other[0].state()
    assert left.keys() == right.keys()
    assert all(left[name].tobytes() == right[name].tobytes() for name in left)
    assert one[0].embed().tobytes() == other[0].embed().tobytes()


@pytest.mark.parametrize("network", ["acln", "fcn", "fused"])
@pytest.mark.parametrize("epoch", [1, 4])
def test_resumed_training_ends_with_the_same_bytes(
    network: str, epoch: int, tmp_path: Path
) -> None:
    whole, killed, resumed = make_fold(network), make_fold(network), make_fold(network)
    path = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KilledError):
        train(killed, SCHEDULE, path, kill=epoch)
    seen: list[float] = []
    again = resumed.train(
        SCHEDULE, 0, lambda row: seen.append(row["epoch"]), Checkpoint(path, "same", 0)
    )
    assert seen == list(range(epoch + 1, 7))
    assert_same((whole, train(whole, SCHEDULE, None)), (resumed, again))


@pytest.mark.parametrize("epoch", [1, 4])
def test_resumed_training_by_another_recipe_ends_with_the_same_bytes(
    epoch: int, tmp_path: Path
) -> None:
    """Killed before and among the epochs that are counted; with a curve."""
    recipe = Recipe(
        frame_mask=0.2,
        counting="evaluation",
        counted_epochs=3,
        normalisation="speaker",
        crop=20,
    )
    whole, killed, resumed = (make_fold("fused", recipe=recipe) for _ in range(3))
    checkpoint = Checkpoint(tmp_path / "checkpoint.safetensors", "same", seconds=0)
    kill = kill_after(epoch)
    with pytest.raises(KilledError):
        killed.train(SCHEDULE, 0, kill, checkpoint, curve=True)  # type: ignore[arg-type]
    again = resumed.train(SCHEDULE, 0, silent, checkpoint, curve=True)
    phase = whole.train(SCHEDULE, 0, silent, curve=True)
    assert_same((whole, phase), (resumed, again))
    assert again.counted == 3
    assert again.curve == phase.curve
    assert [row["epoch"] for row in again.curve] == [1, 2, 3, 4, 5, 6]


def test_resumed_retraining_ends_with_the_same_bytes(tmp_path: Path) -> None:
    hard = hard_frame([1] * 9 + [0] * 7, list(np.linspace(0.1, 1, 16)))
    path = tmp_path / "checkpoint.safetensors"
    runs = []
    for kill in (10**9, 8):
        fold = make_fold("acln")
        checkpoint = Checkpoint(path, "same", 0) if kill == 8 else None
        try:
            phase = fold.retrain(hard, SCHEDULE, 6, kill_after(kill), checkpoint)  # type: ignore[arg-type]
        except KilledError:
            fold = make_fold("acln")
            phase = fold.retrain(hard, SCHEDULE, 6, silent, checkpoint)
        runs.append((fold, phase))
    assert [row["epoch"] for row in runs[1][1].history] == [7, 8, 9, 10, 11, 12]
    assert_same(*runs)


def test_a_steady_phase_ends_where_it_would_have(tmp_path: Path) -> None:
    """The decay had begun before the kill; the checkpoint does not say so, the losses do."""
    steady = Schedule(100, 8, 1e-9, decay_epochs=4, steady_window=3, steady_tolerance=0.5)
    path = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KilledError):
        train(make_fold(), steady, path, kill=8)
    resumed, whole = make_fold(), make_fold()
    phase = train(resumed, steady, path)
    assert phase.epochs == 2 * 3 + 4
    assert_same((whole, train(whole, steady, None)), (resumed, phase))


def test_a_checkpoint_of_something_else_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    train(make_fold(), SCHEDULE, path)
    trainer = make_fold().trainer
    phase = Phase(np.zeros(24, dtype=np.int64))
    assert not Checkpoint(path, "other").restore(trainer, phase)
    assert not Checkpoint(tmp_path / "none", "same").restore(trainer, phase)
    assert phase.history == []
    assert Checkpoint(path, "same").restore(trainer, phase)
    assert len(phase.history) == 6


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_damaged_checkpoint_is_not_taken_up(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(content)
    phase = train(make_fold(), SCHEDULE, path)
    assert phase.epochs == 6
    assert len(read_tensors(path)[1]["history"]) == 6


def test_checkpoints_keep_their_distance(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    fold = make_fold()
    fold.train(SCHEDULE, 0, silent, Checkpoint(path, "same", seconds=3600))
    assert not path.exists()


def test_settings_and_files_decide_the_identity(tmp_path: Path) -> None:
    file = tmp_path / "folds.csv"
    file.write_text("a")
    first = identity({"seed": 0}, [file])
    assert identity({"seed": 0}, [file]) == first
    assert identity({"seed": 1}, [file]) != first
    file.write_text("b")
    assert identity({"seed": 0}, [file]) != first


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A fold of made-up features as files."""
    fold = make_fold("acln")
    labels = fold.labels
    names = fold.utterances
    rng = np.random.default_rng(0)
    emotions = [["angry", "happy", "neutral", "sad"][label] for label in labels.tolist()]
    parts = {"0": [i < 16 for i in range(len(names))], "1": [i >= 8 for i in range(len(names))]}
    folds = [
        pd.DataFrame({"fold": fold, "utterance": names, "part": np.where(train, "train", "test")})
        for fold, train in parts.items()
    ]
    frame = pd.DataFrame({"utterance": names, "emotion": emotions, "corpus": "demo"})
    write_csv(tmp_path / "manifest.csv", frame)
    write_csv(tmp_path / "folds.csv", pd.concat(folds))
    mfcc = [rng.normal(0, 1, (40, 13)).astype(np.float32) for _ in names]
    Features.stack(names, mfcc, {}).save(tmp_path / "mfcc.safetensors")
    return tmp_path


def command(inputs: Path, outputs: Path, epochs: int = 20) -> list[str]:
    files = {
        "manifest": inputs / "manifest.csv",
        "folds": inputs / "folds.csv",
        "output": outputs / "phase_1",
    }
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    options += ["--features", f"mfcc={inputs / 'mfcc.safetensors'}"]
    schedule = {"epochs": epochs, "decay_epochs": epochs, "checkpoint_seconds": 0}
    options += ["--settings", json.dumps(schedule)]
    return [sys.executable, "-m", "sersnake", "train", "acln", "--fold", "0", "1", *options]


@pytest.mark.slow
def test_kills_change_no_byte(inputs: Path, tmp_path: Path) -> None:
    """SIGKILL at moments that differ from run to run, in the middle of epochs and of writing.

    Of two folds, which are trained one after the other.
    """
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    subprocess.run(command(inputs, whole), check=True, capture_output=True)
    resumed = 0
    for pause in np.random.default_rng().uniform(0.05, 0.6, 2):
        process = subprocess.Popen(command(inputs, killed), stderr=subprocess.DEVNULL)
        before = bool(list(killed.glob("*.checkpoint.safetensors")))
        while process.poll() is None and not list(killed.glob("*.checkpoint.safetensors")):
            time.sleep(0.01)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        resumed += before
    subprocess.run(command(inputs, killed), check=True, capture_output=True)
    assert resumed
    names = sorted(path.name for path in whole.iterdir())
    assert sorted(path.name for path in killed.iterdir()) == names
    for path in whole.iterdir():
        assert path.read_bytes() == (killed / path.name).read_bytes(), path.name


def test_checkpoint_and_halves_are_gone_at_the_end(inputs: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "out"
    subprocess.run(command(inputs, outputs, epochs=2), check=True, capture_output=True)
    names = sorted(path.name for path in outputs.iterdir())
    assert not [name for name in names if "checkpoint" in name]
    for name in [CHECKPOINT, *names]:  # kills in the middle of writing
        (outputs / f".{Path(name).stem}.4711{Path(name).suffix}").write_bytes(b"half")
    subprocess.run(command(inputs, outputs, epochs=2), check=True, capture_output=True)
    assert sorted(path.name for path in outputs.iterdir()) == names
