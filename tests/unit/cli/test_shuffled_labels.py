"""Labels of a test set change what is scored, and nothing that is predicted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sersnake.cli import main
from sersnake.io import Features, write_csv

NAMES = [f"u{number:03d}" for number in range(192)]
SPEAKERS = np.repeat([f"s{number}" for number in range(8)], 24)
LABELS = np.tile(np.arange(3), 64)
TEST = np.arange(192) >= 144


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Features of speakers who are apart, two of whom are tested, and two manifests."""
    rng = np.random.default_rng(0)
    rows = 3 * np.eye(5)[LABELS] + np.repeat(rng.normal(0, 2, (8, 5)), 24, axis=0)
    rows += rng.normal(0, 1, (192, 5))
    Features.stack(NAMES, list(rows.astype(np.float32)[:, None]), {}).save(
        tmp_path / "mine.safetensors"
    )
    parts = np.where(TEST, "test", "train")
    folds = pd.DataFrame({"fold": "0", "utterance": NAMES, "part": parts})
    write_csv(tmp_path / "folds.csv", folds)
    emotions = np.array(["angry", "happy", "sad"])[LABELS]
    for name in ("as_they_are", "shuffled"):
        manifest = {"utterance": NAMES, "emotion": emotions, "speaker": SPEAKERS}
        corpora = np.where(TEST, "b", "a")
        write_csv(tmp_path / f"{name}.csv", pd.DataFrame(manifest).assign(corpus=corpora))
        emotions = emotions.copy()
        emotions[TEST] = rng.permutation(emotions[TEST])
    return tmp_path


@pytest.mark.parametrize(
    "enrolment",
    [
        *("{}", "{utterances: 10}", "{utterances: all}"),
        *("{utterances: 10, by: corpus}", "{utterances: all, by: corpus}"),
    ],
)
def test_predictions_do_not_see_them(files: Path, enrolment: str) -> None:
    predictions, metrics = [], []
    for name in ("as_they_are", "shuffled"):
        manifest = f"--manifest={files / name}.csv"
        output, scores = (files / f"{name}.{kind}.csv" for kind in ("predictions", "metrics"))
        more = [f"--folds={files}/folds.csv", "--set", f"{{enrolment: {enrolment}}}"]
        call = ["classify", str(files / "mine.safetensors"), "--system=mine_svm", "--fold=0"]
        assert main([*call, manifest, *more, f"--output={output}"]) == 0
        assert main(["score", str(output), manifest, f"--output={scores}"]) == 0
        predictions.append(pd.read_csv(output, dtype=str))
        metrics.append(pd.read_csv(scores)["value"])
    before, after = predictions
    assert not before["emotion"].equals(after["emotion"])
    assert before.drop(columns="emotion").equals(after.drop(columns="emotion"))
    assert metrics[0].mean() > metrics[1].mean() + 0.2


def test_networks_that_know_speakers_do_not_see_them(files: Path) -> None:
    streams = {"acln": None, "fcn": {"features": "mine"}}
    settings = {"normalisation": "enrolled", "enrolment": {"utterances": 10}, "streams": streams}
    settings |= {"epochs": 2, "learning_rate": 0.001, "device": "cpu"}
    for name in ("as_they_are", "shuffled"):
        where = [f"--manifest={files / name}.csv", f"--folds={files}/folds.csv", "--fold=0"]
        pack = f"mine={files}/mine.safetensors"
        call = ["train", "fcn", *where, "--features", pack, "--settings", json.dumps(settings)]
        assert main([*call, "--output", str(files / name)]) == 0
    for ending in (".safetensors", ".weights.safetensors", ".counts.csv", ".history.csv"):
        one, two = (files / f"{name}{ending}" for name in ("as_they_are", "shuffled"))
        assert one.read_bytes() == two.read_bytes()
    curves = [pd.read_csv(files / f"{name}.curve.csv") for name in ("as_they_are", "shuffled")]
    assert not curves[0].equals(curves[1])
